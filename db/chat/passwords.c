#include "db/chat/passwords.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/queue.h>

#include "db/base/fiber.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/text/text.h"

enum { PASSES = 2, MEMORY = 16 << 20, AT_A_TIME = 2, WAITING_MAX = 8 };

/* A hash to be made or checked, lent by the caller who waits for it. */
struct task {
	enum db_rc (*fn)(struct task *);
	const char *text, *hash;
	struct buf *made;
	enum db_rc rc; /* of FN */
	struct fiber_wait wait;
	STAILQ_ENTRY(task) next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* under the mutex */
static STAILQ_HEAD(tasks, task) queue = STAILQ_HEAD_INITIALIZER(queue);
static int working, waiting;

/* NULL: nothing waits, and the calling thread counts as working no more. */
static struct task *
take_next(void)
{
	struct task *t;

	must(pthread_mutex_lock(&mutex) == 0);
	t = STAILQ_FIRST(&queue);
	if (t != NULL) {
		STAILQ_REMOVE_HEAD(&queue, next);
		waiting--;
	} else {
		working--;
	}
	must(pthread_mutex_unlock(&mutex) == 0);
	return t;
}

/*
 * A thread of the pool; it ends when nothing waits.  Its place is free before
 * the caller hears of it, who may come again at once.
 */
static void *
work(void *arg)
{
	struct task *t = arg, *next;

	while (t != NULL) {
		t->rc = t->fn(t);
		next = take_next();
		fiber_wake(&t->wait);
		fiber_wake_flush();
		t = next;
	}
	return NULL;
}

static enum db_rc
begin(struct task *t)
{
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	must(pthread_attr_init(&attr) == 0);
	must(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0);
	error = pthread_create(&thread, &attr, work, t);
	must(pthread_attr_destroy(&attr) == 0);
	if (error != 0)
		return DB_BUSY;
	working++;
	return DB_OK;
}

static enum db_rc
add(struct task *t)
{
	if (working < AT_A_TIME)
		return begin(t);
	if (waiting == WAITING_MAX)
		return DB_BUSY;
	STAILQ_INSERT_TAIL(&queue, t, next);
	waiting++;
	return DB_OK;
}

static void
submit(void *arg)
{
	struct task *t = arg;
	enum db_rc rc;

	must(pthread_mutex_lock(&mutex) == 0);
	rc = add(t);
	must(pthread_mutex_unlock(&mutex) == 0);
	if (rc == DB_OK)
		return;
	t->rc = rc;
	fiber_wake(&t->wait);
	fiber_wake_flush();
}

static enum db_rc
run(struct task *t)
{
	return fiber_wait(&t->wait, submit, t) == 0 ? t->rc : DB_BUSY;
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

static enum db_rc
hash(struct task *t)
{
	char made[crypto_pwhash_STRBYTES];
	struct buf nfc = BUF_INIT;
	enum db_rc rc = DB_OK;

	/* A command may come before a store has been opened. */
	must(sodium_init() >= 0);
	text_add_nfc(t->text, &nfc);
	if (crypto_pwhash_str(made, buf_str(&nfc), nfc.len, PASSES, MEMORY) ==
	    0)
		buf_adds(t->made, made);
	else
		rc = no_memory();
	buf_done(&nfc);
	return rc;
}

enum db_rc
passwords_hash(const char *text, struct buf *made)
{
	struct task t = { .fn = hash, .text = text, .made = made };

	return run(&t);
}

static enum db_rc
verify(struct task *t)
{
	struct buf nfc = BUF_INIT;
	enum db_rc rc = DB_OK;

	text_add_nfc(t->text, &nfc);
	errno = 0;
	if (crypto_pwhash_str_verify(t->hash, buf_str(&nfc), nfc.len) != 0)
		rc = errno == ENOMEM ? no_memory() : DB_NONE;
	buf_done(&nfc);
	return rc;
}

enum db_rc
passwords_verify(const char *text, const char *known)
{
	struct task t = { .fn = verify, .text = text, .hash = known };

	return run(&t);
}
