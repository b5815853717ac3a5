/* Keys that play a part only with certain values of another key; given without them, they are refused. Used by spec.c
 * alone. */
#ifndef BASE_SPEC_NEED_H
#define BASE_SPEC_NEED_H

#include "base/spec_key.h"

#include <diffusion/status.h>

/* A key and its value in a spec, which is the default where the spec says nothing. */
typedef struct spec_given {
    const spec_key *key; /* NULL behind the last */
    const char *value;
    size_t length;
} spec_given;

/* 0, or the sentence: a key that differs from its default and plays no part. */
diffusion_status spec_need_check(const char *object, const spec_given *given);

#endif
