/* The FNV-1a hash: tells accidents apart, not attacks. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* Goes on from the hash of what came before, HASH_START for nothing. */
uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size);

#endif
