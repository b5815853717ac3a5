/* How values are mapped for the model: (value - shift) / scale, with one shift and scale for all values, or with those
 * of each column of a table. Values are double until they are scaled: float32 far from 0 would lose their variance. */
#ifndef DATA_SCALING_H
#define DATA_SCALING_H

#include "data/prepare.h"

#include <diffusion/scaling.h>

typedef struct column_scaling {
    double shift, scale;
    double width;            /* of the uniform noise that dequantises, in scaled units; 0: none */
    double minimum, maximum; /* range of the training data, in its units */
} column_scaling;

typedef struct scaling {
    size_t columns;     /* 1: for all values alike; else as many as a sample has values */
    column_scaling *of; /* [columns] */
} scaling;

/* That of value i of any number of samples. */
const column_scaling *scaling_at(const scaling *scale, size_t i);

/* The scaling of training data. Binomial data is left as it is. */
void scaling_fit(scaling *out, const dataset *data, const data_options *options, const char *path, int binomial);

/* Widens the range of the training data to that of this data too. */
void scaling_extend(scaling *scale, const dataset *data);

/* Says on stderr which columns a model of Gaussian noise will have trouble with: constant, of few
 * values, or far from their mean. */
void scaling_warn(const scaling *scale, const dataset *data, const char *path);

/* Ends the command if data cannot be of the kind that the model was trained on: its columns in another order, or
 * fractions (unless they are noisy) where that had whole numbers. Says on stderr what looks like another unit. */
void scaling_check_like(const scaling *scale, const dataset *data, const diffusion_model *model, const char *path,
                        int noisy);

/* Ends the command if a value is not a bit. */
void scaling_check_bits(const dataset *data, const char *path);

/* Whether both map, and dequantise, all values alike. */
int scaling_is_the_same(const scaling *a, const scaling *b);

/* Says on stderr which values look like those of another unit than that of what they are compared with. */
void scaling_note_unit(const dataset *data, const dataset *like, const char *path);

/* Of columns alone: those of `line`, names with commas between them, are those of `whose` ("the model"). */
void scaling_check_names(const dataset *data, const char *line, const char *path, const char *whose);

/* The same of a model's, and that the labels are those of the column that it was trained on. */
void scaling_check_columns(const dataset *data, const diffusion_model *model, const char *path);

/* Maps the values, as the model's own scaling says, into data->scaled, which takes their place. Ends the command if
 * float32 cannot hold them. */
void scaling_apply(const scaling *scale, const diffusion_model *model, dataset *data, const char *path);

/* Samples of so many values in all, back in the data's units, in new memory; freed by free(). */
double *scaling_invert(const diffusion_model *model, const float *values, size_t count);

/* The same in place: for pictures. */
void scaling_invert_floats(const diffusion_model *model, float *values, size_t count);

/* The width that the library is to dequantise by: it knows one for all values. */
double scaling_width(const scaling *scale);

/* Noise that the library does not add, because columns have widths of their own: value i of a sample, uniform in
 * 0..width, number `which` of draw `index`. */
float scaling_noise(const scaling *scale, size_t i, uint64_t index, uint64_t which);

/* Whether any value is dequantised. */
int scaling_dequantizes(const scaling *scale);

/* The scale of each of dim values, in new memory; freed by free(). */
double *scaling_units(const scaling *scale, size_t dim);

/* Base-2 logarithm of the scales of all dim values: densities of the data itself are lower by so many bits. */
double scaling_bits(const scaling *scale, size_t dim);

/* From the least to the largest value of the training data. */
void scaling_range(const scaling *scale, double *minimum, double *maximum);

/* As metadata of the model, and from it; a model without any is one of unscaled data. */
void scaling_store(const scaling *scale, const dataset *data, const data_options *options, diffusion_model *model);
void scaling_recall(scaling *out, const diffusion_model *model);

void scaling_release(scaling *scale);

/* Mean and variance of column j, or of all values if j is dim; NaN or infinite where a sum is beyond double. */
void data_moments(const dataset *data, size_t column, double *mean, double *variance);

/* The least and the largest value of column j. */
void data_range(const dataset *data, size_t column, double *minimum, double *maximum);

/* Whether whole numbers of that range can be dequantised: float32 tells neighbours apart. */
int scaling_tells_apart(const column_scaling *c);

#endif
