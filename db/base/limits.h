/*
 * limits: the greatest lengths of texts that people write.
 *
 * In characters, unless a name says bytes.  Typed text (db/text) and stored
 * text (db/rows) are checked by the same numbers.
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
	SUBJECT_MAX = 255 /* bytes of the embedding site's name for a person */
};

#endif
