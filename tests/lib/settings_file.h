/*
 * settings_file: a settings file for one test, and what loading it writes to
 * the log.
 *
 * It is the state of a SETTINGS_FILE_TEST: PARLOR_CONF names the file, which
 * is not there until settings_file_write().
 */
#ifndef TESTS_LIB_SETTINGS_FILE_H
#define TESTS_LIB_SETTINGS_FILE_H

#include "db/base/buf.h"
#include "db/base/settings.h"

int settings_file_setup(void **state);
int settings_file_teardown(void **state);

#define SETTINGS_FILE_TEST(name)         \
	cmocka_unit_test_setup_teardown( \
	    name, settings_file_setup, settings_file_teardown)

/* The directory of the file. */
const char *settings_file_dir(void);

void settings_file_write(const char *text);

/*
 * Loads the settings of a program with up to three arguments, which end at the
 * first NULL.  What settings_load() returns.
 */
int settings_file_load(
    struct settings *s, const char *a, const char *b, const char *c);

/* The same with one argument, or NULL; replaces LOG by what is logged. */
int settings_file_load_logged(
    struct settings *s, const char *argument, struct buf *log);

/* As above; then logs which settings of the file are overruled. */
int settings_file_load_overruled(
    struct settings *s, const char *argument, struct buf *log);

/* Fails unless LOG holds TEXT. */
void settings_file_assert_logged(const struct buf *log, const char *text);

#endif
