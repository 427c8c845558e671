#include <jansson.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/chat/apache_check.h"
#include "db/chat/host_check.h"
#include "db/chat/schema.h"
#include "db/chat/setup.h"
#include "db/engine/manage.h"
#include "db/engine/migrations.h"

struct checking {
	int json;
	const char *apache;
	json_t *found, *notes; /* for JSON */
};

static void
tell(const char *finding, void *arg)
{
	struct checking *c = arg;

	if (c->json)
		(void)json_array_append_new(c->found, json_string(finding));
	else
		(void)puts(finding);
}

static void
tell_note(const char *note, void *arg)
{
	struct checking *c = arg;

	if (c->json)
		(void)json_array_append_new(c->notes, json_string(note));
	else
		(void)printf("note: %s\n", note);
}

static int
check_store(const struct call *call, struct checking *c)
{
	struct store_options options =
	    schema_options(call->settings, STORE_DIRECT);

	return manage_check(&options, tell, c);
}

int
command_check_store(const struct call *call)
{
	struct checking c = { .json = 0 };

	if (check_store(call, &c) > 0)
		return EXIT_FAILED;
	(void)printf("all is well: looked at %s (its place, rights and disk),"
		     " and at the database in it (schema %d)\n",
	    call->settings->data, store_schema);
	return EXIT_FINE;
}

static void
print_json(
    const struct checking *c, const struct call *call, const char *apache)
{
	json_t *seen = json_pack("[s, s, s, s, s]", "settings",
		   call->settings->data, "database", "sockets", "open files"),
	       *all;
	char *text;

	if (apache != NULL)
		(void)json_array_append_new(seen, json_string(apache));
	all = json_pack("{s:b, s:i, s:O, s:O, s:o}", "well",
	    json_array_size(c->found) == 0, "schema", store_schema, "findings",
	    c->found, "notes", c->notes, "looked_at", seen);
	text = json_dumps(all, JSON_COMPACT);
	must(text != NULL);
	(void)puts(text);
	free(text);
	json_decref(all);
}

static const struct option_def options[] = {
	{ "--json", OPTION_SWITCH, offsetof(struct checking, json) },
	{ "--apache", OPTION_TEXT, offsetof(struct checking, apache) },
};

enum { N_OPTIONS = sizeof(options) / sizeof(options[0]) };

int
command_check(const struct call *call)
{
	struct checking c = { .json = 0 };
	struct findings f = { tell, &c, 0 }, notes = { tell_note, &c, 0 };
	const char *apache;

	if (options_read(call, options, N_OPTIONS, &c, NULL) != 0)
		return EXIT_USAGE;
	c.found = json_array();
	c.notes = json_array();
	settings_log_overruled();
	if (setup_check(call->settings) != 0)
		findings_add(&f,
		    "the settings cannot be used, as the log says; correct"
		    " them");
	f.n += check_store(call, &c);
	host_check_find(call->settings, &f, &notes);
	apache = apache_check_find(call->settings, c.apache, &f);
	if (c.apache != NULL && apache == NULL)
		findings_add(&f, "%s cannot be read; check --apache", c.apache);
	if (c.json)
		print_json(&c, call, apache);
	else if (f.n == 0)
		(void)printf(
		    "all is well: looked at the settings, at %s (its place,"
		    " rights and disk), at sockets, the limit of open files,"
		    " %s%s, and at the database (schema %d)\n",
		    call->settings->data,
		    apache != NULL ? "Apache's configuration in " :
				     "no configuration of Apache",
		    apache != NULL ? apache : "", store_schema);
	json_decref(c.found);
	json_decref(c.notes);
	return f.n == 0 ? EXIT_FINE : EXIT_FAILED;
}
