/* The binary batches of CIFAR-10: per picture the label, then the red, the green and the blue plane of 32 x 32 bytes.
 */
#include "data/dataset.h"

#include "common/fail.h"
#include "common/memory.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, CHANNELS = 3, DIM = CHANNELS * PLANE, RECORD = 1 + DIM, CLASSES = 10 };

/* Batches behind one another in memory; the pictures become [32, 32, 3]. */
static void unpack(dataset *out, const char *path, const unsigned char *bytes, size_t size)
{
    static const int64_t shape[] = {SIDE, SIDE, CHANNELS};
    if (size == 0 || size % RECORD != 0)
        fail("%s: holds %zu bytes, expected CIFAR-10 pictures of %d bytes each", path, size, RECORD);
    data_reserve(out, path, size / RECORD, shape, 3);
    out->labels = allocate(out->count, sizeof *out->labels);
    for (size_t i = 0; i < out->count; i++) {
        const unsigned char *record = bytes + i * RECORD;
        if (record[0] >= CLASSES)
            fail("%s: the label of picture %zu (from 0) is %d, expected 0..%d", path, i, record[0], CLASSES - 1);
        out->labels[i] = record[0];
        for (size_t pixel = 0; pixel < PLANE; pixel++)
            for (size_t c = 0; c < CHANNELS; c++)
                out->values[i * DIM + pixel * CHANNELS + c] = record[1 + c * PLANE + pixel];
    }
    out->header = LABELS_FIRST;
    out->discrete = out->bounded = 1;
    out->maximum = 255;
}

void data_load_cifar(dataset *out, const data_file *file)
{
    unpack(out, file->path, (const unsigned char *)file->bytes, file->size);
}
