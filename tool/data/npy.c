/* NumPy's array files, versions 1 to 3: the first axis counts samples, the others are a sample's shape. */
#include "data/bytes.h"
#include "data/dataset.h"

#include "common/fail.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct npy_type {
    const char *name; /* as in the header, byte order first; '|' where there is none */
    size_t size;
    double (*read)(const unsigned char *bytes);
    int discrete;
} npy_type;

#define READER(name, type)                                                                                             \
    static double name(const unsigned char *bytes)                                                                     \
    {                                                                                                                  \
        type value;                                                                                                    \
        memcpy(&value, bytes, sizeof value);                                                                           \
        return (double)value;                                                                                          \
    }

READER(read_f4, float)
READER(read_f8, double)
READER(read_u1, uint8_t)
READER(read_i4, int32_t)
READER(read_i8, int64_t)

static const npy_type types[] = {
    {"<f4", 4, read_f4, 0}, {"<f8", 8, read_f8, 0}, {"|u1", 1, read_u1, 1},
    {"<i4", 4, read_i4, 1}, {"<i8", 8, read_i8, 1}, {"|b1", 1, read_u1, 1},
};

typedef struct npy_header {
    const npy_type *type;
    int64_t shape[DATA_RANK + 1];
    size_t rank;
    const unsigned char *data;
} npy_header;

/* What stands behind 'key': in the header's dictionary. */
static const char *header_value(const char *path, const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (at == NULL)
        fail("%s: damaged .npy header, %s is missing", path, key);
    at += strlen(key);
    at += strspn(at, " :");
    return at;
}

static const npy_type *find_type(const char *path, const char *descr)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if ((*descr == '\'' || *descr == '"') && strncmp(descr + 1, types[i].name, 3) == 0 && descr[4] == *descr)
            return &types[i];
    }
    fail("%s: holds values of type %.*s, expected '<f4', '<f8', '|u1', '<i4', '<i8' or '|b1'", path,
         (int)strcspn(descr, ",}"), descr);
}

/* "(100, 8, 8)" */
static size_t read_shape(const char *path, const char *text, int64_t *shape)
{
    size_t rank = 0;
    if (*text++ != '(')
        fail("%s: damaged .npy header, the shape is no tuple", path);
    for (text += strspn(text, " "); *text != ')'; text += strspn(text, ", ")) {
        char *end;
        long long size = strtoll(text, &end, 10);
        if (end == text || size < 0)
            fail("%s: damaged .npy header, the shape is no tuple of sizes", path);
        if (rank == DATA_RANK + 1)
            fail("%s: has more than %d axes", path, DATA_RANK + 1);
        shape[rank++] = size;
        text = end;
    }
    return rank;
}

/* Magic, version, length of the header (2 bytes in version 1, 4 later), the header itself. */
static char *header_text(const char *path, const unsigned char *bytes, size_t size, size_t *data_offset)
{
    if (size < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        fail("%s: not a .npy file", path);
    size_t start = bytes[6] == 1 ? 10 : 12;
    if (bytes[6] < 1 || bytes[6] > 3)
        fail("%s: .npy version %d, expected 1, 2 or 3", path, bytes[6]);
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    if (start == 12 && size >= start)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (size < start || length > size - start)
        fail("%s: cut off within its header", path);
    char *text = allocate(length + 1, 1);
    memcpy(text, bytes + start, length);
    *data_offset = start + length;
    return text;
}

static void read_header(npy_header *out, const char *path, const unsigned char *bytes, size_t size)
{
    size_t offset;
    char *text = header_text(path, bytes, size, &offset);
    out->type = find_type(path, header_value(path, text, "'descr'"));
    if (strncmp(header_value(path, text, "'fortran_order'"), "False", 5) != 0)
        fail("%s: stored in Fortran order, expected C order", path);
    out->rank = read_shape(path, header_value(path, text, "'shape'"), out->shape);
    out->data = bytes + offset;
    free(text);
    if (out->rank == 0)
        fail("%s: holds a single number, expected an axis of samples", path);
    size_t wanted = out->type->size;
    for (size_t i = 0; i < out->rank; i++)
        wanted = multiply(wanted, (size_t)out->shape[i], path);
    if (wanted != size - offset)
        fail("%s: holds %zu bytes of values, its header promises %zu", path, size - offset, wanted);
}

void data_load_npy(dataset *out, const char *path)
{
    static const int64_t single = 1;
    size_t size;
    char *bytes = data_bytes(path, &size);
    npy_header header;
    read_header(&header, path, (const unsigned char *)bytes, size);
    if (header.rank == 1)
        data_reserve(out, path, (size_t)header.shape[0], &single, 1);
    else
        data_reserve(out, path, (size_t)header.shape[0], header.shape + 1, header.rank - 1);
    for (size_t i = 0; i < out->count * out->dim; i++) {
        out->values[i] = header.type->read(header.data + i * header.type->size);
        if (!isfinite(out->values[i]))
            fail("%s: value %zu of sample %zu (from 0) is not a finite number", path, i % out->dim, i / out->dim);
    }
    out->discrete = header.type->discrete;
    out->bounded = strcmp(header.type->name, "|u1") == 0;
    out->maximum = 255;
    free(bytes);
}
