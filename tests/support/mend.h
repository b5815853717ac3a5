/* Files spoilt on purpose. Define _POSIX_C_SOURCE before the first include. */
#ifndef SUPPORT_MEND_H
#define SUPPORT_MEND_H

#include "folder.h"

/* Puts `to` where the file holds `from`, of the same length, for the first time. */
static inline void file_replace(const char *name, const char *from, const char *to)
{
    size_t size, length = strlen(from);
    unsigned char *bytes = folder_read(name, &size);
    assert_int_equal(strlen(to), length);
    size_t at = 0;
    while (at + length <= size && memcmp(bytes + at, from, length) != 0)
        at++;
    if (at + length > size)
        fail_msg("%s does not hold '%s'", name, from);
    memcpy(bytes + at, to, length);
    folder_write(name, bytes, size);
    free(bytes);
}

static inline void file_cut(const char *name, size_t less)
{
    size_t size;
    unsigned char *bytes = folder_read(name, &size);
    folder_write(name, bytes, size - less);
    free(bytes);
}

/* The last float of the last tensor. */
static inline void file_end_with(const char *name, float value)
{
    size_t size;
    unsigned char *bytes = folder_read(name, &size);
    memcpy(bytes + size - sizeof value, &value, sizeof value); /* little-endian hosts, as the project's machines are */
    folder_write(name, bytes, size);
    free(bytes);
}

/* A scalar F32 tensor behind all others. */
static inline void file_add_tensor(const char *name, const char *tensor)
{
    size_t size;
    unsigned char *bytes = folder_read(name, &size);
    uint64_t length = 0;
    for (size_t i = 0; i < 8; i++)
        length |= (uint64_t)bytes[i] << (8 * i);
    size_t data = size - 8 - (size_t)length, end = 8 + (size_t)length;
    while (bytes[--end] != '}')
        ;
    char entry[256];
    int more = snprintf(entry, sizeof entry, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[%zu,%zu]}}",
                        tensor, data, data + 4);
    size_t header = end - 8 + (size_t)more;
    unsigned char *all = calloc(8 + header + data + 4, 1);
    assert_non_null(all);
    for (size_t i = 0; i < 8; i++)
        all[i] = (unsigned char)((uint64_t)header >> (8 * i));
    memcpy(all + 8, bytes + 8, end - 8);
    memcpy(all + end, entry, (size_t)more);
    memcpy(all + 8 + header, bytes + 8 + (size_t)length, data);
    folder_write(name, all, 8 + header + data + 4);
    free(all);
    free(bytes);
}

/* Whether two files hold the same bytes. */
static inline void assert_same_files(const char *a, const char *b)
{
    size_t a_size, b_size;
    unsigned char *a_bytes = folder_read(a, &a_size), *b_bytes = folder_read(b, &b_size);
    assert_int_equal(a_size, b_size);
    for (size_t i = 0; i < a_size; i++)
        if (a_bytes[i] != b_bytes[i])
            fail_msg("%s and %s differ at byte %zu of %zu", a, b, i, a_size);
    free(a_bytes);
    free(b_bytes);
}

#endif
