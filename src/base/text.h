/* A text that grows. Appending after a failure does nothing, so that only the end needs a check. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/printf_like.h"

#include <stddef.h>

typedef struct text_buffer {
    char *bytes; /* NULL until something is appended */
    size_t length, capacity;
    int failed;
} text_buffer;

void text_append(text_buffer *to, const char *format, ...) PRINTF_LIKE(2, 3);

/* `before`, and a number as text that reads back to the same bits. */
void text_append_real(text_buffer *to, const char *before, double value);

/* The finished text, which memory_release() releases; NULL if memory ran out (the sentence is set). */
char *text_finish(text_buffer *from);

#endif
