/* parlor-poller: event streams and, with --embed, all of Parlor. */

#include <signal.h>
#include <sys/prctl.h>

#include "api/http/mount.h"
#include "db/base/descriptors.h"
#include "db/base/gateway.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/version.h"
#include "db/chat/last_delivered.h"
#include "db/chat/schema.h"
#include "db/chat/setup.h"
#include "poller/deadline.h"
#include "poller/events_route.h"
#include "poller/health_route.h"
#include "poller/hub.h"
#include "poller/metrics.h"
#include "poller/page_files.h"
#include "poller/reaper.h"
#include "poller/rest_bridge.h"
#include "poller/stream_command.h"
#include "poller/server.h"
#include "poller/shutdown.h"
#include "poller/capacity.h"
#include "poller/connection_quota.h"
#include "poller/request_quota.h"
#include "poller/stream_quota.h"

static const char fallback[] = "127.0.0.1:8080";

/* The first and the last route exist only with --embed. */
static const struct server_route routes[] = {
	{ MOUNT_PREFIX "/", SERVER_HOLDS, SERVER_RAW, rest_bridge_answer },
	{ "/events", SERVER_ENDS, SERVER_READS, events_route_answer },
	{ "/health", SERVER_IS, SERVER_READS, health_route_answer },
	{ "/metrics", SERVER_IS, SERVER_READS, metrics_answer },
	{ "", SERVER_ANY, SERVER_RAW, page_files_answer },
};

enum { N_ROUTES = sizeof(routes) / sizeof(routes[0]) };
static const struct server_routes all_routes = { routes, N_ROUTES };
static const struct server_routes own_routes = { routes + 1, N_ROUTES - 2 };

struct options {
	int embed, check, help, version;
};

static void
print_usage(void)
{
	(void)printf(
	    "usage: parlor-poller [-n] [--embed] [--listen address]"
	    " [--name value ...]\n"
	    "\n"
	    "The event streams: Server-Sent Events and long polls.\n"
	    "\n"
	    "  --embed    answer the REST API and serve the page as well\n"
	    "  -n         check the settings and exit\n"
	    "  --version  print the version\n"
	    "\n"
	    "Settings: options, PARLOR_NAME in the environment, or lines of\n"
	    "parlor.conf. --default-NAME VALUE gives a default that all of\n"
	    "these override.\n");
	settings_help(stdout, SETTINGS_POLLER);
}

static int
read_options(struct options *o, int n, char **argv)
{
	for (int i = 1; i < n; i++)
		if (strcmp(argv[i], "--embed") == 0)
			o->embed = 1;
		else if (strcmp(argv[i], "-n") == 0)
			o->check = 1;
		else if (strcmp(argv[i], "--help") == 0)
			o->help = 1;
		else if (strcmp(argv[i], "--version") == 0)
			o->version = 1;
		else {
			log_error("no such option; see --help", "option=\"%s\"",
			    argv[i]);
			return -1;
		}
	return 0;
}

static void
wait_for_end(const sigset_t *ends)
{
	int signal;

	while (sigwait(ends, &signal) != 0)
		continue;
	log_info("stopping", "signal=%d", signal);
}

/* Starts from the store to the socket, and stops in the opposite order. */
static int
serve(struct service *s, const sigset_t *ends, struct shutdown **shutdown)
{
	const struct settings *settings = s->settings;
	struct command_handler commands = { stream_command_run, s };
	struct hub_quotas quotas = { s->quota, s->requests };
	struct server *server = NULL;
	int status = 1;

	s->notes.of_streams =
	    last_delivered_open(s->store, s->capacity.streams);
	s->notes.of_polls = last_delivered_open(s->store, s->capacity.streams);
	if (hub_start(s->store, settings, &quotas, &s->notes, &commands,
		&s->hub) == DB_OK &&
	    reaper_start(s->store, settings, s->hub, &s->reaper) == DB_OK)
		server = server_start(
		    s, s->rest != NULL ? &all_routes : &own_routes, fallback);
	store_rest(s->store);
	if (server != NULL) {
		wait_for_end(ends);
		*shutdown = shutdown_begin(settings);
		hub_say_goodbye(s->hub);
		status = 0;
	}
	server_stop(server);
	hub_stop(s->hub);
	reaper_stop(s->reaper);
	last_delivered_close(s->notes.of_streams);
	last_delivered_close(s->notes.of_polls);
	return status;
}

static int
run(const struct settings *settings, const struct options *o,
    const sigset_t *ends)
{
	struct store_options options = schema_options(settings, STORE_THREAD);
	struct service s = { .settings = settings,
		.capacity = capacity_of(settings, descriptors_limit()) };
	struct stream_quota_limits limits = { s.capacity.streams,
		settings->streams_per_token, s.capacity.streams_per_address };
	struct shutdown *shutdown = NULL;
	int status;

	if (store_open(&options, &s.store) != DB_OK)
		return 1;
	capacity_log(&s.capacity, settings);
	s.quota = stream_quota_open(&limits);
	s.connections =
	    connection_quota_open(s.capacity.connections_per_address);
	s.requests = request_quota_open(settings);
	s.deadlines = deadlines_start(
	    settings->request_deadline_ms, settings->answer_bytes_s);
	if (o->embed)
		s.rest = rest_bridge_open(s.store, settings);
	status = serve(&s, ends, &shutdown);
	rest_bridge_close(s.rest);
	deadlines_stop(s.deadlines);
	request_quota_close(s.requests);
	connection_quota_close(s.connections);
	stream_quota_close(s.quota);
	store_close(s.store);
	shutdown_done(shutdown);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct settings settings;
	sigset_t ends;
	int n;

	if (gateway_refuse_cgi() != 0)
		return 2;
	n = settings_load(&settings, argc, argv);
	if (n < 0 || read_options(&options, n, argv) != 0)
		return 2;
	if (options.help || options.version) {
		if (options.help)
			print_usage();
		else
			(void)puts("parlor-poller " PARLOR_VERSION);
		return 0;
	}
	log_threshold((enum log_level)settings.log);
	settings_log_overruled();
	if (setup_check(&settings) != 0)
		return 2;
	if (options.check) {
		setup_say_usable();
		return 0;
	}
	/* Tokens pass through memory: no core file, no tracing. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	/* A stream takes a descriptor. */
	descriptors_raise();
	must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	/*
	 * At the file size limit a write fails instead of killing the process.
	 */
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	/* Before any thread starts, so that all threads block these signals. */
	must(pthread_sigmask(SIG_BLOCK, &ends, NULL) == 0);
	return run(&settings, &options, &ends);
}
