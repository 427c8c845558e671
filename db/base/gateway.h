/*
 * gateway: whether a web server runs this process as a CGI program.
 *
 * RFC 3875 section 4.4 turns a query without "=" into command-line arguments,
 * so a stranger chooses the arguments of a CGI program.  No program of ours
 * reads them there.  The environment is safe: a client chooses only variables
 * whose names begin with HTTP_.
 */
#ifndef DB_BASE_GATEWAY_H
#define DB_BASE_GATEWAY_H

/* 1 when the environment is that of a CGI request. */
int gateway_is_cgi(void);

/*
 * For programs that must not run as CGI: -1 with a line on stderr when this
 * process runs as CGI, else 0.
 */
int gateway_refuse_cgi(void) __attribute__((warn_unused_result));

#endif
