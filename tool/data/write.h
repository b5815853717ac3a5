/* Data to files: rows of numbers as text or as .npy, by the name's ending, and pictures. */
#ifndef DATA_WRITE_H
#define DATA_WRITE_H

#include <diffusion/model.h>
#include <stddef.h>
#include <stdint.h>

/* The endings that table_knows(), for sentences. */
#define TABLE_ENDINGS ".csv, .tsv, .txt (or .gz of these) or .npy"

/* Whether table_write() knows the ending; "-" is standard output. */
int table_knows(const char *path);

typedef struct table_rows {
    const double *values; /* [count] of the shape */
    size_t count;
    const int64_t *shape; /* of a sample; kept by .npy */
    size_t rank;
    const char *names;    /* of the columns, as a line of CSV, or NULL; text alone has them, as it has the labels */
    const double *units;  /* [dim], NULL for 1: values have the digits of float32 in these */
    const uint8_t *exact; /* [exact_rows, dim], round and round: values that keep all of their digits; or NULL */
    size_t exact_rows;
    const int32_t *labels; /* [count], or NULL */
    int labels_first;      /* their column is the first, not the last */
    const char *label;     /* its name, or NULL */
} table_rows;

/* Adds what the model's metadata says of its data's columns; `labels` are those of the samples, or NULL, written if
 * they were a column of the training data. */
void table_complete(table_rows *out, const diffusion_model *model, const int32_t *labels);

/* As .csv and the like with a line of names, if there are any, or as .npy. */
void table_write(const char *path, const table_rows *from);

/* Labels, [count], as .npy of <i4. */
void table_write_labels(const char *path, const int32_t *labels, size_t count);

/* The same for bytes, as .npy of |u1. */
void table_write_bytes(const char *path, const unsigned char *values, size_t count, const int64_t *shape, size_t rank);

/* Whether the name is that of an IDX file: it ends in -ubyte or .idx. */
int idx_knows(const char *path);

/* Whole numbers from 0 to 255 as bytes, if the name is that of an IDX file or ends in .npy; 0, and nothing is written,
 * for any other name and for an array of other values, 1 otherwise. */
int table_write_whole(const char *path, const table_rows *from);

/* Makes a folder, or takes an empty one: what stands there already would be taken for data. */
void folder_begin(const char *path);

/* Into it grey PNG files, 00000.png and so on: pictures [count, height, width]. */
void folder_write(const char *path, const unsigned char *pixels, size_t count, size_t height, size_t width);

#endif
