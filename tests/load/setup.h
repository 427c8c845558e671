/* setup: makes the rooms and the people in them. */
#ifndef TESTS_LOAD_SETUP_H
#define TESTS_LOAD_SETUP_H

#include "tests/load/run.h"

void setup(struct run *run);

/* Copies the text behind the last KEY in BODY, up to the next quote, to TO. */
int last_value(const char *body, const char *key, char *to, size_t size);

#endif
