/* Numbers between separators, one sample a line, with a header line or without. */
#include "data/csv.h"
#include "data/bytes.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct csv_reader {
    csv_text text;
    header_line header; /* how the first line is to be taken */
    char **names;       /* NULL without a header */
    int indexed;        /* the first column numbers the rows */
    size_t columns;     /* of every row, the index counted; 0 before the first */
    double *values;
    size_t used, capacity;
    size_t wide; /* whole numbers beyond 2^53 */
    char *whole; /* [columns], no fraction so far */
} csv_reader;

static _Noreturn void refuse_field(const csv_reader *reader, size_t column)
{
    int first = reader->used < reader->columns || reader->columns == 0;
    fail("%s: line %zu, column %zu: '%.40s' is not a finite number%s", reader->text.path, reader->text.line, column,
         reader->text.field,
         first && reader->names == NULL && reader->header == HEADER_AUTO
             ? "; if this line names the columns, say --data header=yes"
             : "");
}

static double read_number(csv_reader *reader, size_t column)
{
    const char *at = reader->text.field;
    double value;
    if (!text_number(&value, &at) || *at != '\0')
        refuse_field(reader, column);
    reader->wide += fabs(value) >= 0x1p53 && strspn(reader->text.field, "+-0123456789") == strlen(reader->text.field);
    return value;
}

static void check_width(const csv_reader *reader, size_t line, size_t columns)
{
    if (columns == reader->columns)
        return;
    if (reader->names != NULL && reader->used == 0)
        fail("%s: line %zu has %zu columns, the header names %zu", reader->text.path, line, columns, reader->columns);
    fail("%s: line %zu has %zu columns, the lines before it have %zu", reader->text.path, line, columns,
         reader->columns);
}

static void read_row(csv_reader *reader)
{
    size_t columns = 0, start = reader->used, line = reader->text.line;
    int more = 1;
    while (more) {
        more = csv_field(&reader->text);
        if (columns++ == 0 && reader->indexed)
            continue;
        double value = read_number(reader, columns);
        reader->values = grow(reader->values, &reader->capacity, reader->used + 1, sizeof *reader->values);
        reader->values[reader->used++] = value;
    }
    size_t numbers = reader->used;
    if (reader->columns == 0)
        reader->columns = columns;
    reader->used = start;
    check_width(reader, line, columns);
    reader->used = numbers;
}

static void find_whole(csv_reader *reader, size_t dim)
{
    reader->whole = allocate(dim, 1);
    memset(reader->whole, 1, dim);
    for (size_t i = 0; i < reader->used; i++) {
        if (reader->values[i] != floor(reader->values[i]))
            reader->whole[i % dim] = 0;
    }
}

/* A data frame's index, which has no name, or had none when the file was read and written again. */
static void find_index(csv_reader *reader)
{
    reader->indexed = reader->names != NULL && reader->columns > 1 &&
                      (*reader->names[0] == '\0' || strcmp(reader->names[0], "Unnamed: 0") == 0);
    if (reader->indexed)
        fprintf(stderr, "diffusion: note: %s: the first column has no name: an index of rows, left out\n",
                reader->text.path);
}

/* 0,1,2,… or 1,2,3,… as a first line of data with fractions is more likely a line of names. */
static void suspect_names(const csv_reader *reader, size_t dim)
{
    double first = reader->values[0];
    size_t fractions = 0;
    int counted = reader->names == NULL && dim > 1 && (first == 0 || first == 1) && reader->header == HEADER_AUTO;
    for (size_t j = 0; j < dim; j++) {
        counted = counted && reader->values[j] == first + (double)j;
        fractions += !reader->whole[j];
    }
    if (counted && fractions == dim)
        fprintf(stderr,
                "diffusion: note: %s: line 1 is taken for a sample; if it numbers the columns, say --data "
                "header=yes\n",
                reader->text.path);
}

static int names_label(const char *name)
{
    return strcasecmp(name, "label") == 0 || strcasecmp(name, "class") == 0 || strcasecmp(name, "target") == 0;
}

static void take_names(dataset *out, csv_reader *reader)
{
    out->names = allocate(out->dim, sizeof *out->names);
    memcpy(out->names, reader->names + reader->indexed, out->dim * sizeof *out->names);
    if (reader->indexed)
        free(reader->names[0]);
    free(reader->names);
    if (names_label(out->names[out->dim - 1]))
        out->header = LABELS_LAST;
    else if (names_label(out->names[0]))
        out->header = LABELS_FIRST;
}

static void finish(dataset *out, csv_reader *reader)
{
    out->values = reader->values;
    out->dim = reader->columns - (size_t)reader->indexed;
    out->count = reader->used / out->dim;
    out->shape[0] = (int64_t)out->dim;
    out->rank = 1;
    find_whole(reader, out->dim);
    out->whole = reader->whole;
    out->discrete = memchr(out->whole, 0, out->dim) == NULL;
    suspect_names(reader, out->dim);
    if (reader->names != NULL)
        take_names(out, reader);
    if (reader->wide > 0)
        fprintf(stderr, "diffusion: note: %s: %zu whole numbers beyond 2^53 are rounded to double\n", reader->text.path,
                reader->wide);
    free(reader->text.field);
}

void data_load_csv(dataset *out, const char *path, header_line header)
{
    size_t size;
    char *bytes = data_bytes(path, &size);
    csv_reader reader = {.header = header};
    csv_open(&reader.text, path, bytes);
    reader.names = csv_header(&reader.text, header, &reader.columns);
    find_index(&reader);
    for (int more = *reader.text.at != '\0'; more; more = csv_next_line(&reader.text))
        read_row(&reader);
    if (reader.text.at != bytes + size)
        fail("%s: line %zu holds a zero byte, so this is not a text file", path, reader.text.line);
    if (reader.used == 0)
        fail("%s: holds no numbers", path);
    finish(out, &reader);
    free(bytes);
}
