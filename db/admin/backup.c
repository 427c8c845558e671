#include <inttypes.h>
#include <unistd.h>

#include "db/admin/command.h"
#include "db/admin/options.h"
#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/chat/backups.h"
#include "db/chat/schema.h"
#include "db/engine/manage.h"
#include "db/engine/migrations.h"

static enum db_rc
note(struct db *db, db_fn fn, void *arg)
{
	(void)fn;
	(void)arg;
	return backups_note_delivered(db);
}

/* A store of an older schema is copied as it is, before it is migrated. */
static enum db_rc
prepare(const struct call *call, const struct store_options *options)
{
	if (manage_schema(options) != store_schema)
		return DB_OK;
	return command_in_store(call, note, NULL, NULL);
}

int
command_backup(const struct call *call)
{
	struct store_options options =
	    schema_options(call->settings, STORE_DIRECT);
	const char *to = NULL;
	int is_piped;
	struct manage_copy copy;
	enum db_rc rc;

	if (options_read(call, NULL, 0, NULL, &to) != 0)
		return EXIT_USAGE;
	is_piped = strcmp(to, "-") == 0;
	if (is_piped && isatty(STDOUT_FILENO)) {
		log_error("a backup is no text for a terminal; send it to a"
			  " file or a program: parlor backup - > FILE",
		    "to=-");
		return EXIT_USAGE;
	}
	rc = prepare(call, &options);
	if (rc == DB_OK)
		rc = is_piped ?
		    manage_backup_to(&options, STDOUT_FILENO, &copy) :
		    manage_backup(&options, to, &copy);
	if (rc != DB_OK)
		return EXIT_FAILED;
	if (is_piped)
		log_info("database copied",
		    "bytes=%" PRId64 " held_ms=%" PRId64, copy.bytes,
		    copy.held_ms);
	else
		(void)printf("copied the database (%" PRId64
			     " bytes) to %s/parlor.db; settings and key files"
			     " are not in it\nwriters waited %" PRId64
			     " ms at most\n",
		    copy.bytes, to, copy.held_ms);
	return EXIT_FINE;
}

int
command_restore(const struct call *call)
{
	struct store_options options =
	    schema_options(call->settings, STORE_DIRECT);
	struct buf kept = BUF_INIT;
	const char *from;
	enum db_rc rc;

	if (options_read(call, NULL, 0, NULL, &from) != 0)
		return EXIT_USAGE;
	rc = manage_restore(&options, from, &kept);
	if (rc == DB_OK)
		(void)printf("restored %s to %s; pages that were open load"
			     " anew\n",
		    from, options.dir);
	if (rc == DB_OK && kept.len > 0)
		(void)printf("the database from before is %s; remove it when"
			     " nobody needs it\n",
		    buf_str(&kept));
	buf_done(&kept);
	return rc == DB_OK ? command_check_store(call) : EXIT_FAILED;
}
