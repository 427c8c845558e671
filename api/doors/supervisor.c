#include "api/doors/supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/doors/fcgi.h"
#include "api/doors/worker.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/chat/setup.h"

enum {
	WORKERS_MAX = 64,
	CHILDREN_MAX = 3 * WORKERS_MAX, /* with those that are ending */
	START_MS = 30000, /* a worker serves by then */
	EARLY_MS = 1000, /* an earlier death is followed by a pause */
	PAUSE_MIN_MS = 100,
	PAUSE_MAX_MS = 5000,
	LOOK_MIN_MS = 20,
	LOOK_MAX_MS = 1000
};

enum stage { EMPTY, STARTING, SERVING, LEAVING, N_STAGES };

struct child {
	enum stage stage;
	int stale; /* started before the last SIGHUP */
	struct worker worker;
	int64_t began; /* all times are lease ms */
	int64_t until; /* killed if still in this stage then */
	int64_t suspect; /* its overdue deadline, as of the last check */
};

struct supervisor {
	struct settings *settings;
	int argc;
	char **argv;
	char program[PATH_MAX];
	int socket; /* listens */
	int signals;
	struct child children[CHILDREN_MAX];
	int64_t pause; /* between starts; 0: no early death */
	int64_t next; /* no start before */
	int64_t look; /* when to check for hung workers */
	int64_t settled; /* since when all serve and none is stale; 0: not */
	int served; /* a worker has served at least once */
	int stopping;
	int status;
};

#define FOREACH_CHILD(c, s)                   \
	for (struct child *c = (s)->children; \
	     c < (s)->children + CHILDREN_MAX; c++)

static int64_t
look_ms(const struct supervisor *s)
{
	int64_t ms = s->settings->hang_ms / 4;

	if (ms < LOOK_MIN_MS)
		return LOOK_MIN_MS;
	return ms < LOOK_MAX_MS ? ms : LOOK_MAX_MS;
}

static void
leave(struct child *c, int signal, int64_t until)
{
	must(kill(c->worker.pid, signal) == 0);
	c->stage = LEAVING;
	c->until = until;
}

static void
retire(const struct supervisor *s, struct child *c)
{
	leave(c, SIGTERM, clock_lease() + s->settings->stop_ms);
}

/* Delays further starts after an early death or a failed start. */
static void
back_off(struct supervisor *s)
{
	int64_t now = clock_lease();

	/* A death during the pause has the same cause. */
	if (now < s->next)
		return;
	s->pause = s->pause > 0 ? 2 * s->pause : PAUSE_MIN_MS;
	if (s->pause > PAUSE_MAX_MS)
		s->pause = PAUSE_MAX_MS;
	s->next = now + s->pause;
}

/* After workers have served for a while, pauses begin at the shortest again. */
static void
unsettle(struct supervisor *s)
{
	if (s->settled > 0 && clock_lease() - s->settled > EARLY_MS)
		s->pause = 0;
	s->settled = 0;
}

static void
start(struct supervisor *s, struct child *c)
{
	*c = (struct child){ .stage = EMPTY };
	if (worker_start(&c->worker, s->program, s->argv, s->socket) != 0) {
		back_off(s);
		return;
	}
	c->stage = STARTING;
	c->began = clock_lease();
	c->until = c->began + START_MS;
	unsettle(s);
}

/* A worker ended before it served, or did not serve in time. */
static void
start_failed(struct supervisor *s)
{
	int stale = 0;

	back_off(s);
	FOREACH_CHILD (c, s)
		if (c->stage == SERVING && c->stale) {
			stale++;
			c->stale = 0;
		}
	if (stale > 0)
		log_error("no new worker could serve; the old ones stay",
		    "workers=%d", stale);
}

static void
close_child(struct supervisor *s, struct child *c, int status)
{
	struct child was = *c;

	worker_close(&was.worker);
	c->stage = EMPTY;
	if (was.stage == LEAVING)
		return;
	log_warn("worker ended; another takes its place",
	    "pid=%ld %s=%d after_ms=%" PRId64, (long)was.worker.pid,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    clock_lease() - was.began);
	if (was.stage == STARTING && !s->served && WIFEXITED(status)) {
		/* The worker has logged what is wrong. */
		s->stopping = 1;
		s->status = WEXITSTATUS(status);
	} else if (was.stage == STARTING) {
		start_failed(s);
	} else if (clock_lease() - was.began < EARLY_MS) {
		back_off(s);
	} else {
		s->pause = 0;
	}
}

static void
reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		FOREACH_CHILD (c, s)
			if (c->stage != EMPTY && c->worker.pid == pid)
				close_child(s, c, status);
}

static void
note_ready(struct supervisor *s)
{
	FOREACH_CHILD (c, s) {
		if (c->stage == EMPTY || !worker_has_begun(&c->worker) ||
		    c->stage != STARTING)
			continue;
		c->stage = SERVING;
		c->until = INT64_MAX;
		s->served = 1;
	}
}

static void
kill_overdue(struct supervisor *s)
{
	int64_t now = clock_lease();

	FOREACH_CHILD (c, s) {
		if (c->stage == EMPTY || c->until > now)
			continue;
		log_warn("worker killed", "pid=%ld because=\"%s\"",
		    (long)c->worker.pid,
		    c->stage == STARTING ? "it did not serve in time" :
					   "it did not stop in time");
		if (c->stage == STARTING)
			start_failed(s);
		leave(c, SIGKILL, INT64_MAX);
	}
}

/*
 * A worker that is overdue at two checks in a row hangs.  After a single check
 * the whole machine may have been suspended.
 */
static void
kill_hung(struct supervisor *s)
{
	int64_t now = clock_lease(), first = INT64_MAX;
	struct child *hung = NULL;

	if (now < s->look)
		return;
	s->look = now + look_ms(s);
	FOREACH_CHILD (c, s) {
		int64_t due;

		if (c->stage != SERVING)
			continue;
		due = pulse_due(c->worker.pulse);
		if (due != 0 && due < now && due == c->suspect && due < first) {
			hung = c;
			first = due;
		}
		c->suspect = due < now ? due : 0;
	}
	if (hung == NULL)
		return;
	log_error("worker killed; another takes its place",
	    "pid=%ld because=\"a request is stuck\" hang_ms=%" PRId64
	    " overdue_ms=%" PRId64,
	    (long)hung->worker.pid, s->settings->hang_ms, now - first);
	leave(hung, SIGKILL, INT64_MAX);
}

static void
stop(struct supervisor *s)
{
	FOREACH_CHILD (c, s)
		if (c->stage == STARTING || c->stage == SERVING)
			retire(s, c);
}

/* Takes the new settings, unless they are wrong or need a restart. */
static void
reload(struct supervisor *s)
{
	struct settings fresh;
	const char *why = NULL;

	if (settings_load(&fresh, s->argc, s->argv) < 0)
		why = "the new ones are wrong";
	else if (fresh.workers == 0 ||
	    strcmp(setup_api_at(&fresh), setup_api_at(s->settings)) != 0)
		why = "where it listens, and workers to 0, take a restart";
	if (why != NULL) {
		log_error("reload refused; the old settings stay",
		    "because=\"%s\"", why);
		return;
	}
	*s->settings = fresh;
	log_threshold((enum log_level)fresh.log);
	settings_log_overruled();
	log_info("reloading", "workers=%" PRId64, fresh.workers);
	unsettle(s);
	FOREACH_CHILD (c, s)
		c->stale = 1;
}

static void
take_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(s);
		else if (info.ssi_signo != SIGCHLD && !s->stopping) {
			log_info("stopping", "signal=%u", info.ssi_signo);
			s->stopping = 1;
		}
	}
}

/* A worker that should end: a stale one if there is any, else the oldest. */
static struct child *
spare(struct supervisor *s)
{
	struct child *found = NULL;

	FOREACH_CHILD (c, s)
		if (c->stage == SERVING &&
		    (found == NULL || c->stale > found->stale ||
			(c->stale == found->stale && c->began < found->began)))
			found = c;
	return found;
}

static void
start_some(struct supervisor *s, int64_t n)
{
	FOREACH_CHILD (c, s)
		if (n > 0 && c->stage == EMPTY && clock_lease() >= s->next) {
			start(s, c);
			n--;
		}
}

/* Starts or ends workers until there are as many as wanted, none stale. */
static void
adjust(struct supervisor *s)
{
	int64_t wanted = s->settings->workers, missing;
	int n[N_STAGES] = { 0 }, stale = 0;

	FOREACH_CHILD (c, s) {
		n[c->stage]++;
		stale += c->stage == SERVING && c->stale;
	}
	for (; n[SERVING] > wanted; n[SERVING]--) {
		struct child *c = spare(s);

		stale -= c->stale;
		retire(s, c);
	}
	missing = wanted - n[SERVING] - n[STARTING];
	/* The next replacement of a reload. */
	if (stale > 0 && missing == 0 && n[STARTING] == 0)
		missing = 1;
	start_some(s, missing);
	if (s->settled == 0 && stale == 0 && n[SERVING] == wanted) {
		s->settled = clock_lease();
		log_info("workers are ready", "workers=%" PRId64, wanted);
	}
}

/* Waits for an event or for the next time limit. */
static void
wait_for_more(const struct supervisor *s)
{
	struct pollfd fds[1 + CHILDREN_MAX] = { { s->signals, POLLIN, 0 } };
	int64_t now = clock_lease(), until = now + look_ms(s);

	for (int i = 0; i < CHILDREN_MAX; i++) {
		const struct child *c = &s->children[i];
		int there = c->stage != EMPTY;

		fds[1 + i].fd = there ? c->worker.ready : -1;
		fds[1 + i].events = POLLIN;
		if (there && c->until < until)
			until = c->until;
	}
	if (s->next > now && s->next < until)
		until = s->next;
	(void)poll(fds, 1 + CHILDREN_MAX, until > now ? (int)(until - now) : 0);
}

static int
any_left(struct supervisor *s)
{
	FOREACH_CHILD (c, s)
		if (c->stage != EMPTY)
			return 1;
	return 0;
}

static void
run(struct supervisor *s)
{
	adjust(s);
	while (!s->stopping || any_left(s)) {
		wait_for_more(s);
		take_signals(s);
		note_ready(s);
		reap(s);
		kill_overdue(s);
		if (s->stopping) {
			stop(s);
		} else {
			kill_hung(s);
			adjust(s);
		}
	}
}

/* The program's path, where a new version may be installed later. */
static void
find_program(struct supervisor *s)
{
	ssize_t n =
	    readlink("/proc/self/exe", s->program, sizeof(s->program) - 1);

	must(n > 0);
	s->program[n] = '\0';
}

static int
open_signals(void)
{
	sigset_t ours;
	int fd;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigaddset(&ours, SIGCHLD);
	must(sigprocmask(SIG_BLOCK, &ours, NULL) == 0);
	fd = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	must(fd >= 0);
	return fd;
}

int
supervisor_run(struct settings *settings, int argc, char **argv)
{
	struct supervisor s = {
		.settings = settings, .argc = argc, .argv = argv
	};

	s.socket = fcgi_listen(setup_api_at(settings));
	if (s.socket < 0)
		return 1;
	find_program(&s);
	s.signals = open_signals();
	run(&s);
	(void)close(s.signals);
	(void)close(s.socket);
	return s.status;
}
