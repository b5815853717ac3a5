/* What a folder of pictures holds. */
#ifndef DATA_LISTING_H
#define DATA_LISTING_H

#include <stddef.h>

enum { LISTING_KINDS = 8 };

/* Entries that are left out: ".gif", "folder", … */
typedef struct left_out {
    char *kind;
    size_t count;
} left_out;

typedef struct listing {
    char **pictures; /* [count], their paths, in the order of their names */
    size_t count, capacity;
    left_out left[LISTING_KINDS + 1]; /* in the order of their first, the last of all further kinds; NULL ends them */
    size_t left_count;                /* of all */
    char **classes;                   /* [class_count], names of the folders within, where the pictures are there */
    size_t *ends;                     /* [class_count], the first picture that is of a later class */
    size_t class_count;
} listing;

/* Says on stderr what is left out; ends the command if there are no pictures. */
void listing_read(listing *out, const char *path);
void listing_release(listing *list);

#endif
