/* Text files of fields: one row a line, separated by commas, semicolons, tabs or white space. */
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "data/dataset.h"

#include <stddef.h>

typedef struct csv_text {
    const char *path;
    const char *at; /* the rest of the file */
    size_t line;    /* from 1 */
    char separator; /* ' ' stands for any run of blanks */
    char *field;    /* the one read last: without its quotes, and blanks around it */
    size_t capacity;
} csv_text;

/* At the first line that is not empty, with the separator that it shows. Refuses UTF-16. */
void csv_open(csv_text *out, const char *path, const char *bytes);

/* Reads a field; whether another one follows in this row. */
int csv_field(csv_text *text);

/* To the next line that is not empty; 0 at the end. */
int csv_next_line(csv_text *text);

/* The first row, if it names the columns: `count` names, freed by free(), the text behind it; else NULL, the text at
 * it. */
char **csv_header(csv_text *text, header_line header, size_t *count);

/* The names as a line of CSV; freed by free(). */
char *csv_join(char *const *names, size_t count);

#endif
