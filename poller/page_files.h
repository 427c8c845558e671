/*
 * page_files: the files of the page, which the embedded form serves itself.
 *
 * They lie in the directory settings.www, as www/build.py makes it: a text may
 * have variants FILE.br and FILE.gz, and what lies in a folder v-HASH never
 * changes, so browsers keep it.
 */
#ifndef POLLER_PAGE_FILES_H
#define POLLER_PAGE_FILES_H

#include "poller/exchange.h"

/*
 * Answers with a file of the page, 304 when the client has it, or 404.  May be
 * called from any thread.
 */
enum MHD_Result page_files_answer(struct exchange *);

#endif
