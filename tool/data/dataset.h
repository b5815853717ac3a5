/* Data in memory, in the units of its file, and the ways to get it there. Every reader ends the command with a sentence
 * that names the file and the place in it if the file is not sound. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "data/bytes.h"
#include "data/image.h"

#include <stddef.h>
#include <stdint.h>

enum { DATA_RANK = 4, DATA_CLASSES_MAX = 65536 };

typedef enum label_place {
    LABELS_NONE,
    LABELS_FIRST, /* the first value of every row */
    LABELS_LAST,
    LABELS_BESIDE, /* with the file: folders of classes, a file of labels of its own */
} label_place;

typedef struct dataset {
    double *values; /* [count, dim]; NULL once they are scaled */
    float *scaled;  /* the same as the model has them, or NULL */
    size_t count;
    size_t dim;
    int64_t shape[DATA_RANK]; /* of one sample; its product is dim */
    size_t rank;
    int32_t *labels;   /* [count], or NULL; a format that has its own (CIFAR-10) sets them */
    int32_t classes;   /* labels are below it, those of samples that are left out too; 0 without labels */
    char *class_names; /* a line of CSV, or NULL: of folders of classes */
    int discrete;      /* whole numbers by nature, all of them */
    char *whole;       /* [dim], whether a column holds whole numbers by nature; NULL: as `discrete` says */
    char **names;      /* [dim], of the columns; NULL if the file has none */
    size_t *numbers;   /* [dim], of the columns in the file, from 1; NULL: as they are */
    char *label;       /* the name that the labels' column had, or NULL */
    int bounded;       /* by the format: minimum..maximum is 0..255 for bytes, not what happens to be there */
    double minimum, maximum;
    label_place header; /* where the file itself says that the label is */
} dataset;

/* Whether the first line of a text file names its columns. */
typedef enum header_line {
    HEADER_AUTO, /* if it holds names and no number, or these in quotes alone */
    HEADER_NO,
    HEADER_YES,
} header_line;

/* What of a file is data. */
typedef struct data_format {
    header_line header;
    const char *drop;            /* columns of a text file that are not, by name or number; NULL: none */
    int skip_missing;            /* whether its rows with empty cells, NA and the like are left out, or refused */
    int64_t resize[2];           /* height and width of pictures, 0: as they are */
    image_background background; /* what shows through transparent pictures */
    int background_of_model;     /* it is not the user's but a model's, and may meet no pictures */
    const char *array;           /* of an archive of several, by name; NULL: its only one */
} data_format;

/* Any kind of file or folder, or standard input ("-"), as it stands there. */
void data_load(dataset *out, const char *path, const data_format *format);

void data_load_csv(dataset *out, const data_file *file, const data_format *format);
void data_load_npy(dataset *out, const data_file *file);
void data_load_npz(dataset *out, const data_file *file, const char *array);
void data_load_idx(dataset *out, const data_file *file);
void data_load_cifar(dataset *out, const data_file *file);
void data_load_folder(dataset *out, const char *path, const data_format *format);

/* A single picture, as one sample [height, width, channels]. */
void data_load_picture(dataset *out, const data_file *file, const data_format *format);

/* Whether the file begins as IDX does. */
int data_is_idx(const data_file *file);

/* Makes room for count samples of this shape; ends the command if there are none, or too many. */
void data_reserve(dataset *out, const char *path, size_t count, const int64_t *shape, size_t rank);

/* Sets minimum and maximum to those of the values, unless the format bounds them. */
void data_measure(dataset *data);

/* Whether column j holds whole numbers by nature. */
int data_is_whole(const dataset *data, size_t column);

/* The number of column j in its file, from 1. */
size_t data_column_number(const dataset *data, size_t column);

/* "28,28,1"; freed by free(). */
char *data_shape_text(const dataset *data);

/* Whether a sample can be shown as a picture: [height, width], or [height, width, 1 or 3]. */
int data_is_image(const int64_t *shape, size_t rank);

void data_release(dataset *data);

#endif
