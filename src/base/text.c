#include "base/text.h"

#include "base/memory.h"
#include "base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int text_reserve(text_buffer *to, size_t more)
{
    size_t wanted = to->length + more + 1;
    if (wanted <= to->capacity)
        return 1;
    size_t capacity = to->capacity * 2 > wanted ? to->capacity * 2 : wanted + 64;
    char *bytes = memory_allocate(capacity, 1);
    if (bytes == NULL)
        return 0;
    if (to->bytes != NULL)
        memcpy(bytes, to->bytes, to->length);
    memory_release(to->bytes);
    to->bytes = bytes;
    to->capacity = capacity;
    return 1;
}

void text_append(text_buffer *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (to->failed || length < 0 || !text_reserve(to, (size_t)length)) {
        to->failed = 1;
        return;
    }
    va_start(arguments, format);
    vsnprintf(to->bytes + to->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    to->length += (size_t)length;
}

void text_append_real(text_buffer *to, const char *before, double value)
{
    char text[NUMBER_SIZE];
    number_format_real(text, value);
    text_append(to, "%s%s", before, text);
}

char *text_finish(text_buffer *from)
{
    text_append(from, "%s", "");
    if (from->failed) {
        memory_release(from->bytes);
        return NULL;
    }
    return from->bytes;
}
