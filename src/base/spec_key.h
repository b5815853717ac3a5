/* One key of a spec: its type, its place in the options struct, and what it takes. */
#ifndef BASE_SPEC_KEY_H
#define BASE_SPEC_KEY_H

#include <stddef.h>
#include <stdint.h>

typedef enum spec_type {
    SPEC_INTEGER,  /* int64_t, min..max */
    SPEC_REAL,     /* double, min..max */
    SPEC_UNSIGNED, /* uint64_t */
    SPEC_CHOICE,   /* int32_t, index into `choices` ("a|b|c"); yes|no reads as 1|0 with choices "no|yes" */
    SPEC_REALS,    /* spec_reals: comma-separated, each min..max, at least one unless the default is "" */
    SPEC_SHAPE,    /* spec_shape: 1..SPEC_RANK comma-separated sizes, each min..max */
} spec_type;

enum { SPEC_RANK = 8 };

typedef struct spec_reals {
    double *values; /* NULL if not given; released by spec_release() */
    size_t count;
} spec_reals;

typedef struct spec_shape {
    int64_t size[SPEC_RANK];
    size_t rank; /* 0 if not given */
} spec_shape;

typedef struct spec_key {
    const char *name;
    spec_type type;
    size_t offset;        /* of the field in the options struct */
    const char *standard; /* the default as text; NULL if the key must be given */
    double min, max;
    const char *choices;
    const char *help; /* begins with "key=value|value: " if it plays a part only with these values of another key, with
                         "key: " if with all but its default: given without them, it is refused */
} spec_key;

#endif
