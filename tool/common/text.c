#include "common/text.h"

#include "common/memory.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "start" and the formatted text behind it. */
static char *join(const char *start, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t length = (size_t)vsnprintf(NULL, 0, format, arguments), used = strlen(start);
    char *text = allocate(used + length + 1, 1);
    memcpy(text, start, used);
    vsnprintf(text + used, length + 1, format, again);
    va_end(again);
    return text;
}

char *text_format_list(const char *format, va_list arguments)
{
    return join("", format, arguments);
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = join("", format, arguments);
    va_end(arguments);
    return text;
}

void text_append(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *longer = join(*text, format, arguments);
    va_end(arguments);
    free(*text);
    *text = longer;
}

int text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);
    return length >= end && strcasecmp(text + length - end, suffix) == 0;
}

char *text_without(const char *text, const char *suffix)
{
    size_t length = strlen(text) - (text_ends_with(text, suffix) ? strlen(suffix) : 0);
    return text_format("%.*s", (int)length, text);
}

void text_shorten(char *text)
{
    size_t length = strlen(text) - 1;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    text[length] = '\0';
}

/* strtod also reads hexadecimal, "nan" and "inf", which no data file means. */
int text_number(double *value, const char **text)
{
    const char *start = *text + strspn(*text, " \t");
    const char *digits = start + (*start == '-' || *start == '+');
    if (!isdigit((unsigned char)*digits) && !(*digits == '.' && isdigit((unsigned char)digits[1])))
        return 0;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
        return 0;
    char *end;
    double read = strtod(start, &end);
    if (!isfinite(read))
        return 0;
    *value = read;
    *text = end;
    return 1;
}

int text_integer(int64_t *value, const char *text, int64_t minimum, int64_t maximum)
{
    if (!isdigit((unsigned char)text[0]) && !(text[0] == '-' && isdigit((unsigned char)text[1])))
        return 0;
    char *end;
    errno = 0;
    long long read = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0 || read < minimum || read > maximum)
        return 0;
    *value = read;
    return 1;
}

int text_unsigned(uint64_t *value, const char *text)
{
    char *end;
    errno = 0;
    uintmax_t read = strtoumax(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0)
        return 0;
    *value = read;
    return 1;
}

size_t text_integers(int64_t *values, size_t capacity, const char *text, int64_t maximum)
{
    size_t count = 0;
    for (;;) {
        size_t length = strcspn(text, ",");
        char *item = text_format("%.*s", (int)length, text);
        int good = count < capacity && text_integer(&values[count], item, 0, maximum);
        free(item);
        if (!good)
            return 0;
        count++;
        if (text[length] == '\0')
            return count;
        text += length + 1;
    }
}

char *text_shell(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+";
    size_t length = strlen(text);
    if (length > 0 && strspn(text, plain) == length)
        return text_format("%s", text);
    char *quoted = allocate(4 * length + 3, 1);
    char *out = quoted;
    *out++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            out += sprintf(out, "'\\''");
        else
            *out++ = *text;
    }
    *out = '\'';
    return quoted;
}

char *text_real(double value)
{
    if (value == floor(value) && fabs(value) < 1e15)
        return text_format("%.0f", value);
    for (int digits = 1; digits < 17; digits++) {
        char *text = text_format("%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return text;
        free(text);
    }
    return text_format("%.17g", value);
}

/* Edit distance (insertions, deletions, substitutions) by its recurrence, one row at a time. */
static size_t distance(const char *a, const char *b)
{
    size_t row[64];
    size_t columns = strlen(b);
    if (columns >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            best = best <= row[j] + 1 ? best : row[j] + 1;
            row[j + 1] = best <= diagonal + 1 ? best : diagonal + 1;
        }
    }
    return row[columns];
}

const char *text_nearest(const char *word, const char *const *words)
{
    const char *nearest = NULL;
    size_t limit = strlen(word) / 3 > 2 ? strlen(word) / 3 : 2;
    for (; *words != NULL; words++) {
        size_t d = distance(word, *words);
        if (d <= limit && d < strlen(word)) {
            nearest = *words;
            limit = d > 0 ? d - 1 : 0;
        }
    }
    return nearest;
}

double text_bits(double bits)
{
    static const double least = 5e-5;
    return fabs(bits) < least ? 0 : bits;
}

const char *text_plural(size_t count)
{
    return count == 1 ? "" : "s";
}
