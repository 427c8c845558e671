/* parlor-api: the REST API behind FastCGI, or as a CGI program. */

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "api/doors/cgi.h"
#include "api/doors/fcgi.h"
#include "api/doors/first_run.h"
#include "api/doors/supervisor.h"
#include "db/base/descriptors.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"
#include "db/base/unixsock.h"
#include "db/base/version.h"
#include "db/chat/setup.h"
#include "db/chat/schema.h"

static void
print_usage(void)
{
	(void)printf(
	    "usage: parlor-api [-n] [--listen unix:/path] [--name value ...]\n"
	    "\n"
	    "The REST API. Started by a web server, it detects whether to\n"
	    "speak FastCGI or CGI. With --listen it serves FastCGI on a unix\n"
	    "socket; --workers N runs N processes, replaces those that die or\n"
	    "hang, and replaces all of them, one by one, on SIGHUP.\n"
	    "\n"
	    "  -n         check the settings and exit\n"
	    "  --version  print the version\n"
	    "\n"
	    "Settings: options, PARLOR_NAME in the environment, or lines of\n"
	    "parlor.conf. --default-NAME VALUE gives a default that all of\n"
	    "these override.\n");
	settings_help(stdout, SETTINGS_API);
}

static enum store_mode
mode(int fd)
{
	return fd < 0 ? STORE_REQUEST : STORE_THREAD;
}

/* Finds the source of requests; -1: there is none. */
static int
find_door(const struct settings *s, struct worker_handoff *handoff)
{
	int handed = worker_handoff_take(handoff);

	if (handed != 0)
		return handed > 0 ? 0 : -1;
	*handoff =
	    (struct worker_handoff){ .socket = -1, .memory = -1, .ready = -1 };
	if (gateway_is_cgi())
		return 0;
	if (unixsock_is_listening(STDIN_FILENO)) {
		handoff->socket = STDIN_FILENO;
		return 0;
	}
	if (setup_api_at(s)[0] != '\0') {
		handoff->socket = fcgi_listen(setup_api_at(s));
		return handoff->socket >= 0 ? 0 : -1;
	}
	log_error("no web server has started this; give it a socket,"
		  " or see --help",
	    "listen=%s", "unix:/path");
	return -1;
}

static int
serve(const struct settings *s, struct worker_handoff *handoff)
{
	struct store_options options = schema_options(s, mode(handoff->socket));
	/* Before the store starts a thread, so that all threads block them. */
	int ends = handoff->socket < 0 ? -1 : fcgi_ends();
	struct api api = { .settings = s };
	int status;

	if (first_run_migrate(s, getenv("DOCUMENT_ROOT")) != 0 ||
	    store_open(&options, &api.store) != DB_OK)
		api.store = NULL;
	if (api.store == NULL && !s->auto_migrate)
		return 1;
	status = ends < 0 ? cgi_serve(&api) : fcgi_serve(&api, handoff, ends);
	store_close(api.store);
	return status;
}

/* A web server that started this process sends the requests. */
static int
started_by_server(void)
{
	return gateway_is_cgi() || unixsock_is_listening(STDIN_FILENO);
}

/* This process supervises workers and serves no requests itself. */
static int
wants_workers(const struct settings *s)
{
	return s->workers > 0 && *setup_api_at(s) != '\0' &&
	    !started_by_server() && !worker_handoff_is_handed();
}

static int
usable(const struct settings *s)
{
	const char *listen = setup_api_at(s);

	if (setup_check(s) != 0)
		return 0;
	if (started_by_server() || *listen == '\0' ||
	    unixsock_path(listen) != NULL)
		return 1;
	log_error("parlor-api listens only on a unix socket; set api_listen to"
		  " unix:/path (listen is then the poller's)",
	    "listen=\"%s\"", listen);
	return 0;
}

static int
check(const struct settings *s)
{
	settings_log_overruled();
	if (!usable(s))
		return 2;
	setup_say_usable();
	return 0;
}

int
main(int argc, char **argv)
{
	struct settings settings;
	struct worker_handoff handoff;
	int n = settings_load(&settings, argc, argv);

	if (n < 0)
		return 2;
	if (n > 1 && strcmp(argv[1], "--help") == 0) {
		print_usage();
		return 0;
	}
	if (n == 2 && strcmp(argv[1], "--version") == 0) {
		(void)puts("parlor-api " PARLOR_VERSION);
		return 0;
	}
	if (n == 2 && strcmp(argv[1], "-n") == 0)
		return check(&settings);
	if (n > 1) {
		log_error(
		    "no such option; see --help", "option=\"%s\"", argv[1]);
		return 2;
	}
	log_threshold((enum log_level)settings.log);
	if (!usable(&settings))
		return 2;
	/* Workers would repeat what their supervisor has already logged. */
	if (!gateway_is_cgi() && !worker_handoff_is_handed())
		settings_log_overruled();
	/* Tokens pass through memory: no core file, no tracing. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	/* A request takes two, and each thread's database some. */
	descriptors_raise();
	must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	/*
	 * At the file size limit a write fails instead of killing the process.
	 */
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	if (wants_workers(&settings))
		return supervisor_run(&settings, argc, argv);
	return find_door(&settings, &handoff) == 0 ?
	    serve(&settings, &handoff) :
	    1;
}
