/*
 * schema: describes the chat's tables to the engine.
 */
#ifndef DB_CHAT_SCHEMA_H
#define DB_CHAT_SCHEMA_H

#include "db/base/settings.h"
#include "db/engine/schema.h"

extern const struct schema schema_chat;

/* The options with which a program opens the store of the settings. */
struct store_options schema_options(const struct settings *, enum store_mode);

#endif
