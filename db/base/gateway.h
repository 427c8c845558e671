/*
 * gateway: whether a web server runs this process as a CGI program.
 *
 * RFC 3875 section 4.4 turns a query without "=" into command-line arguments,
 * so the arguments of a CGI program come from a stranger.  No program of ours
 * reads them there.  A client cannot choose the environment: the names of its
 * headers begin with HTTP_.
 */
#ifndef DB_BASE_GATEWAY_H
#define DB_BASE_GATEWAY_H

/* 1 when the environment is that of a CGI request. */
int gateway_is_cgi(void);

/*
 * For a program that must not be one: -1 and a line on stderr when
 * it is run by CGI, else 0.
 */
int gateway_refuse_cgi(void) __attribute__((warn_unused_result));

#endif
