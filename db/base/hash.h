/*
 * hash: a hash of bytes (FNV-1a, 64 bits).
 *
 * For comparing values and distributing them; an attacker who chooses the bytes
 * can make two hashes collide, so nothing secret or unique may rely on it.
 */
#ifndef DB_BASE_HASH_H
#define DB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t len);

#endif
