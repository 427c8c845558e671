#include <inttypes.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/chat/schema.h"
#include "db/engine/manage.h"
#include "db/rows/inventory.h"

struct stats {
	int json;
	int n; /* printed so far */
};

static void
print(const char *name, int64_t n, void *arg)
{
	struct stats *s = arg;

	if (s->json)
		(void)printf(
		    "%s\"%s\":%" PRId64, s->n > 0 ? "," : "{", name, n);
	else
		(void)printf("%s\t%" PRId64 "\n", name, n);
	s->n++;
}

static enum db_rc
count(struct db *db, void *arg)
{
	return inventory_counts(db, print, arg);
}

int
command_stats(const struct call *call)
{
	static const struct option_def options[] = {
		{ "--json", OPTION_SWITCH, offsetof(struct stats, json) },
	};
	struct store_options store =
	    schema_options(call->settings, STORE_DIRECT);
	struct stats s = { 0, 0 };
	struct manage_sizes sizes;

	if (options_read(call, options, 1, &s, NULL) != 0)
		return EXIT_USAGE;
	manage_size(&store, &sizes);
	if (command_in_store(call, db_read, count, &s) != DB_OK)
		return EXIT_FAILED;
	print("database_bytes", sizes.database, &s);
	print("log_bytes", sizes.log, &s);
	if (s.json)
		(void)puts("}");
	return EXIT_FINE;
}
