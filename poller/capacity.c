#include "poller/capacity.h"

#include "db/base/log.h"

enum {
	CONNECTIONS_MAX = 4096,
	CONNECTIONS_MIN = 256, /* where there are MANY descriptors */
	KEPT = 256, /* for the store, the hub and logs */
	MANY = 2048,
	ADDRESSES_MIN = 4 /* that share what the descriptors allow */
};

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The descriptors of connections that no stream may take. */
static int64_t
reserve(int64_t files)
{
	return files > MANY ? most(files / 16, CONNECTIONS_MIN) : files / 4;
}

static int64_t
streams_of(int64_t files)
{
	return files > MANY ? files - reserve(files) - KEPT : files / 2;
}

static int64_t
connections_of(const struct settings *s, int64_t files)
{
	int64_t left = files - s->streams_max - KEPT;

	return least(
	    most(most(left, reserve(files)), s->threads), CONNECTIONS_MAX);
}

/* The limit of an address where there may be ALL, and not WANTED. */
static int64_t
share(int64_t setting, int64_t all, int64_t wanted)
{
	return all < wanted ? least(setting, most(all / ADDRESSES_MIN, 1)) :
			      setting;
}

struct capacity
capacity_of(const struct settings *s, int64_t files)
{
	int64_t connections = connections_of(s, files);
	int64_t streams = streams_of(files);

	return (struct capacity){
		.files = files,
		.connections = connections,
		.connections_per_address = share(
		    s->connections_per_address, connections, CONNECTIONS_MAX),
		.streams = least(s->streams_max, streams),
		.streams_per_address =
		    share(s->streams_per_address, streams, s->streams_max),
	};
}

void
capacity_log(const struct capacity *c, const struct settings *s)
{
	if (c->connections == CONNECTIONS_MAX && c->streams == s->streams_max)
		return;
	log_warn("the limit of open files allows less than the settings",
	    "files=%lld connections=%lld connections_per_address=%lld"
	    " streams=%lld streams_per_address=%lld",
	    (long long)c->files, (long long)c->connections,
	    (long long)c->connections_per_address, (long long)c->streams,
	    (long long)c->streams_per_address);
}
