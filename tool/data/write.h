/* Rows of numbers to files: .csv, .csv.gz or .npy, by the name's ending. */
#ifndef DATA_WRITE_H
#define DATA_WRITE_H

#include <stddef.h>
#include <stdint.h>

/* Whether table_write() knows the ending. */
int table_knows(const char *path);

/* Values [count, dim]; .npy keeps the shape of a sample. */
void table_write(const char *path, const float *values, size_t count, const int64_t *shape, size_t rank);

#endif
