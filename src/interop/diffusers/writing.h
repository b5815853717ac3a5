/* A configuration of diffusers in the making: a template with every key in its place, and the spec that says what
 * differs. The first failure is kept. */
#ifndef INTEROP_DIFFUSERS_WRITING_H
#define INTEROP_DIFFUSERS_WRITING_H

#include <diffusion/status.h>
#include <jansson.h>

typedef struct writing {
    json_t *json;
    const char *spec;
    diffusion_status status;
} writing;

writing writing_begin(const char *template, const char *spec);

/* The key keeps its place. A value that could not be made is NULL, and noticed here. */
void writing_put(writing *to, const char *key, json_t *value);

/* Hands the document over, or releases it. */
diffusion_status writing_finish(json_t **out, writing *from);

/* Keeps the sentence "key=value, expected ...". */
void writing_refuse(writing *to, const char *key, const char *value, size_t length, const char *expected);

/* What the spec says under a key. */
double writing_number(writing *to, const char *key);
int writing_says(const writing *to, const char *key, const char *word);
size_t writing_numbers(writing *to, const char *key, int64_t *numbers, size_t capacity); /* how many */

#endif
