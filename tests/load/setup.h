/* setup: makes the rooms and the people in them. */
#ifndef TESTS_LOAD_SETUP_H
#define TESTS_LOAD_SETUP_H

#include "tests/load/run.h"

void setup(struct run *run);

#endif
