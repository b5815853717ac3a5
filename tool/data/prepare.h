/* From a file to what the library gets: which column is the label, which samples, which shape, which scale. */
#ifndef DATA_PREPARE_H
#define DATA_PREPARE_H

#include "data/dataset.h"

#include <diffusion/model.h>

typedef enum data_use {
    DATA_TRAINING,  /* without the samples held out */
    DATA_MEASURING, /* those held out alone, if hold_out is given */
} data_use;

/* What gets mean 0 and variance 1. */
typedef enum data_scale {
    SCALE_AUTO,    /* SCALE_COLUMNS for tables, SCALE_UNIT for what shares one unit: images, bytes */
    SCALE_COLUMNS, /* each column */
    SCALE_UNIT,    /* all values together */
    SCALE_GRID,    /* none: whole numbers become the middles of bins over -1..1 */
    SCALE_NONE,
} data_scale;

/* The keys of --data; data_help() explains them. */
typedef struct data_options {
    char *labels; /* none, first, last, array:NAME, or a path; NULL: what a CSV header says */
    int64_t shape[DATA_RANK];
    size_t rank;        /* 0: as the file has it */
    int shape_of_model; /* the shape is not the user's but a model's */
    int dequantize;     /* -1: if the values are whole numbers by nature */
    data_scale scale;
    header_line header;
    int skip_missing;
    char *drop;                     /* columns that are not data, or NULL */
    char *array;                    /* of an archive, or NULL */
    int64_t first, count, hold_out; /* count -1: all */
    int64_t resize[2], crop[2];     /* height and width; 0: none */
    image_background background;
    int background_of_model;
    int64_t crops;
    int shuffle;
    uint64_t seed; /* of crops and shuffle */
} data_options;

/* Reads "key=value key=value". `text` may be NULL. */
void data_options_parse(data_options *out, const char *text);

/* Labels, shape and background that are not given, as they were in training. Ends the command if the shape given is of
 * another number of values than the model's samples have, or of other sizes where both are of several: what is prepared
 * by these options has theirs. */
void data_options_complete(data_options *options, const diffusion_model *model);

void data_options_release(data_options *options);

/* What the keys are, as text to print. */
const char *data_help(void);

/* Loads the file, takes the labels out, selects and shapes the samples. */
void data_prepare(dataset *out, const char *path, const data_options *options, data_use use);

/* The same for training and what is held out of it, which is empty if nothing is, in one reading: of a pipe there is no
 * other. */
void data_prepare_both(dataset *training, dataset *held, const char *path, const data_options *options);

/* Copies values and labels of some samples; names and the like are left out. */
void data_copy(dataset *out, const dataset *data, size_t first, size_t count, const char *path);

/* Takes the labels out of the samples, or reads them: by the key `labels`, NULL if it is not given. */
void data_take_labels(dataset *data, const char *path, const char *labels);

/* The name of a class in a line of CSV, or its number where it has none; `names` may be NULL. Freed by free(). */
char *data_class_name(const char *names, int32_t label);

/* Replaces pictures by options->crops random crops of them. The last hold_out of these come from the lower quarter of
 * the rows, and then all others from the rows above, so that no pixel is in both. */
void data_crop(dataset *data, const char *path, const data_options *options);

/* Puts the samples, with their labels, into the random order of a seed. */
void data_shuffle(dataset *data, uint64_t seed);

/* Ends the command, with who has it and a way out in the sentence, if the samples are pictures of another shape than
 * this, axes of 1 aside. Rows fit whatever has as many values. */
void data_check_shape(const dataset *data, const char *path, const int64_t *shape, size_t rank, const char *whose,
                      const char *way_out);

/* Whether the model takes labels; ends the command if it does and the data has none, or has others. */
int data_uses_labels(const dataset *data, const diffusion_model *model, const char *path);

#endif
