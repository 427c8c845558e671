#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/chat/schema.h"
#include "db/chat/setup.h"
#include "db/engine/manage.h"
#include "db/engine/migrations.h"

static void
print_finding(const char *finding, void *arg)
{
	(void)arg;
	(void)puts(finding);
}

/* The number of findings, each of which is printed. */
static int
look(const struct call *call)
{
	struct store_options options =
	    schema_options(call->settings, STORE_DIRECT);

	return manage_check(&options, print_finding, NULL);
}

int
command_check_store(const struct call *call)
{
	if (look(call) > 0)
		return EXIT_FAILED;
	(void)printf("all is well: looked at %s (its place and rights), and at"
		     " the database in it (schema %d)\n",
	    call->settings->data, store_schema);
	return EXIT_FINE;
}

int
command_check(const struct call *call)
{
	int usable, findings;

	if (options_read(call, NULL, 0, NULL, NULL) != 0)
		return EXIT_USAGE;
	settings_log_overruled();
	usable = setup_check(call->settings) == 0;
	findings = look(call);
	if (!usable || findings > 0)
		return EXIT_FAILED;
	(void)printf("all is well: looked at the settings, at %s (its place"
		     " and rights), and at the database in it (schema %d)\n",
	    call->settings->data, store_schema);
	return EXIT_FINE;
}
