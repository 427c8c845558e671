#include "db/chat/schema.h"

#include "db/chat/backups.h"
#include "db/chat/boot.h"
#include "db/chat/leases.h"
#include "db/chat/rekey.h"
#include "db/rows/consistency.h"
#include "db/rows/meta.h"
#include "db/rows/sql.h"

const struct schema schema_chat = {
	.files = sql_files,
	.n_files = SQL_N_FILES,
	.restart_check = boot_check,
	.restart = boot_meet,
	.shift_leases = leases_shift,
	.touch = meta_touch,
	.upgrade_due = rekey_due,
	.upgrade = rekey_run,
	.upgrade_finding = "which nicknames look the same was decided by"
			   " another version of parlor or ICU",
	.restored = backups_restored,
	.questions = consistency_questions,
};

struct store_options
schema_options(const struct settings *s, enum store_mode mode)
{
	return (struct store_options){
		.dir = s->data,
		.schema = &schema_chat,
		.mode = mode,
		.wal_pages = s->wal_pages,
		.busy_ms = s->busy_ms,
		.storage_max = s->storage_max,
	};
}
