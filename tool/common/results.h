/* What a command has found: lines for people or one JSON object for programs, from the same calls. Each takes the key
 * of the object, the value, and the line of text, in the manner of printf with its newline; NULL for none. */
#ifndef COMMON_RESULTS_H
#define COMMON_RESULTS_H

#include <stdio.h>

enum { RESULTS_DEPTH = 4 };

typedef struct results {
    FILE *stream;
    int json;
    int depth;                 /* of objects and lists within each other */
    int filled[RESULTS_DEPTH]; /* whether the one at that depth has something already */
    char closer[RESULTS_DEPTH];
} results;

void results_begin(results *out, FILE *stream, int json);
void results_end(results *out);

/* JSON has no NaN and no infinity: null. */
void results_number(results *to, const char *key, double value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void results_count(results *to, const char *key, size_t value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void results_text(results *to, const char *key, const char *value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void results_flag(results *to, const char *key, int value);

/* Text alone. */
void results_line(results *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An object or a list within; the key is NULL within a list. */
void results_object(results *to, const char *key);
void results_list(results *to, const char *key);
void results_close(results *to);

#endif
