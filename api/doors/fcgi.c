#include "api/doors/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api/doors/connections.h"
#include "api/doors/first_run.h"
#include "api/doors/pulse.h"
#include "api/http/params.h"
#include "api/request_maintenance.h"
#include "db/base/clock.h"
#include "db/base/endpoint.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/settings.h"
#include "db/base/unixsock.h"
#include "db/chat/setup.h"

enum { BACKLOG = 512 };

/* Shared by all threads: set before they start. */
struct door {
	const struct api *api;
	struct pulse *pulse;
	struct request_queue *queue;
	struct connections *connections;
	int gone; /* readable when all requests are answered */
	int beats; /* as a daemon: see request_maintenance_beat */
};

struct handler_thread {
	struct door *door;
	int seat; /* of the pulse */
	pthread_t thread;
};

static const char *
variable(const char *name, void *arg)
{
	return fastcgi_variable(arg, name);
}

/* -1: the body is not as long as CONTENT_LENGTH says. */
static int
read_request(struct request *r, struct fastcgi_reader *f)
{
	int64_t length = params_length(variable, f);
	size_t len = f->body.len;

	params_read(r, variable, f);
	if (length == -2)
		return -1;
	if (length >= 0 && (int64_t)len > length)
		len = (size_t)length;
	if (length > (int64_t)len && len <= REQUEST_BODY_MAX)
		return -1;
	r->body = len > 0 ? f->body.p : NULL;
	r->len = len;
	return 0;
}

/* Without a store, and where it is public, the next process may do better. */
static struct reply
refuse(void)
{
	must(kill(getpid(), SIGTERM) == 0);
	return reply_problem(PROBLEM_NOT_SET_UP);
}

static struct reply
handle(const struct door *d, struct transfer *t)
{
	const struct api *api = d->api;
	struct request request = { 0 };

	if (read_request(&request, &t->request) != 0)
		return reply_problem(PROBLEM_MALFORMED_REQUEST);
	if (api->store == NULL ||
	    first_run_is_public(
		api->settings, variable("DOCUMENT_ROOT", &t->request)))
		return refuse();
	return api_handle(api, &request);
}

static void
serve(const struct door *d, struct transfer *t)
{
	t->reply = handle(d, t);
	transfer_render(t);
	if (transfer_send(t) != 0)
		t->unsent = 1;
}

static void
turn(void *arg)
{
	const struct door *d = arg;

	(void)connections_turn(d->connections, -1);
}

static void *
work(void *arg)
{
	const struct handler_thread *h = arg;
	const struct door *d = h->door;
	atomic_int_fast64_t *due = &d->pulse->due[h->seat];
	struct transfer *t;

	while ((t = request_queue_take(d->queue, turn, h->door)) != NULL) {
		atomic_store(due, clock_lease() + d->api->settings->hang_ms);
		if (!t->unsent)
			serve(d, t);
		if (t->unsent)
			api_unsent(d->api, &t->reply);
		if (t->unsent || t->sent == t->out.len) {
			transfer_close(t);
			t = NULL;
		}
		atomic_store(due, 0);
		request_queue_release(d->queue, t);
	}
	must(eventfd_write(d->gone, 1) == 0);
	return NULL;
}

int
fcgi_ends(void)
{
	sigset_t ends;
	int fd;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	must(pthread_sigmask(SIG_BLOCK, &ends, NULL) == 0);
	fd = signalfd(-1, &ends, SFD_CLOEXEC);
	must(fd >= 0);
	return fd;
}

/* Nothing lives only in memory, so breaking off is safe. */
static _Noreturn void
break_off(const struct door *d)
{
	log_warn("stopping took too long; requests are broken off",
	    "requests=%d", request_queue_busy(d->queue));
	_exit(0);
}

/* Waits until ENDS, and then until all requests are answered. */
static void
wait_for_end(const struct door *d, int ends)
{
	struct pollfd fds[] = {
		{ .fd = ends, .events = POLLIN },
		{ .fd = d->gone, .events = POLLIN },
	};
	int64_t until = INT64_MAX;

	while (fds[1].revents == 0) {
		int64_t rest = until - clock_lease();

		if (rest <= 0)
			break_off(d);
		if (d->beats)
			request_maintenance_beat(store_db(d->api->store));
		if (rest > REQUEST_MAINTENANCE_BEAT_MS)
			rest = REQUEST_MAINTENANCE_BEAT_MS;
		if (poll(fds, 2, (int)rest) <= 0 || fds[0].revents == 0)
			continue;
		fds[0].fd = -1;
		until = clock_lease() + d->api->settings->stop_ms;
		request_queue_stop(d->queue);
	}
}

static void
run_threads(struct door *d, int ends, struct worker_handoff *handoff)
{
	struct handler_thread handlers[PULSE_THREADS] = { 0 };
	const struct settings *settings = d->api->settings;
	int n = (int)settings->threads + 1;

	must(n <= PULSE_THREADS);
	for (int i = 0; i < n; i++) {
		handlers[i] = (struct handler_thread){ .door = d, .seat = i };
		must(pthread_create(
			 &handlers[i].thread, NULL, work, &handlers[i]) == 0);
	}
	log_info("listening", "door=fastcgi pid=%ld threads=%d address=%s",
	    (long)getpid(), n - 1, setup_api_at(settings));
	worker_handoff_ready(handoff);
	wait_for_end(d, ends);
	for (int i = 0; i < n; i++)
		must(pthread_join(handlers[i].thread, NULL) == 0);
}

int
fcgi_serve(const struct api *api, struct worker_handoff *handoff, int ends)
{
	struct pulse own = { 0 };
	struct door d = { .api = api,
		.pulse = &own,
		.beats =
		    handoff->socket != STDIN_FILENO && api->store != NULL };

	if (handoff->memory >= 0)
		d.pulse = pulse_map(handoff->memory);
	must(d.pulse != NULL);
	d.gone = eventfd(0, EFD_CLOEXEC);
	must(d.gone >= 0);
	/* Another process may be faster to accept. */
	must(fcntl(handoff->socket, F_SETFL, O_NONBLOCK) == 0);
	d.queue = request_queue_open((int)api->settings->threads);
	d.connections = connections_open(api->settings, d.queue,
	    handoff->socket, &d.pulse->due[PULSE_CONNECTIONS]);
	run_threads(&d, ends, handoff);
	connections_close(d.connections);
	request_queue_close(d.queue);
	if (d.pulse != &own)
		pulse_unmap(d.pulse);
	(void)close(d.gone);
	return 0;
}

int
fcgi_listen(const char *address)
{
	const char *path = unixsock_path(address);
	int fd;

	must(path != NULL); /* main.c has checked ADDRESS */
	fd = unixsock_listen(path, BACKLOG);
	if (fd < 0)
		log_error("cannot listen; see --listen",
		    "address=\"%s\" error=\"%s\" mend=\"%s\"", address,
		    strerror(errno), endpoint_mend(errno));
	return fd;
}
