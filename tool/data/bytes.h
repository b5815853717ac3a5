/* Files as bytes, packed or not: each is opened and read once, so that it may as well be a pipe. */
#ifndef DATA_BYTES_H
#define DATA_BYTES_H

#include <stddef.h>

typedef struct data_file {
    const char *path; /* for sentences, and for what its ending tells */
    char *bytes;      /* with a zero behind them; freed by free() */
    size_t size;
} data_file;

/* Reads a file, a pipe, or standard input, which is "-"; unpacked if it is gzip. Ends the command if it cannot be read,
 * or if it is no regular file and has been read already. */
void data_read(data_file *out, const char *path);

/* Ends the command if the file cannot hold what its header promises, before any memory is taken for it: `rows` of `row`
 * values, of which a byte stands for `most` at most. */
void data_check_size(const data_file *file, size_t rows, size_t row, size_t most);

/* Whether the file begins with these bytes. */
int data_begins(const data_file *file, const char *start, size_t length);

#endif
