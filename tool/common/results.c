#include "common/results.h"

#include "common/text.h"
#include "common/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

/* ---- JSON ---- */

/* A text of a file may hold anything. */
static void put_string(FILE *to, const char *text)
{
    putc('"', to);
    while (*text != '\0') {
        uint32_t code = 0;
        const size_t length = utf8_character(text, &code);
        if (length == 0)
            fputs(UTF8_REPLACEMENT, to);
        else if (code < ' ' || code == 0x7f)
            fprintf(to, "\\u%04x", (unsigned)code);
        else if (code == '"' || code == '\\')
            fprintf(to, "\\%c", (char)code);
        else
            fwrite(text, 1, length, to);
        text += length > 0 ? length : 1;
    }
    putc('"', to);
}

/* A pair a line in the outermost object, all of the others on one. */
static void put_key(results *to, const char *key)
{
    int *filled = &to->filled[to->depth - 1];
    if (to->depth == 1)
        fputs(*filled ? ",\n  " : "\n  ", to->stream);
    else if (*filled)
        fputs(", ", to->stream);
    *filled = 1;
    if (key != NULL) {
        put_string(to->stream, key);
        fputs(": ", to->stream);
    }
}

static void open_with(results *to, const char *key, char opener, char closer)
{
    if (!to->json)
        return;
    if (to->depth > 0)
        put_key(to, key);
    putc(opener, to->stream);
    to->filled[to->depth] = 0;
    to->closer[to->depth++] = closer;
}

void results_begin(results *out, FILE *stream, int json)
{
    *out = (results){.stream = stream, .json = json};
    open_with(out, NULL, '{', '}');
}

void results_object(results *to, const char *key)
{
    open_with(to, key, '{', '}');
}

void results_list(results *to, const char *key)
{
    open_with(to, key, '[', ']');
}

void results_close(results *to)
{
    if (to->json)
        putc(to->closer[--to->depth], to->stream);
}

void results_end(results *out)
{
    if (out->json)
        fputs(out->filled[0] ? "\n}\n" : "}\n", out->stream);
}

/* ---- text ---- */

static void put_line(results *to, const char *format, va_list arguments)
{
    if (to->json || format == NULL)
        return;
    vfprintf(to->stream, format, arguments);
}

void results_number(results *to, const char *key, double value, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(to, format, arguments);
    va_end(arguments);
    if (!to->json)
        return;
    put_key(to, key);
    char *text = isfinite(value) ? text_format("%.17g", value) : text_format("null");
    fputs(text, to->stream);
    free(text);
}

void results_count(results *to, const char *key, size_t value, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(to, format, arguments);
    va_end(arguments);
    if (!to->json)
        return;
    put_key(to, key);
    fprintf(to->stream, "%zu", value);
}

void results_text(results *to, const char *key, const char *value, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(to, format, arguments);
    va_end(arguments);
    if (!to->json)
        return;
    put_key(to, key);
    if (value != NULL)
        put_string(to->stream, value);
    else
        fputs("null", to->stream);
}

void results_flag(results *to, const char *key, int value)
{
    if (!to->json)
        return;
    put_key(to, key);
    fputs(value ? "true" : "false", to->stream);
}

void results_line(results *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(to, format, arguments);
    va_end(arguments);
}
