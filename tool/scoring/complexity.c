#include "scoring/complexity.h"

#include "common/fail.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LEVELS = 256, ROOM = 65536 };

static const double normal_entropy = 2.0470955851806411; /* of variance 1, bits: log2(2 pi e) / 2 */

/* Of the rounding. */
static double step_of(const subject *of)
{
    double low, high;
    scaling_range(&of->scale, &low, &high);
    return (high - low) / (LEVELS - 1);
}

int complexity_is_known(const subject *of)
{
    return step_of(of) > 0;
}

/* A picture in bytes. */
static void quantize(unsigned char *bytes, const subject *of, const float *scaled, size_t dim)
{
    const double step = step_of(of);
    double low, high;
    float *values = allocate(dim, sizeof *values);
    scaling_range(&of->scale, &low, &high);
    memcpy(values, scaled, dim * sizeof *values);
    scaling_invert_floats(of->model, values, dim);
    for (size_t j = 0; j < dim; j++)
        bytes[j] = (unsigned char)lround(fmin(fmax(((double)values[j] - low) / step, 0), LEVELS - 1));
    free(values);
}

/* The rows with a mark in bytes, [*rows, dim]; freed by free(). */
static unsigned char *bytes_of(const subject *of, const scores *from, const dataset *const *sets, size_t count,
                               int mark, size_t *rows)
{
    const size_t dim = from->dim;
    unsigned char *bytes = allocate(multiply(from->count, dim, "pictures"), 1);
    size_t row = 0;
    *rows = 0;
    for (size_t set = 0; set < count; set++)
        for (size_t i = 0; i < sets[set]->count; i++)
            if (scores_has(from, row++, mark))
                quantize(bytes + (*rows)++ * dim, of, sets[set]->scaled + i * dim, dim);
    return bytes;
}

/* In bits. What comes out is counted and not kept. */
static double deflated(unsigned char *bytes, size_t count)
{
    unsigned char out[ROOM];
    z_stream stream = {0};
    int flush = Z_NO_FLUSH;
    if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK)
        fail("not enough memory to compress pictures");
    while (flush != Z_FINISH) {
        const size_t part = count < ROOM ? count : ROOM;
        flush = part < ROOM ? Z_FINISH : Z_NO_FLUSH;
        stream.next_in = bytes;
        stream.avail_in = (uInt)part;
        do {
            stream.next_out = out;
            stream.avail_out = sizeof out;
            deflate(&stream, flush);
        } while (stream.avail_out == 0);
        bytes += part;
        count -= part;
    }
    const double bits = 8 * (double)stream.total_out;
    deflateEnd(&stream);
    return bits;
}

/* Of value j, of the bytes' variance and that of a rounding. */
static double normal(const unsigned char *bytes, size_t rows, size_t dim, size_t j, double rounding)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < rows; i++) {
        sum += bytes[i * dim + j];
        squares += (double)bytes[i * dim + j] * bytes[i * dim + j];
    }
    const double mean = sum / (double)rows;
    return normal_entropy + 0.5 * log2(squares / (double)rows - mean * mean + rounding);
}

complexity complexity_of(const subject *of, const scores *from, const dataset *const *sets, size_t count, int mark)
{
    const double step = step_of(of), unit = subject_is_discrete(of) ? 1 / step : 1; /* of what is coded, in bytes */
    size_t rows;
    unsigned char *bytes = bytes_of(of, from, sets, count, mark, &rows);
    complexity out = {deflated(bytes, rows * from->dim) / (double)(rows * from->dim), log2(step)};
    for (size_t j = 0; j < from->dim; j++)
        out.normal += normal(bytes, rows, from->dim, j, unit * unit / 12) / (double)from->dim;
    free(bytes);
    return out;
}
