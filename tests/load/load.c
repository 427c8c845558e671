/*
 * load: puts a load of readers and posters on a chat service and measures it.
 *
 *   load --server 127.0.0.1:8080 --readers 5000 --posters 1 --pid 4711
 *
 * Makes rooms and people, opens the readers, posts, and checks that each
 * reader receives each message of its room once.  Prints `load: open` on
 * stderr when the readers are open, and one line of JSON at the end. Exits
 * with 1 if it could not go on; the caller judges the result.
 *
 * With --slices it measures once for each line on stdin and prints a line
 * each time; the readers stay open in between.  So several servers can be
 * measured in turns.  A line that holds a number sets the rate.
 *
 * One thread, one epoll.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/load/posters.h"
#include "tests/load/readers.h"
#include "tests/load/setup.h"

enum { TICK_MS = 10 };

struct sample {
	int64_t at, server_cpu, own_cpu;
	struct counts counts;
};

struct result {
	int64_t pss_before, pss_after; /* around the opening of streams */
	int64_t open_ns;
	int64_t idle_cpu, idle_ns;
	struct sample begin, end;
	int64_t first_gone, last_back; /* of streams that ended; 0: none did */
};

static int64_t
own_cpu(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		give_up("getrusage");
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
	    (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static struct sample
sample(const struct run *run)
{
	return (struct sample){ now_ns(), procs_cpu(&run->o.procs), own_cpu(),
		run->counts };
}

static void
watch_outage(struct result *result, const struct run *run, int64_t now)
{
	size_t all = (size_t)(run->o.rooms * run->o.readers);

	if (readers_ready(run->readers) < all) {
		if (result->first_gone == 0)
			result->first_gone = now;
		result->last_back = 0;
	} else if (result->first_gone != 0 && result->last_back == 0)
		result->last_back = now;
}

/* One step of everything, until UNTIL at the latest. */
static void
step(struct run *run, struct result *result, int64_t until)
{
	int64_t now = now_ns(), next = posters_tick(run->posters, now);

	if (run->o.retry_ms > 0 || run->counts.failed > 0) {
		readers_tick(run->readers, now);
		watch_outage(result, run, now);
		if (next > now + TICK_MS * NS_PER_MS)
			next = now + TICK_MS * NS_PER_MS;
	}
	loop_step(&run->loop, next < until ? next : until);
}

static void
open_readers(struct run *run, struct result *result)
{
	int64_t begin = now_ns(), until;

	result->pss_before = procs_pss(&run->o.procs);
	run->readers = readers_open(run);
	result->open_ns = now_ns() - begin;
	(void)fprintf(stderr, "load: open\n");
	result->pss_after = procs_pss(&run->o.procs);
	result->idle_cpu = procs_cpu(&run->o.procs);
	result->idle_ns = now_ns();
	until = result->idle_ns + run->o.idle_ms * NS_PER_MS;
	while (now_ns() < until)
		loop_step(&run->loop, until);
	result->idle_cpu = procs_cpu(&run->o.procs) - result->idle_cpu;
	result->idle_ns = now_ns() - result->idle_ns;
}

/* Waits until all acknowledged messages are received, or no more come. */
static void
drain(struct run *run, struct result *result)
{
	int64_t wait = run->o.drain_ms * NS_PER_MS, until = now_ns() + wait;
	uint64_t before = run->counts.heard, busy = posters_busy(run->posters);

	while (now_ns() < until &&
	    (posters_busy(run->posters) > 0 ||
		readers_lost(run->readers) > 0)) {
		step(run, result, now_ns() + TICK_MS * NS_PER_MS);
		if (run->counts.heard != before ||
		    posters_busy(run->posters) != busy) {
			before = run->counts.heard;
			busy = posters_busy(run->posters);
			until = now_ns() + wait;
		}
	}
}

static void
measure(struct run *run, struct result *result)
{
	int64_t warm = run->o.messages > 0 ? 0 : run->o.warm_ms;
	int64_t until = now_ns() + warm * NS_PER_MS;

	posters_go(run->posters);
	while (now_ns() < until)
		step(run, result, until);
	histogram_clear(&run->latency);
	histogram_clear(&run->answers);
	result->begin = sample(run);
	until = result->begin.at + run->o.measure_ms * NS_PER_MS;
	while (run->o.messages > 0 ? !posters_finished(run->posters) :
				     now_ns() < until)
		step(run, result,
		    run->o.messages > 0 ? now_ns() + NS_PER_S : until);
	if (run->o.messages == 0)
		result->end = sample(run);
	posters_stop(run->posters);
	drain(run, result);
	if (run->o.messages > 0)
		result->end = sample(run);
	/* Waits two more ticks, in which duplicates would come. */
	until = now_ns() + 2 * TICK_MS * NS_PER_MS;
	while (now_ns() < until)
		step(run, result, until);
}

static void
print_latency(const char *name, const struct histogram *h)
{
	static const struct {
		const char *name;
		double part;
	} parts[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 },
		{ "p99_9", 0.999 }, { "max", 1 } };

	printf("\"%s_ms\":{\"n\":%llu", name, (unsigned long long)h->n);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		printf(",\"%s\":%.3f", parts[i].name,
		    (double)histogram_at(h, parts[i].part) / NS_PER_MS);
	printf("},");
}

static void
print_count(const char *name, uint64_t value)
{
	printf("\"%s\":%llu,", name, (unsigned long long)value);
}

static void
print_ratio(const char *name, double value, double by)
{
	printf("\"%s\":%.6g,", name, by > 0 ? value / by : 0);
}

static void
print_rates(const struct result *r)
{
	const struct sample *a = &r->begin, *z = &r->end;
	double s = (double)(z->at - a->at) / NS_PER_S;
	double heard = (double)(z->counts.heard - a->counts.heard);
	double posted = (double)(z->counts.posted - a->counts.posted);
	double cpu = (double)(z->server_cpu - a->server_cpu) / NS_PER_S;

	print_ratio("seconds", s, 1);
	print_ratio("deliveries_per_s", heard, s);
	print_ratio("messages_per_s", posted, s);
	print_ratio("cpu_s_per_million_deliveries", cpu * 1e6, heard);
	print_ratio("cpu_us_per_message", cpu * 1e6, posted);
	print_ratio("server_cpu", cpu, s);
	print_ratio("own_cpu", (double)(z->own_cpu - a->own_cpu) / NS_PER_S, s);
}

/* In ns; if the outage has not ended, until now. */
static double
outage(const struct result *r)
{
	if (r->first_gone == 0)
		return 0;
	return (double)((r->last_back != 0 ? r->last_back : now_ns()) -
	    r->first_gone);
}

static void
print(const struct run *run, const struct result *r)
{
	const struct counts *c = &run->counts;
	double streams = (double)(run->o.rooms * run->o.readers);

	printf("{");
	print_rates(r);
	print_latency("delivery", &run->latency);
	print_latency("answer", &run->answers);
	print_count("posted", c->posted);
	print_count("failed", c->failed);
	print_count("heard", c->heard);
	print_count("lost", readers_lost(run->readers));
	print_count("duplicated", c->duplicated);
	print_count("late", c->late);
	print_count("strayed", c->strayed);
	print_count("poll_answers", c->answers);
	print_count("poll_dials", c->dials);
	print_count("reopened", c->reopened);
	print_ratio("bytes_per_delivery", (double)c->bytes, (double)c->heard);
	print_ratio(
	    "pss_per_stream", (double)(r->pss_after - r->pss_before), streams);
	print_ratio("open_s", (double)r->open_ns, NS_PER_S);
	print_ratio("idle_cpu", (double)r->idle_cpu, (double)r->idle_ns);
	print_ratio("outage_s", outage(r), NS_PER_S);
	printf("\"streams\":%.0f}\n", streams);
	(void)fflush(stdout);
}

struct orders {
	struct source source;
	struct run *run;
	int ordered, ended;
};

/* A line comes only when the last one's slice has been printed. */
static void
take_orders(struct source *s)
{
	struct orders *o = (struct orders *)(void *)s;
	char text[64];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text) - 1);
	long rate;

	o->ended = n <= 0;
	o->ordered = n > 0;
	text[n > 0 ? n : 0] = '\0';
	rate = strtol(text, NULL, 10);
	if (rate > 0)
		o->run->o.rate = rate;
}

static void
measure_slices(struct run *run, struct result *result)
{
	struct orders orders = { .source.readable = take_orders, .run = run };

	loop_watch(&run->loop, STDIN_FILENO, &orders.source);
	for (long i = 0; i < run->o.slices; i++) {
		orders.ordered = 0;
		while (!orders.ordered) {
			loop_step(&run->loop, now_ns() + NS_PER_S);
			if (orders.ended)
				return;
		}
		measure(run, result);
		print(run, result);
	}
}

int
main(int argc, char **argv)
{
	static struct run run;
	struct result result = { 0 };

	options_read(&run.o, argc, argv);
	loop_open(&run.loop, run.o.server,
	    (size_t)(run.o.rooms * run.o.readers + run.o.posters));
	run.awaited = need((size_t)run.o.posters, sizeof(uint32_t));
	setup(&run);
	open_readers(&run, &result);
	run.posters = posters_open(&run);
	if (run.o.slices > 0) {
		measure_slices(&run, &result);
		return 0;
	}
	measure(&run, &result);
	print(&run, &result);
	return 0;
}
