#include "api/doors/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/doors/doors.h"
#include "api/doors/worker_handoff.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/chat/setup.h"

enum {
	WORKERS_MAX = 64,
	CHILDREN_MAX =
	    3 * WORKERS_MAX, /* with those that are on their way out */
	START_MS = 30000, /* a worker serves by then */
	EARLY_MS = 1000, /* a death before that makes a pause */
	PAUSE_MIN_MS = 100,
	PAUSE_MAX_MS = 5000,
	LOOK_MIN_MS = 20,
	LOOK_MAX_MS = 1000,
	CANNOT_EXECUTE = 126
};

enum stage { NOBODY, STARTING, SERVING, LEAVING, N_STAGES };

struct child {
	enum stage stage;
	int stale; /* started before the last SIGHUP */
	pid_t pid;
	int ready; /* hears one byte from it; -1: has heard it */
	int64_t began; /* all times are lease ms */
	int64_t until; /* killed if it is in this stage still */
	int64_t suspect; /* by when it should have moved on, at the last look */
	struct pulse *pulse;
};

struct supervisor {
	struct settings *settings;
	int argc;
	char **argv;
	char program[PATH_MAX];
	int socket; /* listens */
	int signals;
	struct child children[CHILDREN_MAX];
	int64_t pause; /* between starts; 0: nobody died early */
	int64_t next; /* no start before */
	int64_t look; /* when to look for hung workers */
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
	must(kill(c->pid, signal) == 0);
	c->stage = LEAVING;
	c->until = until;
}

static void
retire(const struct supervisor *s, struct child *c)
{
	leave(c, SIGTERM, clock_lease() + s->settings->stop_ms);
}

/* Starts come slower after a death that was early or a start that failed. */
static void
back_off(struct supervisor *s)
{
	int64_t now = clock_lease();

	/* One that died during the pause is of the same trouble. */
	if (now < s->next)
		return;
	s->pause = s->pause > 0 ? 2 * s->pause : PAUSE_MIN_MS;
	if (s->pause > PAUSE_MAX_MS)
		s->pause = PAUSE_MAX_MS;
	s->next = now + s->pause;
}

static void
execute(
    const struct supervisor *s, const struct worker_handoff *post, pid_t self)
{
	sigset_t none;

	/* SIGTERM stays blocked until the worker can end well. */
	(void)sigemptyset(&none);
	(void)sigaddset(&none, SIGCHLD);
	must(sigprocmask(SIG_UNBLOCK, &none, NULL) == 0);
	worker_handoff_hand(post, self);
	(void)execv(s->program, s->argv);
	log_error("worker cannot be executed", "program=\"%s\" error=\"%s\"",
	    s->program, strerror(errno));
	_exit(CANNOT_EXECUTE);
}

/* A child with POST, whose pipe ends here at READY; -1: errno says why. */
static int
spawn(struct supervisor *s, struct child *c, const struct worker_handoff *post)
{
	pid_t self = getpid();

	c->pulse = worker_handoff_map(post->memory);
	if (c->pulse == NULL)
		return -1;
	c->pid = fork();
	if (c->pid == 0)
		execute(s, post, self);
	if (c->pid < 0) {
		worker_handoff_unmap(c->pulse);
		return -1;
	}
	c->stage = STARTING;
	c->began = clock_lease();
	c->until = c->began + START_MS;
	return 0;
}

/* Who had served for a while is no part of the next trouble. */
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
	struct worker_handoff post = { s->socket, worker_handoff_memory(), -1 };
	int ends[2] = { -1, -1 };

	*c = (struct child){ .ready = -1 };
	if (post.memory >= 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
		c->ready = ends[0];
		post.ready = ends[1];
		if (spawn(s, c, &post) == 0)
			unsettle(s);
	}
	if (c->stage == NOBODY) {
		log_error("worker cannot be started", "error=\"%s\"",
		    strerror(errno));
		if (c->ready >= 0)
			(void)close(c->ready);
		back_off(s);
	}
	if (post.ready >= 0)
		(void)close(post.ready);
	if (post.memory >= 0)
		(void)close(post.memory);
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
bury(struct supervisor *s, struct child *c, int status)
{
	struct child was = *c;

	if (was.ready >= 0)
		(void)close(was.ready);
	worker_handoff_unmap(was.pulse);
	c->stage = NOBODY;
	if (was.stage == LEAVING)
		return;
	log_warn("worker ended; another takes its place",
	    "pid=%ld %s=%d after_ms=%" PRId64, (long)was.pid,
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    clock_lease() - was.began);
	if (was.stage == STARTING && !s->served && WIFEXITED(status)) {
		/* What is wrong was said by the worker. */
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
			if (c->stage != NOBODY && c->pid == pid)
				bury(s, c, status);
}

static void
hear_ready(struct supervisor *s)
{
	FOREACH_CHILD (c, s) {
		char byte;
		ssize_t n;

		if (c->stage == NOBODY || c->ready < 0)
			continue;
		n = read(c->ready, &byte, 1);
		if (n < 0)
			continue;
		(void)close(c->ready);
		c->ready = -1;
		/* Without a byte it has ended, and is buried soon. */
		if (n == 0 || c->stage != STARTING)
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
		if (c->stage == NOBODY || c->until > now)
			continue;
		log_warn("worker killed", "pid=%ld because=\"%s\"",
		    (long)c->pid,
		    c->stage == STARTING ? "it did not serve in time" :
					   "it did not stop in time");
		if (c->stage == STARTING)
			start_failed(s);
		leave(c, SIGKILL, INT64_MAX);
	}
}

/*
 * Who is overdue at two looks is hung: at the first alone it may be that the
 * whole machine has stood still.
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
		due = pulse_due(c->pulse);
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
	    (long)hung->pid, s->settings->hang_ms, now - first);
	leave(hung, SIGKILL, INT64_MAX);
}

static void
stop(struct supervisor *s)
{
	FOREACH_CHILD (c, s)
		if (c->stage == STARTING || c->stage == SERVING)
			retire(s, c);
}

/* The new settings, unless they are wrong or ask for what cannot be done. */
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
		if (n > 0 && c->stage == NOBODY && clock_lease() >= s->next) {
			start(s, c);
			n--;
		}
}

/* Brings what there is closer to what is wanted. */
static void
settle(struct supervisor *s)
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
	/* The next one of a reload. */
	if (stale > 0 && missing == 0 && n[STARTING] == 0)
		missing = 1;
	start_some(s, missing);
	if (s->settled == 0 && stale == 0 && n[SERVING] == wanted) {
		s->settled = clock_lease();
		log_info("workers are ready", "workers=%" PRId64, wanted);
	}
}

/* Until something happens, or it is time for something. */
static void
wait_for_more(const struct supervisor *s)
{
	struct pollfd fds[1 + CHILDREN_MAX] = { { s->signals, POLLIN, 0 } };
	int64_t now = clock_lease(), until = now + look_ms(s);

	for (int i = 0; i < CHILDREN_MAX; i++) {
		const struct child *c = &s->children[i];
		int there = c->stage != NOBODY;

		fds[1 + i].fd = there ? c->ready : -1;
		fds[1 + i].events = POLLIN;
		if (there && c->until < until)
			until = c->until;
	}
	if (s->next > now && s->next < until)
		until = s->next;
	(void)poll(fds, 1 + CHILDREN_MAX, until > now ? (int)(until - now) : 0);
}

static int
anybody(struct supervisor *s)
{
	FOREACH_CHILD (c, s)
		if (c->stage != NOBODY)
			return 1;
	return 0;
}

static void
supervise(struct supervisor *s)
{
	settle(s);
	while (!s->stopping || anybody(s)) {
		wait_for_more(s);
		take_signals(s);
		hear_ready(s);
		reap(s);
		kill_overdue(s);
		if (s->stopping) {
			stop(s);
		} else {
			kill_hung(s);
			settle(s);
		}
	}
}

/* The program's path: a new program may stand there later. */
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
	supervise(&s);
	(void)close(s.signals);
	(void)close(s.socket);
	return s.status;
}
