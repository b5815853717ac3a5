#define _POSIX_C_SOURCE 200809L

#include "data/write.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/output.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

int table_knows(const char *path)
{
    return text_ends_with(path, ".csv") || text_ends_with(path, ".csv.gz") || text_ends_with(path, ".npy");
}

/* One row as text; 9 digits bring a float32 back to the same bits. */
static size_t format_row(char *text, const float *row, size_t dim)
{
    size_t used = 0;
    for (size_t j = 0; j < dim; j++)
        used += (size_t)sprintf(text + used, "%s%.9g", j > 0 ? "," : "", (double)row[j]);
    text[used++] = '\n';
    return used;
}

static void write_csv(FILE *stream, const float *values, size_t count, size_t dim)
{
    char *text = allocate(dim, 24);
    for (size_t i = 0; i < count; i++)
        fwrite(text, 1, format_row(text, values + i * dim, dim), stream);
    free(text);
}

static void write_csv_gz(output *out, const float *values, size_t count, size_t dim)
{
    char *text = allocate(dim, 24);
    int descriptor = dup(fileno(output_stream(out)));
    gzFile file = descriptor >= 0 ? gzdopen(descriptor, "wb") : NULL;
    int good = file != NULL;
    for (size_t i = 0; i < count && good; i++) {
        size_t length = format_row(text, values + i * dim, dim);
        good = gzwrite(file, text, (unsigned)length) == (int)length;
    }
    if (!good || gzclose(file) != Z_OK)
        fail("%s: cannot write the compressed rows", output_path(out));
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

static void write_npy(FILE *stream, const float *values, size_t count, const int64_t *shape, size_t rank, size_t dim)
{
    write_npy_header(stream, "<f4", count, shape, rank);
    for (size_t i = 0; i < count * dim; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        const unsigned char bytes[] = {(unsigned char)bits, (unsigned char)(bits >> 8), (unsigned char)(bits >> 16),
                                       (unsigned char)(bits >> 24)};
        fwrite(bytes, 1, sizeof bytes, stream);
    }
}

void table_write(const char *path, const float *values, size_t count, const int64_t *shape, size_t rank)
{
    size_t dim = 1;
    for (size_t i = 0; i < rank; i++)
        dim *= (size_t)shape[i];
    output *out = output_open(path);
    if (text_ends_with(path, ".npy"))
        write_npy(output_stream(out), values, count, shape, rank, dim);
    else if (text_ends_with(path, ".csv"))
        write_csv(output_stream(out), values, count, dim);
    else
        write_csv_gz(out, values, count, dim);
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
