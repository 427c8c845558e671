/* parlor-api: the REST API behind FastCGI, or as a CGI program. */

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "api/doors.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"

static void
usage(FILE *out)
{
	(void)fprintf(out,
	    "usage: parlor-api [-n] [--listen unix:/path] [--name value ...]\n"
	    "Started by a web server it finds out itself whether it is to\n"
	    "speak FastCGI or CGI.  -n checks the settings and ends.\n\n");
	settings_help(out);
}

static enum store_mode
mode(int fd)
{
	return fd < 0 ? STORE_DIRECT : STORE_THREAD;
}

/* The FastCGI socket, -1 for CGI, -2 when there is no door. */
static int
find_door(const struct settings *s)
{
	int fd;

	if (s->listen[0] != '\0') {
		fd = fcgi_listen(s->listen);
		return fd >= 0 ? fd : -2;
	}
	if (fcgi_is_socket(STDIN_FILENO))
		return STDIN_FILENO;
	if (getenv("GATEWAY_INTERFACE") != NULL)
		return -1;
	usage(stderr);
	return -2;
}

static int
serve(const struct settings *s, int fd)
{
	struct store_options options = { s->data, mode(fd), s->wal_pages };
	struct api api = { .settings = s };
	int status;

	if (store_open(&options, &api.store) != DB_OK)
		return 1;
	status = fd < 0 ? cgi_serve(&api) : fcgi_serve(&api, fd);
	store_close(api.store);
	return status;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	int n = settings_load(&settings, argc, argv), door;

	if (n < 0)
		return 2;
	if (n > 1 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return 0;
	}
	if (n > 1) {
		int check = strcmp(argv[1], "-n") == 0 && n == 2;

		if (!check)
			usage(stderr);
		return check ? 0 : 2;
	}
	log_threshold((enum log_level)settings.log);
	/* Tokens pass through memory: no core file, no tracing. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	/* A quota's end is an error of the write that meets it. */
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	door = find_door(&settings);
	return door == -2 ? 1 : serve(&settings, door);
}
