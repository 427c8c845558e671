#include "api/doors/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "api/doors/worker_handoff.h"
#include "db/base/log.h"
#include "db/base/must.h"

enum { CANNOT_EXECUTE = 126 };

static _Noreturn void
execute(const char *program, char **argv, const struct worker_handoff *h,
    pid_t supervisor)
{
	sigset_t chld;

	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	must(sigprocmask(SIG_UNBLOCK, &chld, NULL) == 0);
	worker_handoff_hand(h, supervisor);
	(void)execv(program, argv);
	log_error("worker cannot be executed", "program=\"%s\" error=\"%s\"",
	    program, strerror(errno));
	_exit(CANNOT_EXECUTE);
}

/* -1: errno says why. */
static int
spawn(struct worker *w, const char *program, char **argv,
    const struct worker_handoff *h)
{
	pid_t self = getpid();

	w->pulse = pulse_map(h->memory);
	if (w->pulse == NULL)
		return -1;
	w->pid = fork();
	if (w->pid == 0)
		execute(program, argv, h, self);
	if (w->pid > 0)
		return 0;
	pulse_unmap(w->pulse);
	return -1;
}

int
worker_start(struct worker *w, const char *program, char **argv, int socket)
{
	struct worker_handoff h = { socket, pulse_memory(), -1 };
	int ends[2] = { -1, -1 }, rc = -1;

	*w = (struct worker){ .ready = -1 };
	if (h.memory >= 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
		w->ready = ends[0];
		h.ready = ends[1];
		rc = spawn(w, program, argv, &h);
	}
	if (rc != 0) {
		log_error("worker cannot be started", "error=\"%s\"",
		    strerror(errno));
		if (w->ready >= 0)
			(void)close(w->ready);
	}
	if (h.ready >= 0)
		(void)close(h.ready);
	if (h.memory >= 0)
		(void)close(h.memory);
	return rc;
}

int
worker_has_begun(struct worker *w)
{
	char byte;
	ssize_t n;

	if (w->ready < 0)
		return 0;
	n = read(w->ready, &byte, 1);
	if (n < 0)
		return 0;
	(void)close(w->ready);
	w->ready = -1;
	/* Without a byte the worker has ended, and waitpid will soon say so. */
	return n > 0;
}

void
worker_close(struct worker *w)
{
	if (w->ready >= 0)
		(void)close(w->ready);
	pulse_unmap(w->pulse);
}
