#include "api/doors/worker_handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/base/unixsock.h"

static const char marker[] = "PARLOR_HANDOFF";

void
worker_handoff_hand(const struct worker_handoff *h, int supervisor)
{
	const int all[] = { h->socket, h->memory, h->ready };
	char text[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		must(fcntl(all[i], F_SETFD, 0) == 0);
	(void)snprintf(text, sizeof(text), "%d %d %d %d", supervisor, h->socket,
	    h->memory, h->ready);
	must(setenv(marker, text, 1) == 0);
}

int
worker_handoff_is_handed(void)
{
	return getenv(marker) != NULL;
}

/* Four numbers separated by blanks. */
static int
parse(const char *text, int n[4])
{
	for (int i = 0; i < 4; i++) {
		char *end;
		long value = strtol(text, &end, 10);

		if (end == text || value < 0 || value > INT32_MAX ||
		    *end != (i < 3 ? ' ' : '\0'))
			return -1;
		n[i] = (int)value;
		text = end;
	}
	return 0;
}

int
worker_handoff_take(struct worker_handoff *h)
{
	const char *text = getenv(marker);
	int n[4];

	if (text == NULL)
		return 0;
	if (parse(text, n) != 0 || !unixsock_is_listening(n[1])) {
		log_error("PARLOR_HANDOFF is only for workers; unset it",
		    "value=\"%s\"", text);
		return -1;
	}
	*h = (struct worker_handoff){
		.socket = n[1], .memory = n[2], .ready = n[3]
	};
	for (int i = 1; i < 4; i++)
		(void)fcntl(n[i], F_SETFD, FD_CLOEXEC);
	must(unsetenv(marker) == 0);
	must(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0);
	/* The supervisor ended before the signal was requested. */
	if (getppid() != n[0])
		must(kill(getpid(), SIGTERM) == 0);
	return 1;
}

void
worker_handoff_ready(struct worker_handoff *h)
{
	if (h->ready < 0)
		return;
	/* The supervisor may have ended. */
	if (write(h->ready, "", 1) < 0 && errno != EPIPE)
		log_error("worker cannot report to its supervisor",
		    "error=\"%s\"", strerror(errno));
	(void)close(h->ready);
	h->ready = -1;
}
