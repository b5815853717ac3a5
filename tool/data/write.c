#define ZLIB_CONST /* its input is not written to */

#include "data/write.h"
#include "data/csv.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/output.h"
#include "common/text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static char *kind_of(const char *path)
{
    return text_without(path, ".gz");
}

int table_knows(const char *path)
{
    char *kind = kind_of(path);
    int text = text_ends_with(kind, ".csv") || text_ends_with(kind, ".tsv") || text_ends_with(kind, ".txt");
    free(kind);
    return text || text_ends_with(path, ".npy") || strcmp(path, "-") == 0;
}

static size_t dim_of(const int64_t *shape, size_t rank)
{
    size_t dim = 1;
    for (size_t i = 0; i < rank; i++)
        dim *= (size_t)shape[i];
    return dim;
}

enum { DIGITS = 9, DIGITS_MOST = 17 }; /* so many bring a float32, a double back to the same bits */

static const double whole_most = 1e15; /* larger ones are written with an exponent */

static int digits_of(double value, double unit)
{
    double more = fabs(value) > unit ? floor(log10(fabs(value) / unit)) : 0;
    return more < DIGITS_MOST - DIGITS ? DIGITS + (int)more : DIGITS_MOST;
}

static int is_exact(const table_rows *from, size_t row, size_t dim, size_t column)
{
    return from->exact != NULL && from->exact[row % from->exact_rows * dim + column];
}

static size_t format_value(char *text, double value, double unit, int exact)
{
    if (value == floor(value) && fabs(value) < whole_most)
        return (size_t)sprintf(text, "%.0f", value);
    if (isnan(value)) /* whose sign says nothing */
        return (size_t)sprintf(text, "nan");
    int digits = digits_of(value, unit), used = sprintf(text, "%.*g", digits, value);
    while (exact && digits < DIGITS_MOST && strtod(text, NULL) != value)
        used = sprintf(text, "%.*g", ++digits, value);
    return (size_t)used;
}

/* One row as text, in a room of 32 bytes for each field. */
static size_t format_row(char *text, const table_rows *from, size_t dim, char separator, size_t row)
{
    size_t used = 0;
    if (from->labels != NULL && from->labels_first)
        used += (size_t)sprintf(text, "%d%c", (int)from->labels[row], separator);
    for (size_t j = 0; j < dim; j++) {
        used += format_value(text + used, from->values[row * dim + j], from->units != NULL ? from->units[j] : HUGE_VAL,
                             is_exact(from, row, dim, j));
        text[used++] = separator;
    }
    if (from->labels != NULL && !from->labels_first)
        used += (size_t)sprintf(text + used, "%d%c", (int)from->labels[row], separator);
    text[used - 1] = '\n';
    return used;
}

/* The names, with that of the labels in its place, and a newline; "" if there are none. Freed by free(). */
static char *header_line_of(const table_rows *from, char separator)
{
    if (from->names == NULL)
        return text_format("%s", "");
    const char *label = from->label != NULL ? from->label : "label";
    int first = from->labels != NULL && from->labels_first, last = from->labels != NULL && !from->labels_first;
    char *line = csv_title(from->names, first ? label : NULL, last ? label : NULL, separator);
    text_append(&line, "\n");
    return line;
}

static void write_text(output *out, const table_rows *from, size_t dim, char separator)
{
    FILE *stream = output_stream(out);
    char *text = allocate(dim + 1, 32), *header = header_line_of(from, separator);
    fputs(header, stream);
    for (size_t i = 0; i < from->count; i++)
        fwrite(text, 1, format_row(text, from, dim, separator, i), stream);
    free(header);
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

static void write_packed(output *out, const table_rows *from, size_t dim, char separator)
{
    enum { GZIP = 16 + MAX_WBITS, LEVEL = 8 };
    FILE *stream = output_stream(out);
    char *text = allocate(dim + 1, 32), *header = header_line_of(from, separator);
    z_stream packer = {0};
    if (deflateInit2(&packer, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("%s: not enough memory to pack the rows", output_path(out));
    pack(stream, &packer, header, strlen(header), Z_NO_FLUSH);
    for (size_t i = 0; i < from->count; i++)
        pack(stream, &packer, text, format_row(text, from, dim, separator, i), Z_NO_FLUSH);
    pack(stream, &packer, "", 0, Z_FINISH);
    deflateEnd(&packer);
    free(header);
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

/* float32 where that leaves each column 14 bits of its unit, what is exact as it is, and has room for it, else double.
 */
static int fits_float(const table_rows *from, size_t dim)
{
    for (size_t i = 0; i < from->count * dim && from->units != NULL; i++) {
        const double value = from->values[i], size = fabs(value), unit = from->units[i % dim];
        if (size > 1024 * unit || size > FLT_MAX || unit < FLT_MIN)
            return 0;
        if (is_exact(from, i / dim, dim, i % dim) && (double)(float)value != value)
            return 0;
    }
    return 1;
}

static void write_npy(FILE *stream, const table_rows *from, size_t dim)
{
    int narrow = fits_float(from, dim);
    write_npy_header(stream, narrow ? "<f4" : "<f8", from->count, from->shape, from->rank);
    for (size_t i = 0; i < from->count * dim; i++) {
        float small = (float)from->values[i];
        uint32_t bits;
        uint64_t wide;
        memcpy(&bits, &small, sizeof bits);
        memcpy(&wide, &from->values[i], sizeof wide);
        write_bits(stream, narrow ? bits : wide, narrow ? sizeof bits : sizeof wide);
    }
}

/* A program may have set any text. */
static const char *names_of(const diffusion_model *model)
{
    const char *names = diffusion_model_metadata(model, "data.columns");
    const size_t dim = diffusion_model_dim(model), count = names != NULL ? csv_count(names) : dim;
    if (count == dim)
        return names;
    note("the model's data.columns are not the names of %zu columns, one for each value of a sample, and are left out",
         dim);
    return NULL;
}

void table_complete(table_rows *out, const diffusion_model *model, const int32_t *labels)
{
    const char *place = diffusion_model_metadata(model, "data.labels");
    int first = place != NULL && strcmp(place, "first") == 0, last = place != NULL && strcmp(place, "last") == 0;
    out->names = names_of(model);
    out->labels = first || last ? labels : NULL;
    out->labels_first = first;
    out->label = diffusion_model_metadata(model, "data.label");
}

void table_write(const char *path, const table_rows *from)
{
    size_t dim = dim_of(from->shape, from->rank);
    output *out = output_open(path);
    char *kind = kind_of(path), separator = text_ends_with(kind, ".tsv") ? '\t' : ',';
    if (text_ends_with(path, ".npy"))
        write_npy(output_stream(out), from, dim);
    else if (text_ends_with(path, ".gz"))
        write_packed(out, from, dim, separator);
    else
        write_text(out, from, dim, separator);
    output_commit(out);
    free(kind);
}

void table_write_labels(const char *path, const int32_t *labels, size_t count)
{
    output *out = output_open(path);
    write_npy_header(output_stream(out), "<i4", count, NULL, 0);
    for (size_t i = 0; i < count; i++)
        write_bits(output_stream(out), (uint32_t)labels[i], sizeof *labels);
    output_commit(out);
}

void table_write_bytes(const char *path, const unsigned char *values, size_t count, const int64_t *shape, size_t rank)
{
    size_t dim = dim_of(shape, rank);
    output *out = output_open(path);
    write_npy_header(output_stream(out), "|u1", count, shape, rank);
    fwrite(values, dim, count, output_stream(out));
    output_commit(out);
}
