#include "db/rows/secrets.h"

#include <sodium.h>

#include "db/base/must.h"
#include "db/rows/meta.h"

void
secrets_hash(
    const char *secret, size_t len, unsigned char hash[SECRET_HASH_LEN])
{
	must(crypto_generichash(hash, SECRET_HASH_LEN,
		 (const unsigned char *)secret, len, NULL, 0) == 0);
}

enum db_rc
secrets_digest(struct db *db, const char *text, size_t len,
    unsigned char hash[SECRET_HASH_LEN])
{
	unsigned char key[META_SECRET_LEN];
	enum db_rc rc = meta_secret(db, key);

	if (rc == DB_OK)
		must(crypto_generichash(hash, SECRET_HASH_LEN,
			 (const unsigned char *)text, len, key,
			 sizeof(key)) == 0);
	sodium_memzero(key, sizeof(key));
	return rc;
}
