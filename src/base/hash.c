#include "base/hash.h"

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ from[i]) * UINT64_C(0x100000001b3);
    return hash;
}
