/*
 * descriptors: how many files and sockets this process may have open.
 */
#ifndef DB_BASE_DESCRIPTORS_H
#define DB_BASE_DESCRIPTORS_H

#include <stdint.h>

/* Raises the limit as far as the system allows. */
void descriptors_raise(void);

int64_t descriptors_limit(void);

/* 1 when ERROR (an errno) means that none, or no memory for one, is left. */
int descriptors_are_short(int error);

#endif
