/* descriptors: the limit of files and sockets that this process may open. */
#ifndef DB_BASE_DESCRIPTORS_H
#define DB_BASE_DESCRIPTORS_H

#include <stdint.h>

/* Raises the limit as far as the system allows. */
void descriptors_raise(void);

int64_t descriptors_limit(void);

/*
 * 1 when ERROR (an errno) means that no descriptor, or no memory for it, is
 * left.
 */
int descriptors_are_short(int error);

#endif
