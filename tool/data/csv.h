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
    int quoted;     /* whether it had some */
    size_t capacity;
} csv_text;

/* At the first line that is not empty, with the separator that it shows. Refuses UTF-16, and what holds a zero byte. */
void csv_open(csv_text *out, const data_file *file);

/* Reads a field; whether another one follows in this row. */
int csv_field(csv_text *text);

/* To the next line that is not empty; 0 at the end. */
int csv_next_line(csv_text *text);

/* The first row, if it names the columns: names, freed by free(), the text behind it; else NULL, the text at it. Either
 * way the number of its fields. */
char **csv_header(csv_text *text, header_line header, size_t *count);

/* Whether a field is a spelling of a value that is not there: empty, NA, ? … */
int csv_is_missing(const char *field);

/* The columns of a file. */
typedef struct csv_columns {
    const char *path;
    char **names;  /* [count], or NULL */
    size_t count;  /* of every row */
    size_t kept;   /* those that are data */
    char *dropped; /* [count], whether a column is not */
} csv_columns;

/* Which are data: not those that `drop` lists by name, number or range ("id,3,5-7"), nor an index without a name. */
void csv_choose_columns(csv_columns *columns, const char *drop);

/* What of the cells is worth a word when the file has been read. */
typedef struct csv_notes {
    const csv_columns *columns;
    char **zeros;    /* [columns], the first number with leading zeros, or NULL */
    size_t wide;     /* whole numbers beyond 2^53 */
    size_t vanished; /* numbers too small for double */
    size_t skipped;  /* rows with missing values */
} csv_notes;

void csv_notes_begin(csv_notes *out, const csv_columns *columns);

/* Takes note of a cell that has been read as `value`. */
void csv_notes_look(csv_notes *notes, size_t column, const char *field, double value);

/* Prints the notes, those of the values, [count, kept], too; releases them. */
void csv_notes_say(csv_notes *notes, const double *values, size_t count);

/* The names as a line of CSV; freed by free(). */
char *csv_join(char *const *names, size_t count);

/* Such a line as the first of a file, with the name of the labels before or behind it, NULL for none: names that are
 * numbers, or hold another separator, stand in quotes. Freed by free(). */
char *csv_title(const char *names, const char *first, const char *last, char separator);

/* How many names such a line has; 0 if it is more than a line. */
size_t csv_count(const char *line);

/* Whether a column of this name holds the labels, unless labels= says otherwise, if it is the first or the last. */
int csv_is_label(const char *name);

/* Whether such a line of several names has one in these places. */
int csv_has_label(const char *line);

#endif
