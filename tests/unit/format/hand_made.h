/* Safetensors files made byte by byte, without the library. */
#ifndef FORMAT_HAND_MADE_H
#define FORMAT_HAND_MADE_H

#include "folder.h"

#include "format/safetensors.h"

#define HAND_MADE "hand_made.safetensors"

/* Writes HAND_MADE: the claimed header length, `length` bytes of header, and the data. */
static inline void hand_make_raw(uint64_t claimed, const char *header, size_t length, const void *data, size_t size)
{
    unsigned char *bytes = malloc(8 + length + size);
    assert_non_null(bytes);
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(claimed >> (8 * i));
    memcpy(bytes + 8, header, length);
    if (data != NULL)
        memcpy(bytes + 8 + length, data, size);
    else
        memset(bytes + 8 + length, 0, size);
    folder_write(HAND_MADE, bytes, 8 + length + size);
    free(bytes);
}

static inline void hand_make(const char *header, const void *data, size_t size)
{
    hand_make_raw(strlen(header), header, strlen(header), data, size);
}

/* Opens what hand_make() wrote; the test fails if it is refused. */
static inline safetensors *hand_made_open(void)
{
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, HAND_MADE));
    remove(HAND_MADE);
    return file;
}

#endif
