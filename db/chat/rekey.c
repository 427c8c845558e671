#include "db/chat/rekey.h"

#include "db/rows/chatters.h"
#include "db/rows/meta.h"
#include "db/text/lookalike.h"

enum db_rc
rekey_due(struct db *db)
{
	struct buf version = BUF_INIT;
	enum db_rc rc;

	lookalike_add_version(&version);
	rc = meta_name_keys_are(db, buf_str(&version));
	buf_done(&version);
	if (rc == DB_OK)
		return DB_NONE;
	return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc
rekey_all(struct db *db)
{
	struct lookalike keys = LOOKALIKE_INIT;
	struct buf nickname = BUF_INIT;
	struct chatter_id id = { 0 };
	enum db_rc rc;

	while ((rc = chatters_next_nickname(db, &id, &nickname)) == DB_OK) {
		lookalike_keys(buf_str(&nickname), &keys);
		rc = chatters_set_nickname(db, id, buf_str(&nickname), &keys);
		if (rc != DB_OK)
			break;
	}
	lookalike_done(&keys);
	buf_done(&nickname);
	return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc
rekey_run(struct db *db)
{
	struct buf version = BUF_INIT;
	enum db_rc rc = rekey_all(db);

	lookalike_add_version(&version);
	if (rc == DB_OK)
		rc = meta_set_name_keys(db, buf_str(&version));
	buf_done(&version);
	return rc;
}
