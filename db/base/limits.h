/*
 * limits: the greatest lengths of texts that people write.
 *
 * In characters, unless a name says bytes.  Typed text (db/text) and stored
 * text (db/rows) are checked by the same numbers.  And how long a list may get
 * that is made of them.
 */
#ifndef DB_BASE_LIMITS_H
#define DB_BASE_LIMITS_H

enum {
	ROOM_TITLE_MAX = 100,
	NICKNAME_MAX = 32,
	NICKNAME_BYTES_MAX = 128,
	NICKNAME_STORED_BYTES = 144, /* with a number appended */
	CONTENT_MAX = 4000, /* of a message */
	NOTIFICATION_TEXT_MAX = 500,
	REFERENCE_MAX = 255, /* ids of targets, parents, actors */
	SUBJECT_MAX = 255, /* bytes of the embedding site's name for a person */

	/*
	 * A list ends early rather than make its answer longer than this, unless
	 * its first row does.  Clients that do not read cost this much memory
	 * each, and the usual send buffer of a unix socket (208 KiB) holds it,
	 * so an answer can be left with the kernel.  It is more than 200 messages
	 * of 600 bytes.
	 */
	LIST_BYTES_MAX = 128 * 1024
};

#endif
