/* Numbers as files of arrays hold them. */
#ifndef DATA_NUMBER_H
#define DATA_NUMBER_H

#include <stddef.h>

typedef struct number_type {
    char kind;   /* 'f' IEEE, 'i' signed, 'u' unsigned, 'b' truth */
    size_t size; /* bytes: 1, 2, 4 or 8 */
    int big;     /* most significant byte first */
} number_type;

/* Whether there is such a type. */
int number_is_known(const number_type *type);

double number_read(const number_type *type, const unsigned char *bytes);

/* Whether a whole number is 2^53 or beyond, where double no longer holds each. */
int number_is_rounded(const number_type *type, double value);

#endif
