#include "api/http/credentials.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#include "db/base/clock.h"
#include "db/chat/accounts.h"
#include "db/chat/tickets.h"
#include "db/rows/users.h"

const char credentials_cookie[] = "parlor_token";

static const char *
bearer(const char *authorization, const char *parlor_token)
{
	static const char scheme[] = "Bearer ";
	size_t n = sizeof(scheme) - 1;

	if (authorization != NULL &&
	    strncasecmp(authorization, scheme, n) == 0) {
		authorization += n + strspn(authorization + n, " ");
		if (*authorization != '\0')
			return authorization;
	}
	return parlor_token != NULL && *parlor_token != '\0' ? parlor_token :
							       NULL;
}

/* The longest name and password, with a colon between them. */
enum { BASIC_MAX = 256 };

static void
read_basic(const char *authorization, struct key_text *key)
{
	static const char scheme[] = "Basic ";
	size_t n = sizeof(scheme) - 1, len;
	char text[BASIC_MAX + 1];
	const char *password;

	if (authorization == NULL || strncasecmp(authorization, scheme, n) != 0)
		return;
	authorization += n;
	if (sodium_base642bin((unsigned char *)text, BASIC_MAX, authorization,
		strlen(authorization), " ", &len, NULL,
		sodium_base64_VARIANT_ORIGINAL) != 0)
		return;
	text[len] = '\0';
	password = memchr(text, ':', len);
	if (password == NULL)
		return;
	len -= (size_t)(++password - text);
	if (len == KEY_LEN && keys_look_like(password, len))
		memcpy(key->s, password, len + 1);
}

struct credentials
credentials_of(const struct request_headers *h, const struct cors *cors)
{
	struct credentials sent = {
		.token = bearer(h->authorization, h->parlor_token),
		.cookie = cors->cookie ? h->cookie : NULL,
	};

	/* A browser adds it by itself, as it does a cookie. */
	if (cors->cookie)
		read_basic(h->authorization, &sent.basic);
	return sent;
}

const char *
credentials_token(const struct credentials *sent)
{
	if (sent->token != NULL || sent->basic.s[0] == '\0')
		return sent->token;
	return sent->basic.s;
}

/* The value of our cookie in the header, *LEN bytes; NULL: there is none. */
static const char *
find_cookie(const char *header, size_t *len)
{
	size_t n = sizeof(credentials_cookie) - 1;

	while (header != NULL && *header != '\0') {
		header += strspn(header, " ;");
		if (strncmp(header, credentials_cookie, n) == 0 &&
		    header[n] == '=') {
			*len = strcspn(header + n + 1, "; ");
			return *len > 0 ? header + n + 1 : NULL;
		}
		header += strcspn(header, ";");
	}
	return NULL;
}

static void
classify(struct caller *c)
{
	c->type = CALLER_WRONG;
	if (keys_look_like(c->text, c->len))
		c->type = CALLER_KEY;
	else if (c->len == TOKEN_LEN)
		c->type = CALLER_TOKEN;
	else if (jwts_read(c->text, c->len, &c->claims) == 0)
		c->type = CALLER_JWT;
}

void
credentials_read(const struct credentials *sent, struct caller *c)
{
	const char *token = credentials_token(sent);

	*c = (struct caller){ .type = CALLER_NOBODY };
	if (token != NULL) {
		c->text = token;
		c->len = strlen(token);
		classify(c);
	} else if (sent->ticket != NULL) {
		c->text = sent->ticket;
		c->type = CALLER_TICKET;
	} else {
		c->text = find_cookie(sent->cookie, &c->len);
		c->by_cookie = c->text != NULL;
		if (c->by_cookie)
			classify(c);
	}
}

static enum db_rc
know_token(struct db *db, struct caller *c)
{
	struct token token;

	memcpy(token.s, c->text, TOKEN_LEN);
	token.s[TOKEN_LEN] = '\0';
	return users_by_token(db, token.s, &c->user);
}

static enum db_rc
know_key(struct db *db, struct caller *c)
{
	struct service_key key;
	struct key_text text;
	enum db_rc rc;

	memcpy(text.s, c->text, KEY_LEN);
	text.s[KEY_LEN] = '\0';
	rc = keys_find(db, text.s, &key);
	if (rc == DB_OK) {
		c->user = key.user;
		c->key = key.id;
		c->scopes = key.scopes;
	}
	return rc;
}

/* The token may have expired while the write waited for its turn. */
static enum db_rc
know_subject(struct db *db, struct caller *c)
{
	enum db_rc rc;

	if (c->claims.expires <= clock_wall())
		return DB_NONE;
	c->expires = c->claims.expires;
	rc = users_by_subject(db, c->claims.subject, &c->user);
	c->unseen = rc == DB_NONE;
	return rc;
}

static enum db_rc
know_ticket(struct db *db, struct caller *c)
{
	struct ticket ticket;
	enum db_rc rc = tickets_check(db, c->text, &ticket);

	if (rc == DB_OK && ticket.ends != 0 && ticket.ends <= clock_wall())
		rc = DB_NONE;
	if (rc == DB_OK) {
		c->user = ticket.user;
		c->expires = ticket.ends;
	}
	return rc;
}

enum db_rc
credentials_know(struct db *db, struct caller *c, enum problem *why)
{
	enum db_rc rc = DB_NONE;

	*why = PROBLEM_TOKEN_INVALID;
	switch (c->type) {
	case CALLER_NOBODY:
		*why = PROBLEM_TOKEN_REQUIRED;
		break;
	case CALLER_TOKEN:
		rc = know_token(db, c);
		break;
	case CALLER_KEY:
		rc = know_key(db, c);
		break;
	case CALLER_JWT:
		rc = know_subject(db, c);
		break;
	case CALLER_TICKET:
		rc = know_ticket(db, c);
		break;
	case CALLER_WRONG:
		break;
	}
	if (rc == DB_OK)
		*why = PROBLEM_NONE;
	return rc == DB_NONE ? DB_CONFLICT : rc;
}

enum problem
credentials_refine(const struct caller *c, enum problem why)
{
	return why == PROBLEM_NOT_IN_ROOM && c->key.n != 0 ?
	    PROBLEM_KEY_NEEDS_SEAT :
	    why;
}

static enum db_rc
meet(struct db *db, void *arg)
{
	struct caller *c = arg;

	return accounts_meet(db, c->claims.subject, &c->user);
}

enum db_rc
credentials_meet(struct db *db, struct caller *c)
{
	c->unseen = 0;
	return db_write(db, meet, c);
}
