/* IDX, the format of MNIST: two zero bytes, the type, the number of axes, the big-endian sizes, the values. */
#include "data/bytes.h"
#include "data/dataset.h"

#include "common/fail.h"
#include "common/memory.h"

#include <stdlib.h>

enum { TYPE_BYTES = 0x08 };

static size_t big_endian(const unsigned char *bytes)
{
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static void check_header(const char *path, const unsigned char *bytes, size_t size)
{
    if (size < 4 || bytes[0] != 0 || bytes[1] != 0)
        fail("%s: not an IDX file", path);
    if (bytes[2] != TYPE_BYTES)
        fail("%s: holds IDX values of type 0x%02X, expected 0x08 (unsigned bytes)", path, bytes[2]);
    if (bytes[3] < 1 || bytes[3] > DATA_RANK + 1)
        fail("%s: has %d axes, expected 1 to %d", path, bytes[3], DATA_RANK + 1);
    if (size < 4 + 4 * (size_t)bytes[3])
        fail("%s: cut off within its header", path);
}

void data_load_idx(dataset *out, const char *path)
{
    size_t size;
    char *text = data_bytes(path, &size);
    const unsigned char *bytes = (const unsigned char *)text;
    check_header(path, bytes, size);
    size_t axes = bytes[3], wanted = 1;
    int64_t shape[DATA_RANK + 1] = {1, 1};
    for (size_t i = 0; i < axes; i++) {
        shape[i] = (int64_t)big_endian(bytes + 4 + 4 * i);
        wanted = multiply(wanted, (size_t)shape[i], path);
    }
    const unsigned char *data = bytes + 4 + 4 * axes;
    if (wanted != size - (size_t)(data - bytes))
        fail("%s: holds %zu values, its header promises %zu", path, size - (size_t)(data - bytes), wanted);
    size_t count = (size_t)shape[0];
    if (axes == 3)
        shape[3] = 1; /* grey images: one channel */
    data_reserve(out, path, count, shape + 1, axes == 3 ? 3 : axes > 1 ? axes - 1 : 1);
    for (size_t i = 0; i < wanted; i++)
        out->values[i] = data[i];
    out->discrete = 1;
    out->bounded = axes > 1; /* a list of labels has no use for 0..255 */
    out->maximum = 255;
    free(text);
}
