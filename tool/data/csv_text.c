/* Fields of a text file, quoted or not. */
#include "data/csv.h"

#include "common/fail.h"
#include "common/kind.h"
#include "common/memory.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

static int ends_line(char c)
{
    return c == '\0' || c == '\r' || c == '\n';
}

/* Past "\n", "\r\n" or a lone "\r". */
static void step_line(csv_text *text)
{
    if (*text->at == '\0')
        return;
    text->at += text->at[0] == '\r' && text->at[1] == '\n' ? 2 : 1;
    text->line++;
}

static int skip_empty_lines(csv_text *text)
{
    while (ends_line(*text->at) && *text->at != '\0')
        step_line(text);
    return *text->at != '\0';
}

/* Of a comma, a semicolon and a tab the one that the line has most of, outside quotes; blanks if it has none, but not
 * within names of a .csv file. */
static char find_separator(const csv_text *text)
{
    static const char known[] = ",;\t";
    size_t counts[sizeof known] = {0};
    int quoted = 0, blank = 0;
    for (const char *at = text->at; !ends_line(*at) || (quoted && *at != '\0'); at++) {
        const char *found = strchr(known, *at);
        quoted ^= *at == '"';
        if (found != NULL && !quoted)
            counts[found - known]++;
        blank = blank || (*at == ' ' && !quoted);
    }
    char *name = text_without(text->path, ".gz");
    size_t best = 0;
    for (size_t i = 1; known[i] != '\0'; i++)
        best = counts[i] > counts[best] ? i : best;
    int white = counts[best] == 0 && blank && !text_ends_with(name, ".csv");
    char separator = text_ends_with(name, ".tsv") ? '\t' : white ? ' ' : known[best];
    free(name);
    return separator;
}

static void check_text(const data_file *file)
{
    if (data_begins(file, "\xff\xfe", 2) || data_begins(file, "\xfe\xff", 2))
        fail("%s: text in UTF-16, expected UTF-8 or ASCII", file->path);
    size_t length = strlen(file->bytes), line = 1;
    const char *is = kind_name(file->bytes, file->size);
    if (length == file->size)
        return;
    if (is != NULL && strcmp(is, "a text") != 0)
        fail("%s: %s, not a text", file->path, is);
    for (size_t i = 0; i < length; i++)
        line += file->bytes[i] == '\n';
    fail("%s: line %zu holds a zero byte, so this is not a text file", file->path, line);
}

void csv_open(csv_text *out, const data_file *file)
{
    *out = (csv_text){.path = file->path, .at = file->bytes, .line = 1};
    check_text(file);
    if (data_begins(file, "\xef\xbb\xbf", 3))
        out->at += 3; /* the byte order mark that spreadsheets write */
    skip_empty_lines(out);
    out->separator = find_separator(out);
    if (strncmp(out->at, "sep=", 4) == 0 && out->at[4] != '\0' && ends_line(out->at[5])) { /* as Excel has it */
        out->separator = out->at[4];
        out->at += 5;
        skip_empty_lines(out);
    }
}

static void put(csv_text *text, size_t *used, char c)
{
    text->field = grow(text->field, &text->capacity, *used + 1, 1);
    text->field[(*used)++] = c;
}

/* Between quotes, where "" stands for one and lines may end. */
static void quoted_field(csv_text *text, size_t *used)
{
    size_t opened = text->line;
    for (text->at++; *text->at != '\0' && (*text->at != '"' || text->at[1] == '"'); text->at++) {
        text->at += *text->at == '"';
        text->line += *text->at == '\n';
        put(text, used, *text->at);
    }
    if (*text->at == '\0')
        fail("%s: line %zu: a quote is not closed", text->path, opened);
    text->at++;
}

static int at_separator(const csv_text *text)
{
    return text->separator == ' ' ? strchr(blanks, *text->at) != NULL : *text->at == text->separator;
}

static void skip_blanks(csv_text *text)
{
    while (*text->at == ' ' || (*text->at == '\t' && text->separator != '\t'))
        text->at++;
}

int csv_field(csv_text *text)
{
    size_t used = 0;
    skip_blanks(text);
    text->quoted = *text->at == '"';
    if (text->quoted) {
        quoted_field(text, &used);
    } else {
        while (!ends_line(*text->at) && !at_separator(text))
            put(text, &used, *text->at++);
        while (used > 0 && strchr(blanks, text->field[used - 1]) != NULL)
            used--;
    }
    put(text, &used, '\0');
    skip_blanks(text);
    if (text->separator == ' ')
        return !ends_line(*text->at);
    if (ends_line(*text->at))
        return 0;
    if (!at_separator(text))
        fail("%s: line %zu: text behind a closing quote", text->path, text->line);
    text->at++;
    return 1;
}

int csv_next_line(csv_text *text)
{
    step_line(text);
    return skip_empty_lines(text);
}
