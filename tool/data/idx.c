/* IDX, the format of MNIST: two zero bytes, the type, the number of axes, the big-endian sizes, the values. */
#include "data/dataset.h"
#include "data/number.h"

#include "common/fail.h"
#include "common/memory.h"

#include <math.h>

/* By the third byte of the file. */
static const struct {
    unsigned char code;
    number_type type;
} types[] = {
    {0x08, {'u', 1, 1}}, {0x09, {'i', 1, 1}}, {0x0B, {'i', 2, 1}},
    {0x0C, {'i', 4, 1}}, {0x0D, {'f', 4, 1}}, {0x0E, {'f', 8, 1}},
};

static const number_type *type_of(const char *path, unsigned char code)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].code == code)
            return &types[i].type;
    }
    fail("%s: holds IDX values of type 0x%02X, expected 0x08, 0x09 or 0x0B to 0x0E", path, code);
}

int data_is_idx(const data_file *file)
{
    const char *bytes = file->bytes;
    int known = 0;
    for (size_t i = 0; i < sizeof types / sizeof *types && file->size >= 8; i++)
        known = known || (unsigned char)bytes[2] == types[i].code;
    return known && bytes[0] == 0 && bytes[1] == 0 && bytes[3] >= 1 && bytes[3] <= DATA_RANK + 1;
}

static size_t big_endian(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static void check_header(const char *path, const unsigned char *bytes, size_t size)
{
    if (size < 4 || bytes[0] != 0 || bytes[1] != 0)
        fail("%s: not an IDX file", path);
    if (bytes[3] < 1 || bytes[3] > DATA_RANK + 1)
        fail("%s: has %d axes, expected 1 to %d", path, bytes[3], DATA_RANK + 1);
    if (size < 4 + 4 * (size_t)bytes[3])
        fail("%s: cut off within its header", path);
}

void data_load_idx(dataset *out, const data_file *file)
{
    const char *path = file->path;
    size_t size = file->size;
    const unsigned char *bytes = (const unsigned char *)file->bytes;
    check_header(path, bytes, size);
    const number_type *type = type_of(path, bytes[2]);
    size_t axes = bytes[3], wanted = type->size;
    int64_t shape[DATA_RANK + 1] = {1, 1};
    for (size_t i = 0; i < axes; i++) {
        shape[i] = (int64_t)big_endian(bytes + 4 + 4 * i);
        wanted = multiply(wanted, (size_t)shape[i], path);
    }
    const unsigned char *data = bytes + 4 + 4 * axes;
    if (wanted != size - (size_t)(data - bytes))
        fail("%s: holds %zu bytes of values, its header promises %zu", path, size - (size_t)(data - bytes), wanted);
    size_t count = (size_t)shape[0];
    if (axes == 3)
        shape[3] = 1; /* grey images: one channel */
    data_reserve(out, path, count, shape + 1, axes == 3 ? 3 : axes > 1 ? axes - 1 : 1);
    for (size_t i = 0; i < out->count * out->dim; i++) {
        out->values[i] = number_read(type, data + i * type->size);
        if (!isfinite(out->values[i]))
            fail("%s: value %zu of sample %zu (from 0) is not a finite number", path, i % out->dim, i / out->dim);
    }
    out->discrete = type->kind != 'f';
    out->bounded = axes > 1 && type->kind == 'u'; /* a list of labels has no use for 0..255 */
    out->maximum = 255;
}
