#include "db/chat/jwts.h"

#include <dlfcn.h>
#include <errno.h>
#include <jansson.h>
#include <jwt.h>

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/must.h"
#include "db/text/names.h"

enum {
	PARTS = 3,
	KEY_FILE_MAX = 16384,
	SECRET_MIN = 32, /* RFC 7518, 3.2: as long as the hash */
	MS_PER_S = 1000
};

/* The end of the year 9999, which no token outlasts. */
static const double seconds_max = 253402300799.0;

static const struct {
	const char *name;
	jwt_alg_t alg;
} algorithms[] = {
	{ "HS256", JWT_ALG_HS256 },
	{ "RS256", JWT_ALG_RS256 },
	{ "ES256", JWT_ALG_ES256 },
};

enum { N_ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]) };

/* The part of libjwt that is used has not changed since 1.10. */
static struct {
	int (*decode)(jwt_t **, const char *, const unsigned char *, int);
	void (*free)(jwt_t *);
	jwt_alg_t (*alg)(jwt_t *);
	char *(*grants)(jwt_t *, const char *);
	char *(*head)(jwt_t *, const char *);
} lib;

static const char *const lib_names[] = { "libjwt.so.2", "libjwt.so.1",
	"libjwt.so.0", "libjwt-gnutls.so.0" };

/* Written before any thread, read by all. */
static struct {
	jwt_alg_t alg; /* JWT_ALG_NONE: no token is good */
	struct buf key;
	const char *audience, *issuer;
	int64_t leeway;
} rules;

static int
find(void *handle, const char *name, void *function)
{
	void *found = dlsym(handle, name);

	memcpy(function, &found, sizeof(found));
	return found != NULL;
}

static int
load(void)
{
	void *h = NULL;

	for (size_t i = 0;
	     h == NULL && i < sizeof(lib_names) / sizeof(lib_names[0]); i++)
		h = dlopen(lib_names[i], RTLD_NOW | RTLD_LOCAL);
	if (h != NULL && find(h, "jwt_decode", &lib.decode) &&
	    find(h, "jwt_free", &lib.free) &&
	    find(h, "jwt_get_alg", &lib.alg) &&
	    find(h, "jwt_get_grants_json", &lib.grants) &&
	    find(h, "jwt_get_headers_json", &lib.head))
		return 0;
	log_error("jwt_algorithm needs libjwt; install libjwt2 or libjwt0",
	    "tried=%s", lib_names[0]);
	return -1;
}

static int
read_key(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n;

	buf_clear(&rules.key);
	if (f == NULL) {
		log_error("jwt_key_file cannot be read", "file=\"%s\" error=%s",
		    path, strerror(errno));
		return -1;
	}
	n = fread(buf_space(&rules.key, KEY_FILE_MAX), 1, KEY_FILE_MAX, f);
	(void)fclose(f);
	/* An editor's line break is no part of a secret. */
	while (n > 0 && strchr("\r\n", rules.key.p[n - 1]) != NULL)
		n--;
	rules.key.len = n;
	rules.key.p[n] = '\0';
	return 0;
}

static int
check_key(const char *path)
{
	const char *why = NULL;
	const char *pem = buf_str(&rules.key);

	if (rules.alg == JWT_ALG_HS256) {
		if (rules.key.len < SECRET_MIN)
			why = "a secret has 32 bytes or more";
		else if (strstr(pem, "-----BEGIN ") != NULL)
			why = "a PEM key is for RS256 or ES256";
	} else if (strstr(pem, "PRIVATE KEY-----") != NULL)
		why = "give the public key, and keep the private one away";
	else if (strstr(pem, "-----BEGIN PUBLIC KEY-----") == NULL)
		why = "a PEM with BEGIN PUBLIC KEY is wanted";
	if (why != NULL)
		log_error("jwt_key_file cannot be used",
		    "file=\"%s\" why=\"%s\"", path, why);
	return why == NULL ? 0 : -1;
}

int
jwts_setup(const struct settings *s)
{
	rules.alg = JWT_ALG_NONE;
	if (s->jwt_algorithm[0] == '\0')
		return 0;
	for (size_t i = 0; i < N_ALGORITHMS; i++)
		if (strcmp(s->jwt_algorithm, algorithms[i].name) == 0)
			rules.alg = algorithms[i].alg;
	if (rules.alg == JWT_ALG_NONE) {
		log_error("jwt_algorithm must be HS256, RS256 or ES256",
		    "value=\"%s\"", s->jwt_algorithm);
		return -1;
	}
	rules.audience = s->jwt_audience;
	rules.issuer = s->jwt_issuer;
	rules.leeway = s->jwt_leeway_ms;
	if (load() != 0 || read_key(s->jwt_key_file) != 0 ||
	    check_key(s->jwt_key_file) != 0) {
		rules.alg = JWT_ALG_NONE;
		return -1;
	}
	return 0;
}

int
jwts_looks_like(const char *text, size_t len)
{
	static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"abcdefghijklmnopqrstuvwxyz"
					"0123456789-_";
	size_t part, parts = 1;

	if (len > JWT_MAX)
		return 0;
	for (;; parts++) {
		part = strspn(text, base64url);
		if (part > len)
			part = len;
		text += part;
		len -= part;
		if (part == 0 || len == 0)
			break;
		if (*text++ != '.')
			return 0;
		len--;
	}
	return part > 0 && parts == PARTS;
}

/* A time in seconds, which may have a fraction, in ms; -1: it is none. */
static int
take_time(const json_t *value, int64_t *ms)
{
	double seconds = json_number_value(value);

	if (!json_is_number(value) || seconds < 0 || seconds > seconds_max)
		return -1;
	*ms = (int64_t)(seconds * MS_PER_S);
	return 0;
}

static int
check_times(const json_t *grants, struct claims *c)
{
	const json_t *nbf = json_object_get(grants, "nbf");
	int64_t now = clock_wall(), since = 0;

	if (take_time(json_object_get(grants, "exp"), &c->expires) != 0 ||
	    (nbf != NULL && take_time(nbf, &since) != 0))
		return -1;
	c->expires += rules.leeway;
	return now < c->expires && now + rules.leeway >= since ? 0 : -1;
}

static int
is_text(const json_t *value, const char *text)
{
	return json_is_string(value) &&
	    strcmp(json_string_value(value), text) == 0;
}

static int
check_audience(const json_t *aud)
{
	const json_t *one;
	size_t i;

	if (rules.audience[0] == '\0' || is_text(aud, rules.audience))
		return 0;
	json_array_foreach(
	    aud, i, one) if (is_text(one, rules.audience)) return 0;
	return -1;
}

static int
take_names(const json_t *grants, struct claims *c)
{
	const char *sub = json_string_value(json_object_get(grants, "sub"));
	const char *name = json_string_value(json_object_get(grants, "name"));
	struct buf clean = BUF_INIT;

	if (sub == NULL || *sub == '\0' || strlen(sub) > SUBJECT_MAX)
		return -1;
	memcpy(c->subject, sub, strlen(sub) + 1);
	c->nickname[0] = '\0';
	if (name == NULL || names_check_nickname(name) != NULL)
		return 0;
	names_add_clean(name, &clean);
	if (clean.len <= NICKNAME_BYTES_MAX)
		memcpy(c->nickname, buf_str(&clean), clean.len + 1);
	buf_done(&clean);
	return 0;
}

static int
check_grants(jwt_t *jwt, struct claims *c)
{
	char *text = lib.grants(jwt, NULL);
	json_t *grants = text != NULL ? json_loads(text, 0, NULL) : NULL;
	int rc = -1;

	free(text);
	if (json_is_object(grants) && check_times(grants, c) == 0 &&
	    check_audience(json_object_get(grants, "aud")) == 0 &&
	    (rules.issuer[0] == '\0' ||
		is_text(json_object_get(grants, "iss"), rules.issuer)))
		rc = take_names(grants, c);
	json_decref(grants);
	return rc;
}

/* A token may name extensions that must be understood; we know none. */
static int
has_critical(jwt_t *jwt)
{
	char *text = lib.head(jwt, "crit");
	int has = text != NULL;

	free(text);
	return has;
}

int
jwts_read(const char *text, size_t len, struct claims *c)
{
	char copy[JWT_MAX + 1];
	jwt_t *jwt = NULL;
	int rc = -1;

	if (rules.alg == JWT_ALG_NONE || !jwts_looks_like(text, len))
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (lib.decode(&jwt, copy, (const unsigned char *)buf_str(&rules.key),
		(int)rules.key.len) != 0)
		return -1;
	/* libjwt verifies by the algorithm that the token itself names. */
	if (lib.alg(jwt) == rules.alg && !has_critical(jwt))
		rc = check_grants(jwt, c);
	lib.free(jwt);
	return rc;
}
