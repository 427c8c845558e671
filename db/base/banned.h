/*
 * banned: library functions that do not compile here.  The Makefile includes
 * this in every file.
 *
 * Each of these calls can go wrong in a way that the call does not show, and
 * each has a safe substitute: buf_* for strings, clock_* for times.
 */
#ifndef DB_BASE_BANNED_H
#define DB_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok
#pragma GCC poison gets gmtime localtime ctime asctime atoi atol atoll
#pragma GCC poison strdup strndup rand srand

#endif
