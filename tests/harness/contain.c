/*
 * contain: runs a command and ends everything that it has started.
 *
 *   contain [-t SECONDS] [-g SECONDS] COMMAND [ARGUMENT...]
 *
 * A process whose parent has ended becomes a child of this one, even if it
 * left its session or its process group.  So when COMMAND has ended or was cut
 * off after -t seconds, or when this program is told to end or loses its
 * parent, it kills children until none is left.
 *
 * Processes that COMMAND leaves running have -g seconds (default: 10) to end
 * by themselves.  Those that have not are killed and named on stderr.  Lines
 * of this program's own begin with "contain: ".  Its status is that of
 * COMMAND, 128 more than a signal, or 124 (cut off) or 125 (something was left
 * behind).
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_S = 10, CUT_OFF = 124, LEFT_BEHIND = 125, NAMED_MAX = 20 };
enum { MS = 1000, NS_PER_MS = 1000000, NAME_SIZE = 200, SIGNALED = 128 };

static pid_t command;
static int command_status = -1;

static long long
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * MS + now.tv_nsec / NS_PER_MS;
}

/* Waits until MS for one of SIGNALS and returns it; 0: none came. */
static int
next_signal(const sigset_t *signals, long long until)
{
	long long left = until - now_ms();
	struct timespec wait = { 0, 0 };
	int n;

	if (left > 0) {
		wait.tv_sec = left / MS;
		wait.tv_nsec = left % MS * NS_PER_MS;
	}
	n = sigtimedwait(signals, NULL, &wait);
	return n > 0 ? n : 0;
}

/* Reaps all children that have ended; 0: no child is left. */
static int
reap(void)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command)
			command_status = WIFEXITED(status) ?
			    WEXITSTATUS(status) :
			    SIGNALED + WTERMSIG(status);
	return pid == 0;
}

static size_t
read_file(pid_t pid, const char *file, char name[NAME_SIZE])
{
	char path[64];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	n = fread(name, 1, NAME_SIZE - 1, f);
	(void)fclose(f);
	return n;
}

/* During an exec() a process has no command line, only a name. */
static void
read_name(pid_t pid, char name[NAME_SIZE])
{
	size_t n = read_file(pid, "cmdline", name);

	if (n == 0)
		n = read_file(pid, "comm", name);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < ' ')
			name[i] = ' ';
	name[n] = '\0';
}

static void
kill_child(pid_t pid, int *named)
{
	char name[NAME_SIZE];

	if (named != NULL && (*named)++ < NAMED_MAX) {
		read_name(pid, name);
		(void)fprintf(
		    stderr, "contain: left behind: %ld %s\n", (long)pid, name);
	}
	(void)kill(pid, SIGKILL);
}

/* Kills every child, and names each on stderr if NAMED is not NULL. */
static void
kill_children(int *named)
{
	char path[64], *line = NULL, *end;
	size_t size = 0;
	long pid;
	FILE *f;

	(void)snprintf(
	    path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
	if ((f = fopen(path, "re")) == NULL)
		return;
	if (getline(&line, &size, f) > 0)
		for (char *p = line; (pid = strtol(p, &end, 10)) > 0; p = end)
			kill_child((pid_t)pid, named);
	free(line);
	(void)fclose(f);
}

/* The children of a process that was killed come to this one. */
static void
kill_all(int *named)
{
	sigset_t chld;

	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	while (reap()) {
		kill_children(named);
		(void)next_signal(&chld, now_ms() + MS / 10);
	}
}

/* 1 if COMMAND has ended, 0 if it must be cut off. */
static int
watch(const sigset_t *signals, long limit_s)
{
	long long end = now_ms() + limit_s * MS;
	int sig;

	for (;;) {
		(void)reap();
		if (command_status >= 0)
			return 1;
		if (limit_s > 0 && now_ms() >= end)
			return 0;
		sig = next_signal(signals, limit_s > 0 ? end : now_ms() + MS);
		if (sig != 0 && sig != SIGCHLD)
			return 0;
	}
}

/* The number of processes that had to be killed. */
static int
settle(const sigset_t *signals, long grace_s)
{
	long long end = now_ms() + grace_s * MS;
	int named = 0, sig = 0;

	while (reap() && now_ms() < end && (sig == 0 || sig == SIGCHLD))
		sig = next_signal(signals, end);
	kill_all(&named);
	return named;
}

static void
start(char **argv, const sigset_t *old)
{
	if ((command = fork()) == 0) {
		(void)sigprocmask(SIG_SETMASK, old, NULL);
		(void)setsid();
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)execvp(argv[0], argv);
		(void)fprintf(
		    stderr, "contain: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (command < 0) {
		perror("contain: fork");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	long limit_s = 0, grace_s = GRACE_S;
	sigset_t signals, old;
	int c;

	while ((c = getopt(argc, argv, "+t:g:")) != -1) {
		if (c == '?')
			return 2;
		*(c == 't' ? &limit_s : &grace_s) = strtol(optarg, NULL, 10);
	}
	if (optind == argc)
		return 2;
	(void)sigemptyset(&signals);
	for (const int *s =
		 (const int[]){ SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 };
	     *s != 0; s++)
		(void)sigaddset(&signals, *s);
	(void)sigprocmask(SIG_BLOCK, &signals, &old);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	start(argv + optind, &old);
	if (!watch(&signals, limit_s)) {
		kill_all(NULL);
		(void)fprintf(stderr, "contain: cut off: %s\n", argv[optind]);
		return CUT_OFF;
	}
	c = settle(&signals, grace_s);
	return c > 0 && command_status == 0 ? LEFT_BEHIND : command_status;
}
