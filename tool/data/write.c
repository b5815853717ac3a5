#define ZLIB_CONST /* its input is not written to */

#include "data/write.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/output.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int table_knows(const char *path)
{
    return text_ends_with(path, ".csv") || text_ends_with(path, ".csv.gz") || text_ends_with(path, ".npy");
}

/* What table_write() is given. */
typedef struct table {
    const double *values;
    size_t count, dim;
    const char *names;
    const double *units;
} table;

enum { DIGITS = 9, DIGITS_MOST = 17 }; /* so many bring a float32, a double back to the same bits */

static const double whole_most = 1e15; /* larger ones are written with an exponent */

static int digits_of(double value, double unit)
{
    double more = fabs(value) > unit ? floor(log10(fabs(value) / unit)) : 0;
    return more < DIGITS_MOST - DIGITS ? DIGITS + (int)more : DIGITS_MOST;
}

/* One row as text. */
static size_t format_row(char *text, const table *from, size_t row)
{
    size_t used = 0;
    for (size_t j = 0; j < from->dim; j++) {
        double value = from->values[row * from->dim + j];
        const char *comma = j > 0 ? "," : "";
        if (value == floor(value) && fabs(value) < whole_most)
            used += (size_t)sprintf(text + used, "%s%.0f", comma, value);
        else
            used += (size_t)sprintf(text + used, "%s%.*g", comma,
                                    digits_of(value, from->units != NULL ? from->units[j] : HUGE_VAL), value);
    }
    text[used++] = '\n';
    return used;
}

static void write_csv(FILE *stream, const table *from)
{
    char *text = allocate(from->dim, 32);
    if (from->names != NULL)
        fprintf(stream, "%s\n", from->names);
    for (size_t i = 0; i < from->count; i++)
        fwrite(text, 1, format_row(text, from, i), stream);
    free(text);
}

/* Packs `size` bytes more; `how` is Z_NO_FLUSH, or Z_FINISH with the last of them. */
static void pack(FILE *stream, z_stream *packer, const char *bytes, size_t size, int how)
{
    unsigned char packed[4096];
    packer->next_in = (const unsigned char *)bytes;
    packer->avail_in = (uInt)size;
    do {
        packer->next_out = packed;
        packer->avail_out = sizeof packed;
        deflate(packer, how); /* with room for its output and input of its own it cannot fail */
        fwrite(packed, 1, sizeof packed - packer->avail_out, stream);
    } while (packer->avail_out == 0);
}

static void write_csv_gz(FILE *stream, const table *from, const char *path)
{
    enum { GZIP = 16 + MAX_WBITS, LEVEL = 8 };
    char *text = allocate(from->dim, 32);
    z_stream packer = {0};
    if (deflateInit2(&packer, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("%s: not enough memory to pack the rows", path);
    if (from->names != NULL)
        pack(stream, &packer, from->names, strlen(from->names), Z_NO_FLUSH);
    if (from->names != NULL)
        pack(stream, &packer, "\n", 1, Z_NO_FLUSH);
    for (size_t i = 0; i < from->count; i++)
        pack(stream, &packer, text, format_row(text, from, i), Z_NO_FLUSH);
    pack(stream, &packer, "", 0, Z_FINISH);
    deflateEnd(&packer);
    free(text);
}

/* Version 1.0; the header is padded so that the values begin at a multiple of 64. */
static void write_npy_header(FILE *stream, const char *type, size_t count, const int64_t *shape, size_t rank)
{
    char header[256];
    int length = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,", type, count);
    for (size_t i = 0; i < rank; i++)
        length += snprintf(header + length, sizeof header - (size_t)length, "%s%lld", i > 0 ? ", " : " ",
                           (long long)shape[i]);
    length += snprintf(header + length, sizeof header - (size_t)length, "), }");
    size_t padded = (10 + (size_t)length + 1 + 63) / 64 * 64 - 10;
    const unsigned char start[] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)padded, (unsigned char)(padded >> 8)};
    fwrite(start, 1, sizeof start, stream);
    fprintf(stream, "%-*s\n", (int)padded - 1, header);
}

/* Least significant byte first. */
static void write_bits(FILE *stream, uint64_t bits, size_t size)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    fwrite(bytes, 1, size, stream);
}

/* float32 where that leaves each column 14 bits of its unit, else double. */
static int fits_float(const table *from)
{
    for (size_t i = 0; i < from->count * from->dim && from->units != NULL; i++) {
        if (fabs(from->values[i]) > 1024 * from->units[i % from->dim])
            return 0;
    }
    return 1;
}

static void write_npy(FILE *stream, const table *from, const int64_t *shape, size_t rank)
{
    int narrow = fits_float(from);
    write_npy_header(stream, narrow ? "<f4" : "<f8", from->count, shape, rank);
    for (size_t i = 0; i < from->count * from->dim; i++) {
        float small = (float)from->values[i];
        uint32_t bits;
        uint64_t wide;
        memcpy(&bits, &small, sizeof bits);
        memcpy(&wide, &from->values[i], sizeof wide);
        write_bits(stream, narrow ? bits : wide, narrow ? sizeof bits : sizeof wide);
    }
}

void table_write(const char *path, const double *values, size_t count, const int64_t *shape, size_t rank,
                 const char *names, const double *units)
{
    table from = {values, count, 1, names, units};
    for (size_t i = 0; i < rank; i++)
        from.dim *= (size_t)shape[i];
    output *out = output_open(path);
    if (text_ends_with(path, ".npy"))
        write_npy(output_stream(out), &from, shape, rank);
    else if (text_ends_with(path, ".csv"))
        write_csv(output_stream(out), &from);
    else
        write_csv_gz(output_stream(out), &from, path);
    output_commit(out);
}

void table_write_bytes(const char *path, const unsigned char *values, size_t count, const int64_t *shape, size_t rank)
{
    size_t dim = 1;
    for (size_t i = 0; i < rank; i++)
        dim *= (size_t)shape[i];
    output *out = output_open(path);
    write_npy_header(output_stream(out), "|u1", count, shape, rank);
    fwrite(values, dim, count, output_stream(out));
    output_commit(out);
}
