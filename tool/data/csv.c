/* Numbers between separators, one sample a line, with a header line or without. */
#include "data/csv.h"
#include "data/column_list.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct csv_reader {
    csv_text text;
    header_line header; /* how the first line is to be taken */
    int skip_missing;
    csv_columns columns;
    csv_notes notes;
    double *values;
    size_t used, capacity;
    char *whole; /* [kept], no fraction */
} csv_reader;

static int is_number(const char *field)
{
    double value;
    return text_number(&value, &field) && *field == '\0';
}

/* As drop= takes it, and shells do. */
static void name_for_drop(char **list, const csv_columns *columns, size_t column)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    const char *name = columns->names != NULL ? columns->names[column] : "";
    text_append(list, "%s", **list != '\0' ? "," : "");
    if (*name == '\0' || strspn(name, plain) != strlen(name))
        text_append(list, "%zu", column + 1);
    else
        text_append(list, "%s", name);
}

/* This column, and those behind it whose field in this row is text. */
static char *text_columns(csv_reader *reader, size_t column)
{
    csv_text *text = &reader->text;
    char *list = text_format("%s", "");
    for (int first = 1; column < reader->columns.count; column++, first = 0) {
        int is_text = !is_number(text->field) && !csv_is_missing(text->field);
        if (first || (is_text && !reader->columns.dropped[column]))
            name_for_drop(&list, &reader->columns, column);
        if (strchr("\r\n", *text->at) != NULL) /* or at the end */
            break;
        csv_field(text);
    }
    return list;
}

/* What may help. */
static char *advice_for(csv_reader *reader, size_t column)
{
    const char *field = reader->text.field;
    if (strpbrk(field, ",;|\t '") != NULL && strpbrk(field, "0123456789") != NULL &&
        strspn(field, "+-0123456789,.;|\t '") == strlen(field))
        return text_format("; expected numbers with a decimal point, thousands without separators, and commas, "
                           "semicolons or tabs between them");
    int first = reader->used == 0 && reader->columns.names == NULL && reader->header == HEADER_AUTO;
    char *advice = text_format("%s", first ? "; if this line names the columns, say --data header=yes" : "");
    if (csv_is_missing(field))
        text_append(&advice, "; --data missing=skip leaves out rows with missing values");
    char *columns = text_columns(reader, column);
    text_append(&advice, "; --data drop=%s leaves out %s", columns,
                strchr(columns, ',') != NULL ? "the columns of this line that hold text" : "the column");
    free(columns);
    return advice;
}

static _Noreturn void refuse_field(csv_reader *reader, size_t column)
{
    char *name = column_text(column + 1, reader->columns.names != NULL ? reader->columns.names[column] : NULL);
    char *field = text_format("%.40s%s", reader->text.field, strlen(reader->text.field) > 40 ? "…" : "");
    size_t line = reader->text.line;
    fail("%s: line %zu, %s: '%s' is not a finite number%s", reader->text.path, line, name, field,
         advice_for(reader, column));
}

static double read_number(csv_reader *reader, size_t column)
{
    const char *at = reader->text.field;
    double value;
    if (!text_number(&value, &at) || *at != '\0')
        refuse_field(reader, column);
    csv_notes_look(&reader->notes, column, reader->text.field, value);
    return value + 0.0; /* no -0 */
}

static void check_width(const csv_reader *reader, size_t line, size_t columns)
{
    if (columns == reader->columns.count)
        return;
    if (reader->columns.names != NULL && reader->used == 0)
        fail("%s: line %zu has %zu columns, the header names %zu", reader->text.path, line, columns,
             reader->columns.count);
    fail("%s: line %zu has %zu columns, the lines before it have %zu", reader->text.path, line, columns,
         reader->columns.count);
}

static void keep(csv_reader *reader, double value)
{
    reader->values = grow(reader->values, &reader->capacity, reader->used + 1, sizeof *reader->values);
    reader->values[reader->used++] = value;
}

static void read_row(csv_reader *reader)
{
    size_t columns = 0, start = reader->used, line = reader->text.line;
    int more = 1, missing = 0;
    while (more) {
        more = csv_field(&reader->text);
        size_t column = columns++;
        if (column >= reader->columns.count || reader->columns.dropped[column])
            continue;
        if (reader->skip_missing && csv_is_missing(reader->text.field))
            missing = 1;
        else
            keep(reader, read_number(reader, column));
    }
    size_t numbers = missing ? start : reader->used;
    reader->used = start;
    check_width(reader, line, columns);
    reader->used = numbers;
    reader->notes.skipped += (size_t)missing;
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

static int counts_up(const double *row, size_t dim)
{
    size_t j = 1;
    while (j < dim && row[j] == row[0] + (double)j)
        j++;
    return j == dim && row[0] == floor(row[0]);
}

/* 0,1,2,… or 1990,1991,… as a first line of data with fractions is more likely a line of names, and so is the former of
 * three columns and more before a line that does not go on in this way. */
static void suspect_names(const csv_reader *reader, size_t dim)
{
    enum { MANY = 3 };
    const double *rows = reader->values;
    int counted = reader->columns.names == NULL && dim > 1 && reader->header == HEADER_AUTO && counts_up(rows, dim);
    int fractions = memchr(reader->whole, 1, dim) == NULL;
    int numbers = dim >= MANY && (rows[0] == 0 || rows[0] == 1) && reader->used > dim && !counts_up(rows + dim, dim);
    if (counted && (fractions || numbers))
        note("%s: line 1 is taken for a sample; if it numbers the columns, say --data "
             "header=yes",
             reader->text.path);
}

static void take_names(dataset *out, csv_columns *columns)
{
    out->names = allocate(out->dim, sizeof *out->names);
    for (size_t i = 0, j = 0; i < columns->count; i++) {
        if (columns->dropped[i])
            free(columns->names[i]);
        else
            out->names[j++] = columns->names[i];
    }
    free(columns->names);
    if (out->dim == 1)
        return; /* there would be no data */
    if (csv_is_label(out->names[out->dim - 1]))
        out->header = LABELS_LAST;
    else if (csv_is_label(out->names[0]))
        out->header = LABELS_FIRST;
}

/* Those of the file, which drop= takes. */
static void take_numbers(dataset *out, const csv_columns *columns)
{
    out->numbers = allocate(out->dim, sizeof *out->numbers);
    for (size_t i = 0, j = 0; i < columns->count; i++) {
        if (!columns->dropped[i])
            out->numbers[j++] = i + 1;
    }
}

static void finish(dataset *out, csv_reader *reader)
{
    out->values = reader->values;
    out->dim = reader->columns.kept;
    out->count = reader->used / out->dim;
    out->shape[0] = (int64_t)out->dim;
    out->rank = 1;
    find_whole(reader, out->dim);
    out->whole = reader->whole;
    out->discrete = memchr(out->whole, 0, out->dim) == NULL;
    suspect_names(reader, out->dim);
    csv_notes_say(&reader->notes, out->values, out->count);
    take_numbers(out, &reader->columns);
    if (reader->columns.names != NULL)
        take_names(out, &reader->columns);
    free(reader->columns.dropped);
    free(reader->text.field);
}

void data_load_csv(dataset *out, const data_file *file, const data_format *format)
{
    csv_reader reader = {.header = format->header, .skip_missing = format->skip_missing};
    csv_open(&reader.text, file);
    reader.columns.path = file->path;
    reader.columns.names = csv_header(&reader.text, format->header, &reader.columns.count);
    csv_choose_columns(&reader.columns, format->drop);
    csv_notes_begin(&reader.notes, &reader.columns);
    for (int more = *reader.text.at != '\0'; more; more = csv_next_line(&reader.text))
        read_row(&reader);
    if (reader.used == 0)
        fail("%s: holds no numbers", file->path);
    finish(out, &reader);
}
