/* Data to files: rows of numbers as .csv, .csv.gz or .npy, by the name's ending, and pictures. */
#ifndef DATA_WRITE_H
#define DATA_WRITE_H

#include <stddef.h>
#include <stdint.h>

/* Whether table_write() knows the ending. */
int table_knows(const char *path);

/* Values [count, dim]; .npy keeps the shape of a sample. */
void table_write(const char *path, const float *values, size_t count, const int64_t *shape, size_t rank);

/* The same for bytes, as .npy of |u1. */
void table_write_bytes(const char *path, const unsigned char *values, size_t count, const int64_t *shape, size_t rank);

/* Makes a folder, or takes an empty one: what stands there already would be taken for data. */
void folder_begin(const char *path);

/* Into it grey PNG files, 00000.png and so on: pictures [count, height, width]. */
void folder_write(const char *path, const unsigned char *pixels, size_t count, size_t height, size_t width);

#endif
