#include "interop/diffusers/writing.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

writing writing_begin(const writing_row *rows, size_t count, const char *spec)
{
    return (writing){.rows = rows, .count = count, .spec = spec};
}

void writing_put_text(writing *to, const char *key, text_buffer *value)
{
    size_t row = 0;
    char *text = text_finish(value);
    while (row < to->count && strcmp(to->rows[row].key, key) != 0)
        row++;
    if (row == to->count) {
        memory_release(text);
        return;
    }
    if (text == NULL && to->status == DIFFUSION_OK)
        to->status = DIFFUSION_E_MEMORY;
    memory_release(to->values[row]);
    to->values[row] = text;
}

void writing_put(writing *to, const char *key, const char *format, ...)
{
    char value[128]; /* names and sizes */
    text_buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    text_append(&text, "%s", value);
    writing_put_text(to, key, &text);
}

void writing_put_flag(writing *to, const char *key, int value)
{
    writing_put(to, key, value ? "true" : "false");
}

void writing_append_real(text_buffer *to, double value)
{
    char text[NUMBER_SIZE];
    number_format_real(text, value);
    text_append(to, strpbrk(text, ".e") == NULL ? "%s.0" : "%s", text);
}

void writing_put_real(writing *to, const char *key, double value)
{
    text_buffer text = {0};
    writing_append_real(&text, value);
    writing_put_text(to, key, &text);
}

static diffusion_status parse_rows(json_value **out, const writing *from)
{
    text_buffer document = {0};
    for (size_t i = 0; i < from->count; i++)
        text_append(&document, "%s\"%s\":%s", i > 0 ? "," : "{", from->rows[i].key,
                    from->values[i] != NULL ? from->values[i] : from->rows[i].value);
    text_append(&document, "}");
    char *text = text_finish(&document);
    diffusion_status status = text != NULL
                                  ? json_parse(out, "model_save_diffusers", "a configuration", text, strlen(text))
                                  : DIFFUSION_E_MEMORY;
    memory_release(text);
    return status;
}

diffusion_status writing_finish(json_value **out, writing *from)
{
    if (from->status == DIFFUSION_OK)
        from->status = parse_rows(out, from);
    for (size_t i = 0; i < from->count; i++)
        memory_release(from->values[i]);
    return from->status;
}

void writing_refuse(writing *to, const char *key, const char *value, size_t length, const char *expected)
{
    if (to->status == DIFFUSION_OK)
        to->status = error_set(DIFFUSION_E_SPEC, "model_save_diffusers: %s=%.*s, expected %s", key,
                               (int)(length < 80 ? length : 80), value, expected);
}

double writing_number(writing *to, const char *key)
{
    const char *value = "";
    size_t length = 0;
    double number = 0.0;
    if (!spec_find(to->spec, key, &value, &length) || !number_parse_real(&number, value, length))
        writing_refuse(to, key, value, length, "a number");
    return number;
}

int writing_says(const writing *to, const char *key, const char *word)
{
    const char *value;
    size_t length;
    return spec_find(to->spec, key, &value, &length) && length == strlen(word) && memcmp(value, word, length) == 0;
}

size_t writing_numbers(writing *to, const char *key, int64_t *numbers, size_t capacity)
{
    const char *value = "";
    size_t length = 0, count = 0;
    int good = spec_find(to->spec, key, &value, &length);
    for (size_t at = 0; good && at <= length && count < capacity; count++) {
        size_t item = 0;
        while (at + item < length && value[at + item] != ',')
            item++;
        good = number_parse_integer(&numbers[count], value + at, item);
        at += item + 1;
        if (at > length)
            return good ? count + 1 : 0;
    }
    writing_refuse(to, key, value, length, "a short list of whole numbers");
    return 0;
}
