/* Columns of a table in words. */
#ifndef DATA_COLUMN_LIST_H
#define DATA_COLUMN_LIST_H

#include <stddef.h>

/* "column 3 (age)", or without a name "column 3"; freed by free(). */
char *column_text(size_t number, const char *name);

/* Begins as {0}. */
typedef struct column_list {
    char *text;
    size_t count;
} column_list;

/* Adds one; of many only the first are named. */
void column_list_add(column_list *list, size_t number, const char *name);

/* "note: PATH: columns 3 (age), 5: WHAT" on stderr, unless the list is empty; releases it. */
void column_list_say(column_list *list, const char *path, const char *what);

#endif
