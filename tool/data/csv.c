/* Comma-separated numbers, one sample a line, with a header line or without. */
#include "data/bytes.h"
#include "data/dataset.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct csv_reader {
    const char *path;
    const char *at; /* the rest of the file */
    size_t line;    /* from 1 */
    size_t columns; /* of the first line with numbers; 0 before it */
    float *values;
    size_t used, capacity;
    int whole; /* no fraction so far */
} csv_reader;

static const char *line_end(const char *at)
{
    return at + strcspn(at, "\r\n");
}

/* Past "\n", "\r\n" or a lone "\r". */
static void next_line(csv_reader *reader)
{
    reader->at = line_end(reader->at);
    if (*reader->at == '\r')
        reader->at++;
    if (*reader->at == '\n')
        reader->at++;
    reader->line++;
}

static _Noreturn void refuse_field(const csv_reader *reader, size_t column, const char *field)
{
    size_t length = strcspn(field, ",\r\n");
    fail("%s: line %zu, column %zu: '%.*s' is not a finite number", reader->path, reader->line, column,
         (int)(length < 40 ? length : 40), field);
}

static float read_field(csv_reader *reader, size_t column)
{
    const char *field = reader->at;
    double value;
    if (!text_number(&value, &reader->at))
        refuse_field(reader, column, field);
    reader->at += strspn(reader->at, " \t");
    if (*reader->at != ',' && *reader->at != '\r' && *reader->at != '\n' && *reader->at != '\0')
        refuse_field(reader, column, field);
    float rounded = (float)value;
    if (!isfinite(rounded))
        refuse_field(reader, column, field);
    if (value != floor(value) || fabs(value) > 16777216) /* beyond 2^24 float32 skips whole numbers */
        reader->whole = 0;
    return rounded;
}

static void read_row(csv_reader *reader)
{
    size_t columns = 0;
    for (;;) {
        reader->values = grow(reader->values, &reader->capacity, reader->used + 1, sizeof *reader->values);
        reader->values[reader->used++] = read_field(reader, ++columns);
        if (*reader->at != ',')
            break;
        reader->at++;
    }
    if (reader->columns == 0)
        reader->columns = columns;
    if (columns != reader->columns)
        fail("%s: line %zu has %zu columns, the lines before it have %zu", reader->path, reader->line, columns,
             reader->columns);
}

/* A header is a first line in which no field is a number. "nan" is no name of a column. */
static int is_header(const char *line)
{
    const char *end = line_end(line);
    for (const char *field = line; field < end; field += strcspn(field, ",\r\n") + 1) {
        const char *after = field;
        double value;
        const char *word = field + strspn(field, " \t+-\"");
        if (text_number(&value, &after) || strncasecmp(word, "nan", 3) == 0 || strncasecmp(word, "inf", 3) == 0)
            return 0;
    }
    return end > line;
}

static int names_label(const char *field, size_t length)
{
    while (length > 0 && (*field == ' ' || *field == '"')) {
        field++;
        length--;
    }
    while (length > 0 && (field[length - 1] == ' ' || field[length - 1] == '"'))
        length--;
    return (length == 5 && (strncasecmp(field, "label", 5) == 0 || strncasecmp(field, "class", 5) == 0)) ||
           (length == 6 && strncasecmp(field, "target", 6) == 0);
}

static label_place header_place(const char *line)
{
    const char *end = line_end(line), *last = end;
    while (last > line && last[-1] != ',')
        last--;
    if (names_label(last, (size_t)(end - last)))
        return LABELS_LAST;
    return names_label(line, strcspn(line, ",\r\n")) ? LABELS_FIRST : LABELS_NONE;
}

void data_load_csv(dataset *out, const char *path)
{
    size_t size;
    char *bytes = data_bytes(path, &size);
    csv_reader reader = {.path = path, .at = bytes, .line = 1, .whole = 1};
    if (strncmp(bytes, "\xef\xbb\xbf", 3) == 0)
        reader.at += 3; /* the byte order mark that spreadsheets write */
    if (is_header(reader.at)) {
        out->header = header_place(reader.at);
        next_line(&reader);
    }
    for (; *reader.at != '\0'; next_line(&reader)) {
        if (line_end(reader.at) != reader.at)
            read_row(&reader);
    }
    if (reader.at != bytes + size)
        fail("%s: line %zu holds a zero byte, so this is not a text file", path, reader.line);
    if (reader.used == 0)
        fail("%s: holds no numbers", path);
    out->values = reader.values;
    out->dim = reader.columns;
    out->count = reader.used / reader.columns;
    out->shape[0] = (int64_t)reader.columns;
    out->rank = 1;
    out->discrete = reader.whole;
    free(bytes);
}
