/* Data to files: rows of numbers as .csv, .csv.gz or .npy, by the name's ending, and pictures. */
#ifndef DATA_WRITE_H
#define DATA_WRITE_H

#include <stddef.h>
#include <stdint.h>

/* Whether table_write() knows the ending. */
int table_knows(const char *path);

/* Values [count, dim]; .npy keeps the shape of a sample, .csv begins with the names of the columns, unless NULL. Values
 * have the digits of float32 in units of their column, [dim], NULL for 1: a column far from 0 needs more of them. */
void table_write(const char *path, const double *values, size_t count, const int64_t *shape, size_t rank,
                 const char *names, const double *units);

/* The same for bytes, as .npy of |u1. */
void table_write_bytes(const char *path, const unsigned char *values, size_t count, const int64_t *shape, size_t rank);

/* Makes a folder, or takes an empty one: what stands there already would be taken for data. */
void folder_begin(const char *path);

/* Into it grey PNG files, 00000.png and so on: pictures [count, height, width]. */
void folder_write(const char *path, const unsigned char *pixels, size_t count, size_t height, size_t width);

#endif
