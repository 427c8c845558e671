#include "api/doors/worker_handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "api/doors/doors.h"
#include "db/base/log.h"
#include "db/base/must.h"

static const char marker[] = "PARLOR_POST";

int
worker_handoff_memory(void)
{
	int fd = memfd_create("pulse", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	/* A worker gone wild must not be able to fault its supervisor. */
	if (ftruncate(fd, sizeof(struct pulse)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

struct pulse *
worker_handoff_map(int memory)
{
	void *p = mmap(NULL, sizeof(struct pulse), PROT_READ | PROT_WRITE,
	    MAP_SHARED, memory, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
worker_handoff_unmap(struct pulse *pulse)
{
	must(munmap(pulse, sizeof(*pulse)) == 0);
}

void
worker_handoff_hand(const struct worker_handoff *post, int supervisor)
{
	const int all[] = { post->socket, post->memory, post->ready };
	char text[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		must(fcntl(all[i], F_SETFD, 0) == 0);
	(void)snprintf(text, sizeof(text), "%d %d %d %d", supervisor,
	    post->socket, post->memory, post->ready);
	must(setenv(marker, text, 1) == 0);
}

int
worker_handoff_is_handed(void)
{
	return getenv(marker) != NULL;
}

/* Four numbers with a blank between. */
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
worker_handoff_take(struct worker_handoff *post)
{
	const char *text = getenv(marker);
	int n[4];

	if (text == NULL)
		return 0;
	if (parse(text, n) != 0 || !fcgi_is_socket(n[1])) {
		log_error("PARLOR_POST is for workers alone; unset it",
		    "value=\"%s\"", text);
		return -1;
	}
	*post = (struct worker_handoff){
		.socket = n[1], .memory = n[2], .ready = n[3]
	};
	for (int i = 1; i < 4; i++)
		(void)fcntl(n[i], F_SETFD, FD_CLOEXEC);
	must(unsetenv(marker) == 0);
	must(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0);
	/* It ended before that was asked for. */
	if (getppid() != n[0])
		must(kill(getpid(), SIGTERM) == 0);
	return 1;
}

void
worker_handoff_ready(struct worker_handoff *post)
{
	if (post->ready < 0)
		return;
	/* Whoever waited may have ended. */
	if (write(post->ready, "", 1) < 0 && errno != EPIPE)
		log_error("supervisor cannot be told", "error=\"%s\"",
		    strerror(errno));
	(void)close(post->ready);
	post->ready = -1;
}
