#include "db/chat/passwords.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "db/base/log.h"
#include "db/base/must.h"
#include "db/text/text.h"

enum { PASSES = 2, MEMORY = 16 << 20, AT_A_TIME = 2, WAITING_MAX = 8 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_is_done = PTHREAD_COND_INITIALIZER;

/* under the mutex */
static int working, waiting;

static enum db_rc
take_turn(void)
{
	enum db_rc rc = DB_OK;

	must(pthread_mutex_lock(&mutex) == 0);
	if (working == AT_A_TIME && waiting == WAITING_MAX) {
		rc = DB_BUSY;
	} else {
		waiting++;
		while (working == AT_A_TIME)
			must(pthread_cond_wait(&one_is_done, &mutex) == 0);
		waiting--;
		working++;
	}
	must(pthread_mutex_unlock(&mutex) == 0);
	return rc;
}

static void
end_turn(void)
{
	must(pthread_mutex_lock(&mutex) == 0);
	working--;
	must(pthread_cond_signal(&one_is_done) == 0);
	must(pthread_mutex_unlock(&mutex) == 0);
}

static enum db_rc
no_memory(void)
{
	log_error("a password cannot be hashed", "needs_mb=%d", MEMORY >> 20);
	return DB_FAIL;
}

const char *
passwords_check(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= PASSWORD_BYTES_MAX ? NULL :
						       "must be 1 to 128 bytes";
}

enum db_rc
passwords_hash(const char *text, struct buf *hash)
{
	char made[crypto_pwhash_STRBYTES];
	struct buf nfc = BUF_INIT;
	enum db_rc rc = take_turn();

	if (rc != DB_OK)
		return rc;
	/* A command may come before a store has been opened. */
	must(sodium_init() >= 0);
	text_add_nfc(text, &nfc);
	if (crypto_pwhash_str(made, buf_str(&nfc), nfc.len, PASSES, MEMORY) ==
	    0)
		buf_adds(hash, made);
	else
		rc = no_memory();
	end_turn();
	buf_done(&nfc);
	return rc;
}

enum db_rc
passwords_verify(const char *text, const char *hash)
{
	struct buf nfc = BUF_INIT;
	enum db_rc rc = take_turn();

	if (rc != DB_OK)
		return rc;
	text_add_nfc(text, &nfc);
	errno = 0;
	if (crypto_pwhash_str_verify(hash, buf_str(&nfc), nfc.len) != 0)
		rc = errno == ENOMEM ? no_memory() : DB_NONE;
	end_turn();
	buf_done(&nfc);
	return rc;
}
