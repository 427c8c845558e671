#include "db/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "db/base/must.h"

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

static int64_t
now(clockid_t id)
{
	struct timespec t;

	must(clock_gettime(id, &t) == 0);
	return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

static int64_t
wall(void)
{
	return now(CLOCK_REALTIME);
}

static int64_t
lease(void)
{
	return now(CLOCK_BOOTTIME);
}

int64_t (*clock_wall)(void) = wall;
int64_t (*clock_lease)(void) = lease;

void
clock_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	must(pthread_condattr_init(&attr) == 0);
	must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(cond, &attr) == 0);
	must(pthread_condattr_destroy(&attr) == 0);
}

void
clock_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t ms)
{
	struct timespec until;
	int64_t ns;
	int rc;

	must(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
	ns = until.tv_nsec + ms % MS_PER_S * NS_PER_MS;
	until.tv_sec += ms / MS_PER_S + ns / (MS_PER_S * NS_PER_MS);
	until.tv_nsec = ns % (MS_PER_S * NS_PER_MS);
	rc = pthread_cond_timedwait(cond, mutex, &until);
	must(rc == 0 || rc == ETIMEDOUT);
}

static void
add_digits(struct buf *b, int n, int value)
{
	char digits[4];

	must(n <= (int)sizeof(digits));
	for (int i = n - 1; i >= 0; i--, value /= 10)
		digits[i] = (char)('0' + value % 10);
	buf_add(b, digits, (size_t)n);
}

void
clock_add_rfc3339(struct buf *b, int64_t ms)
{
	time_t s = (time_t)(ms / MS_PER_S);
	struct tm tm;

	must(ms >= 0 && gmtime_r(&s, &tm) != NULL);
	add_digits(b, 4, tm.tm_year + 1900);
	buf_addc(b, '-');
	add_digits(b, 2, tm.tm_mon + 1);
	buf_addc(b, '-');
	add_digits(b, 2, tm.tm_mday);
	buf_addc(b, 'T');
	add_digits(b, 2, tm.tm_hour);
	buf_addc(b, ':');
	add_digits(b, 2, tm.tm_min);
	buf_addc(b, ':');
	add_digits(b, 2, tm.tm_sec);
	buf_addc(b, '.');
	add_digits(b, 3, (int)(ms % MS_PER_S));
	buf_addc(b, 'Z');
}

/* Exactly N digits at *P, moved past them; -1: something else is there. */
static int
digits(const char **p, int n)
{
	int value = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

/* The fraction after the seconds in ms; further digits are dropped. */
static int
fraction(const char **p)
{
	int scale = 100, ms = 0;

	if (**p != '.')
		return 0;
	(*p)++;
	if (**p < '0' || **p > '9')
		return -1;
	for (; **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
		ms += (**p - '0') * scale;
	return ms;
}

/* "Z" or "+hh:mm" to the end of the text, in minutes east. */
static int
offset(const char *p, int *minutes)
{
	int sign = *p == '-' ? -1 : 1, h, m;

	*minutes = 0;
	if ((*p == 'Z' || *p == 'z') && p[1] == '\0')
		return 0;
	if (*p != '+' && *p != '-')
		return -1;
	p++;
	h = digits(&p, 2);
	if (h < 0 || *p++ != ':')
		return -1;
	m = digits(&p, 2);
	if (m < 0 || *p != '\0' || h > 23 || m > 59)
		return -1;
	*minutes = sign * (h * 60 + m);
	return 0;
}

static int
date(const char **p, struct tm *tm)
{
	tm->tm_year = digits(p, 4) - 1900;
	if (tm->tm_year < 70 || *(*p)++ != '-')
		return -1;
	tm->tm_mon = digits(p, 2) - 1;
	if (tm->tm_mon < 0 || tm->tm_mon > 11 || *(*p)++ != '-')
		return -1;
	tm->tm_mday = digits(p, 2);
	return tm->tm_mday < 1 || tm->tm_mday > 31 ? -1 : 0;
}

static int
daytime(const char **p, struct tm *tm)
{
	tm->tm_hour = digits(p, 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 23 || *(*p)++ != ':')
		return -1;
	tm->tm_min = digits(p, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59 || *(*p)++ != ':')
		return -1;
	tm->tm_sec = digits(p, 2);
	return tm->tm_sec < 0 || tm->tm_sec > 59 ? -1 : 0;
}

int
clock_parse_rfc3339(const char *text, int64_t *ms)
{
	struct tm tm = { 0 };
	const char *p = text;
	int frac, minutes, mday;
	time_t s;

	if (date(&p, &tm) != 0 || (*p != 'T' && *p != 't' && *p != ' '))
		return -1;
	p++;
	if (daytime(&p, &tm) != 0 || (frac = fraction(&p)) < 0 ||
	    offset(p, &minutes) != 0)
		return -1;
	mday = tm.tm_mday;
	s = timegm(&tm);
	/*
	 * timegm makes 1 March of 30 February: refuse a date that does not
	 * exist.
	 */
	if (tm.tm_mday != mday)
		return -1;
	if (s < (time_t)minutes * 60)
		return -1;
	*ms = ((int64_t)s - (int64_t)minutes * 60) * MS_PER_S + frac;
	return 0;
}

void
clock_add_boot_id(struct buf *b)
{
	char id[64];
	ssize_t n = -1;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, id, sizeof(id) - 1);
		(void)close(fd);
	}
	while (n > 0 && id[n - 1] == '\n')
		n--;
	if (n > 0)
		buf_add(b, id, (size_t)n);
	else
		buf_adds(b, "unknown");
}

int64_t
clock_waits(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (int64_t)t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

static void
do_nothing(int number)
{
	(void)number;
}

/* Without SA_RESTART, so that the call ends. */
static void
catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = do_nothing };

	must(sigaction(SIGRTMIN, &action, NULL) == 0);
}

timer_t
clock_interrupt(int64_t ms)
{
	enum { AGAIN_MS = 10 };
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGRTMIN };
	struct itimerspec when = { { 0, AGAIN_MS * NS_PER_MS },
		{ ms / MS_PER_S, ms % MS_PER_S * NS_PER_MS } };
	timer_t timer;
	sigset_t own;

	/* Zero would never come. */
	if (ms <= 0)
		when.it_value = when.it_interval;
	must(pthread_once(&once, catch_interrupts) == 0);
	event._sigev_un._tid = gettid();
	(void)sigemptyset(&own);
	(void)sigaddset(&own, SIGRTMIN);
	must(pthread_sigmask(SIG_UNBLOCK, &own, NULL) == 0);
	must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	must(timer_settime(timer, 0, &when, NULL) == 0);
	return timer;
}
