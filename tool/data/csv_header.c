/* Whether the first line of a text file names the columns. */
#include "data/csv.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a first line consists of. */
typedef struct first_line {
    char **fields;
    size_t count, numbers, missing; /* the rest are names */
    size_t like_numbers;            /* of the names, numbers in another notation: 1,5 or 5% */
    size_t bare;                    /* numbers without quotes, and the like */
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

/* Or beyond double. No more than a missing value is it the name of a column, in a line of these alone. */
static int is_infinite(const char *field)
{
    char *end;
    return isinf(strtod(field, &end)) && *end == '\0';
}

static int is_number(const char *field, double *value)
{
    return text_number(value, &field) && *field == '\0';
}

/* With a decimal comma, thousands apart or a percent sign: beside names a name, by themselves none. */
static int is_like_number(const char *field)
{
    field += *field == '+' || *field == '-';
    return isdigit((unsigned char)*field) && field[strspn(field, "0123456789.,' %")] == '\0';
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
        int number = is_number(text->field, &value), like = !number && is_like_number(text->field);
        out->numbers += (size_t)number;
        out->like_numbers += (size_t)like;
        out->bare += (size_t)((number && !text->quoted) || like);
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

/* Whether numbers without quotes stand in the line behind that which has been read. */
static int bare_line_follows(csv_text *text)
{
    const char *at = text->at;
    size_t line = text->line;
    int bare = 0, more = csv_next_line(text);
    while (more) {
        double value;
        more = csv_field(text);
        bare = bare || (!text->quoted && is_number(text->field, &value));
    }
    text->at = at;
    text->line = line;
    return bare;
}

/* Numbers in quotes, where those below have none, as names that are numbers are written. */
static int is_in_quotes(const first_line *line, csv_text *text)
{
    if (line->numbers == 0 || line->bare > 0 || !bare_line_follows(text))
        return 0;
    note("%s: line 1 has its numbers in quotes, and is taken for the names of the columns; "
         "--data header=no takes it for a sample",
         text->path);
    return 1;
}

/* A line of names, or the numbers of the columns behind an index without a name. */
static int names_columns(const first_line *line, csv_text *text, header_line header)
{
    if (header != HEADER_AUTO)
        return header == HEADER_YES;
    size_t names = line->count - line->numbers - line->missing;
    return (names > line->like_numbers && line->numbers == 0) || (line->counted && line->count > 1) ||
           is_in_quotes(line, text);
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
    if (names_columns(&line, text, header)) {
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

static int ends_in_blanks(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && (strchr(" \t", name[0]) != NULL || strchr(" \t", name[length - 1]) != NULL);
}

static void append_name(char **line, const char *name, int in_quotes)
{
    int plain = strpbrk(name, ",\"\r\n") == NULL && !ends_in_blanks(name) && !in_quotes;
    text_append(line, "%s", plain ? name : "\"");
    for (const char *at = name; !plain && *at != '\0'; at++)
        text_append(line, *at == '"' ? "\"%c" : "%c", *at);
    text_append(line, plain ? "" : "\"");
}

char *csv_join(char *const *names, size_t count)
{
    char *line = text_format("%s", "");
    for (size_t i = 0; i < count; i++) {
        text_append(&line, i > 0 ? "," : "");
        append_name(&line, names[i], 0);
    }
    return line;
}

/* What a reader may take for a separator is in quotes too: of a name that stands alone that is a blank. */
static void append_title(char **line, const char *name, int alone)
{
    double value;
    append_name(line, name, is_number(name, &value) || strpbrk(name, alone ? ";\t " : ";\t") != NULL);
}

char *csv_title(const char *names, const char *first, const char *last, char separator)
{
    csv_text text = {.path = "names of columns", .at = names, .line = 1, .separator = ','};
    char *line = text_format("%s", "");
    int more = 1, alone = first == NULL && last == NULL && csv_count(names) == 1;
    if (first != NULL)
        append_title(&line, first, alone);
    for (size_t i = 0; more; i++) {
        more = csv_field(&text);
        if (i > 0 || first != NULL)
            text_append(&line, "%c", separator);
        append_title(&line, text.field, alone);
    }
    if (last != NULL)
        text_append(&line, "%c", separator);
    if (last != NULL)
        append_title(&line, last, alone);
    free(text.field);
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

int csv_is_label(const char *name)
{
    return strcasecmp(name, "label") == 0 || strcasecmp(name, "class") == 0 || strcasecmp(name, "target") == 0;
}

int csv_has_label(const char *line)
{
    csv_text text = {.path = "names of columns", .at = line, .line = 1, .separator = ','};
    int more = csv_field(&text), first = csv_is_label(text.field);
    int several = more;
    while (more)
        more = csv_field(&text);
    int last = csv_is_label(text.field);
    free(text.field);
    return several && (first || last);
}
