#include "base/number.h"

#include "base/c_locale.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Terminates text[0..length) in `copy`; 0 if it is empty, too long for a number or begins with white space. */
static int copy_token(char copy[64], const char *text, size_t length)
{
    if (length == 0 || length >= 64 || (unsigned char)text[0] <= ' ')
        return 0;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return 1;
}

int number_parse_real(double *value, const char *text, size_t length)
{
    char copy[64], *end;
    if (!copy_token(copy, text, length))
        return 0;
    void *const host = c_locale_enter();
    double parsed = strtod(copy, &end);
    c_locale_leave(host);
    if (*end != '\0' || !isfinite(parsed))
        return 0;
    *value = parsed;
    return 1;
}

int number_parse_integer(int64_t *value, const char *text, size_t length)
{
    char copy[64], *end;
    if (!copy_token(copy, text, length))
        return 0;
    errno = 0;
    long long parsed = strtoll(copy, &end, 10);
    if (*end != '\0' || errno != 0)
        return 0;
    *value = parsed;
    return 1;
}

int number_parse_unsigned(uint64_t *value, const char *text, size_t length)
{
    char copy[64], *end;
    if (!copy_token(copy, text, length) || copy[0] == '-' || copy[0] == '+')
        return 0;
    errno = 0;
    unsigned long long parsed = strtoull(copy, &end, 10);
    if (*end != '\0' || errno != 0)
        return 0;
    *value = parsed;
    return 1;
}

int number_text_is_same(const char *text, size_t length, const char *other, size_t other_length)
{
    double number, another;
    if (number_parse_real(&number, text, length) && number_parse_real(&another, other, other_length))
        return number == another;
    return length == other_length && memcmp(text, other, length) == 0;
}

void number_format_real(char text[NUMBER_SIZE], double value)
{
    void *const host = c_locale_enter();
    text[0] = '\0';
    if (value == floor(value) && fabs(value) < 1e9)
        snprintf(text, NUMBER_SIZE, "%.0f", value); /* 100000 rather than 1e+05 */
    for (int digits = 1; digits <= 17 && (text[0] == '\0' || strtod(text, NULL) != value); digits++)
        snprintf(text, NUMBER_SIZE, "%.*g", digits, value);
    c_locale_leave(host);
}
