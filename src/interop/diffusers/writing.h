/* A configuration of diffusers in the making: every key in its place with what it is unless something is put there, and
 * the spec that says what differs. The first failure is kept. */
#ifndef INTEROP_DIFFUSERS_WRITING_H
#define INTEROP_DIFFUSERS_WRITING_H

#include "base/printf_like.h"
#include "base/text.h"
#include "format/json.h"

/* A key and its value as JSON. */
typedef struct writing_row {
    const char *key, *value;
} writing_row;

enum { WRITING_ROWS = 32 };

typedef struct writing {
    const writing_row *rows; /* [count]; NULL to read the spec alone */
    size_t count;
    const char *spec;
    char *values[WRITING_ROWS]; /* what was put; NULL: the row's */
    diffusion_status status;
} writing;

writing writing_begin(const writing_row *rows, size_t count, const char *spec);

/* The value as JSON, by a format. A key that is in no row is left out. */
void writing_put(writing *to, const char *key, const char *format, ...) PRINTF_LIKE(3, 4);
void writing_put_flag(writing *to, const char *key, int value);
void writing_put_real(writing *to, const char *key, double value);

/* The same of a text that was made before, which is released. */
void writing_put_text(writing *to, const char *key, text_buffer *value);

/* Appends a number so that it stays a real one for a reader: 1.0, not 1. */
void writing_append_real(text_buffer *to, double value);

/* Makes the document, which json_release() releases, unless something failed. Releases what was put. */
diffusion_status writing_finish(json_value **out, writing *from);

/* Keeps the sentence "key=value, expected ...". */
void writing_refuse(writing *to, const char *key, const char *value, size_t length, const char *expected);

/* What the spec says under a key. */
double writing_number(writing *to, const char *key);
int writing_says(const writing *to, const char *key, const char *word);
size_t writing_numbers(writing *to, const char *key, int64_t *numbers, size_t capacity); /* how many */

#endif
