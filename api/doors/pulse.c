#include "api/doors/pulse.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "db/base/must.h"

int64_t
pulse_due(const struct pulse *p)
{
	int64_t first = 0;

	for (int i = 0; i < PULSE_SEATS; i++) {
		int64_t due = atomic_load(&p->due[i]);

		if (due != 0 && (first == 0 || due < first))
			first = due;
	}
	return first;
}

int
pulse_memory(void)
{
	int fd = memfd_create("pulse", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	/* A broken worker must not be able to crash its supervisor. */
	if (ftruncate(fd, sizeof(struct pulse)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

struct pulse *
pulse_map(int memory)
{
	void *p = mmap(NULL, sizeof(struct pulse), PROT_READ | PROT_WRITE,
	    MAP_SHARED, memory, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
pulse_unmap(struct pulse *pulse)
{
	must(munmap(pulse, sizeof(*pulse)) == 0);
}
