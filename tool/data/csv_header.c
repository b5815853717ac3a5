/* Whether the first line of a text file names the columns. */
#include "data/csv.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a first line consists of. */
typedef struct first_line {
    char **fields;
    size_t count, numbers, missing; /* the rest are names */
    int counted;                    /* an empty field, then 0, 1, 2, … */
} first_line;

int csv_is_missing(const char *field)
{
    static const char *const words[] = {"", "na", "nan", "n/a", "null", "none", "nil", "?", "-", "."};
    field += *field == '+' || (*field == '-' && field[1] != '\0');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(field, words[i]) == 0)
            return 1;
    }
    return 0;
}

/* No more than a missing value is it the name of a column, in a line of these alone. */
static int is_infinite(const char *field)
{
    field += *field == '+' || *field == '-';
    return strcasecmp(field, "inf") == 0 || strcasecmp(field, "infinity") == 0;
}

static int is_number(const char *field, double *value)
{
    return text_number(value, &field) && *field == '\0';
}

/* Names go to terminals: control characters do not. */
static char *printable(const char *field)
{
    char *name = text_format("%s", field);
    for (char *at = name; *at != '\0'; at++)
        *at = (unsigned char)*at < ' ' || *at == 0x7f ? ' ' : *at;
    return name;
}

static void read_line(first_line *out, csv_text *text)
{
    size_t capacity = 0;
    int more = 1;
    *out = (first_line){.counted = 1};
    while (more) {
        double value;
        more = csv_field(text);
        out->fields = grow(out->fields, &capacity, out->count + 1, sizeof *out->fields);
        out->fields[out->count] = printable(text->field);
        int number = is_number(text->field, &value);
        out->numbers += (size_t)number;
        out->missing += (size_t)(csv_is_missing(text->field) || is_infinite(text->field));
        out->counted =
            out->counted && (out->count == 0 ? *text->field == '\0' : number && value == (double)(out->count - 1));
        out->count++;
    }
}

/* The sign of a comment, as numpy.savetxt() begins a line of names. */
static void drop_first(first_line *line)
{
    free(line->fields[0]);
    memmove(line->fields, line->fields + 1, --line->count * sizeof *line->fields);
}

/* A line of names, or the numbers of the columns behind an index without a name. */
static int names_columns(const first_line *line, header_line header)
{
    if (header != HEADER_AUTO)
        return header == HEADER_YES;
    size_t names = line->count - line->numbers - line->missing;
    return (names > 0 && line->numbers == 0) || (line->counted && line->count > 1);
}

char **csv_header(csv_text *text, header_line header, size_t *count)
{
    first_line line;
    csv_text start = *text;
    *count = 0;
    if (*text->at == '\0')
        return NULL;
    read_line(&line, text);
    if (text->separator == ' ' && line.count > 1 && strcmp(line.fields[0], "#") == 0)
        drop_first(&line);
    *count = line.count;
    if (names_columns(&line, header)) {
        csv_next_line(text);
        return line.fields;
    }
    text->at = start.at;
    text->line = start.line;
    for (size_t i = 0; i < line.count; i++)
        free(line.fields[i]);
    free(line.fields);
    return NULL;
}

char *csv_join(char *const *names, size_t count)
{
    char *line = text_format("%s", "");
    for (size_t i = 0; i < count; i++) {
        int plain = strpbrk(names[i], ",\"\r\n") == NULL;
        text_append(&line, "%s%s", i > 0 ? "," : "", plain ? names[i] : "\"");
        for (const char *at = names[i]; !plain && *at != '\0'; at++)
            text_append(&line, *at == '"' ? "\"%c" : "%c", *at);
        text_append(&line, plain ? "" : "\"");
    }
    return line;
}

size_t csv_count(const char *line)
{
    csv_text text = {.path = "names of columns", .at = line, .line = 1, .separator = ','};
    size_t fields = 1;
    while (csv_field(&text))
        fields++;
    free(text.field);
    return *text.at == '\0' ? fields : 0;
}
