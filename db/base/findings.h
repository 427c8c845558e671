/* findings: the faults that a check has found, each a line of text. */
#ifndef DB_BASE_FINDINGS_H
#define DB_BASE_FINDINGS_H

/* Gets a finding: the fault and its remedy.  The text is lent. */
typedef void (*findings_fn)(const char *finding, void *arg);

struct findings {
	findings_fn fn;
	void *arg;
	int n; /* the number of findings so far */
};

/*
 * Passes a finding on.  Control characters become spaces, because parts of the
 * text may come from outside.
 */
void findings_add(struct findings *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
