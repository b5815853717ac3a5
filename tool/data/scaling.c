#include "data/scaling.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/random.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A column's standard deviation must be so many steps of float32 at least. */
static const double steps_least = 256;

const column_scaling *scaling_at(const scaling *scale, size_t i)
{
    return &scale->of[scale->columns == 1 ? 0 : i % scale->columns];
}

/* Twice through for the mean, whose first value has lost digits far from 0. */
void data_moments(const dataset *data, size_t column, double *mean, double *variance)
{
    size_t all = data->count * data->dim, first = column % data->dim, step = column == data->dim ? 1 : data->dim;
    double count = (double)(all / step), sum = 0, rest = 0, squares = 0;
    for (size_t i = first; i < all; i += step)
        sum += data->values[i];
    for (size_t i = first; i < all; i += step) {
        double difference = data->values[i] - sum / count;
        rest += difference / count;
        squares += difference * difference / count;
    }
    const double centre = sum / count + rest, spread = squares - rest * rest;
    *mean = isnan(centre) ? NAN : centre; /* without a sign */
    *variance = isnan(spread) ? NAN : fmax(spread, 0);
}

void data_range(const dataset *data, size_t column, double *minimum, double *maximum)
{
    *minimum = *maximum = data->values[column];
    for (size_t i = column; i < data->count * data->dim; i += data->dim) {
        *minimum = fmin(*minimum, data->values[i]);
        *maximum = fmax(*maximum, data->values[i]);
    }
}

void scaling_extend(scaling *scale, const dataset *data)
{
    for (size_t j = 0; j < scale->columns; j++) {
        column_scaling *c = &scale->of[j];
        double minimum = data->minimum, maximum = data->maximum;
        if (scale->columns > 1)
            data_range(data, j, &minimum, &maximum);
        c->minimum = fmin(c->minimum, minimum);
        c->maximum = fmax(c->maximum, maximum);
    }
}

/* A whole number and the next: noise between them is lost where float32 has no room for it. */
int scaling_tells_apart(const column_scaling *c)
{
    return c->maximum - c->minimum < 0x1p24;
}

static const char *way_out(const scaling *scale, const column_scaling *c)
{
    if (c->width > 0 && !scaling_tells_apart(c))
        return "; --data dequantize=no takes them for real numbers";
    return scale->columns == 1 ? "; leave the scale to each column (--data scale=columns)" : "";
}

/* Whether float32 tells the values of a column apart; of all values if it is dim. */
static void check_precision(const scaling *scale, const dataset *data, size_t column, const char *path)
{
    size_t all = column == data->dim, first = all ? 0 : column;
    const column_scaling *c = scaling_at(scale, first);
    double mean, variance, farthest = 0;
    data_moments(data, column, &mean, &variance);
    for (size_t i = first; i < data->count * data->dim; i += all ? 1 : data->dim)
        farthest = fmax(farthest, fabs((data->values[i] - c->shift) / c->scale));
    double step = farthest * 0x1p-24, unit = c->width > 0 ? c->width : sqrt(variance) / c->scale / steps_least;
    if (!isfinite((float)farthest))
        fail("%s: values of up to %g are beyond float32 once scaled", path, farthest);
    if (unit > 0 && step > unit)
        fail("%s: column %zu lies at %.9g with a standard deviation of %.3g, which float32 cannot tell apart in this "
             "scale%s",
             path, first + 1, mean, sqrt(variance), way_out(scale, c));
}

/* Columns of a table may be unlike; what shares a unit is checked as a whole. */
static void check_all(const scaling *scale, const dataset *data, const char *path)
{
    int table = data->rank == 1 && !data->bounded;
    for (size_t j = table || scale->columns > 1 ? 0 : data->dim; j < data->dim; j++)
        check_precision(scale, data, j, path);
    if (!table && scale->columns == 1)
        check_precision(scale, data, data->dim, path);
}

/* Narrows in place, from the front and some rows at a time: no more memory than the values have. */
void scaling_apply(const scaling *scale, const diffusion_model *model, dataset *data, const char *path)
{
    enum { ROWS = 256 };
    float *some = allocate(multiply(ROWS, data->dim, path), sizeof *some);
    check_all(scale, data, path);
    unsigned char *bytes = (unsigned char *)data->values;
    for (size_t first = 0; first < data->count; first += ROWS) {
        size_t rows = data->count - first < ROWS ? data->count - first : ROWS;
        check_of(diffusion_model_from_data(model, data->values + first * data->dim, rows, some), path);
        memcpy(bytes + first * data->dim * sizeof *some, some, rows * data->dim * sizeof *some);
    }
    free(some);
    data->scaled = realloc(bytes, data->count * data->dim * sizeof *data->scaled);
    if (data->scaled == NULL)
        data->scaled = (float *)(void *)bytes;
    data->values = NULL;
}

double *scaling_invert(const diffusion_model *model, const float *values, size_t count)
{
    double *raw = allocate(count, sizeof *raw);
    check(diffusion_model_to_data(model, values, count / diffusion_model_dim(model), raw));
    return raw;
}

void scaling_invert_floats(const diffusion_model *model, float *values, size_t count)
{
    double *raw = scaling_invert(model, values, count);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)raw[i];
    free(raw);
}

double scaling_width(const scaling *scale)
{
    return scale->columns == 1 ? scale->of[0].width : 0;
}

float scaling_noise(const scaling *scale, size_t i, uint64_t index, uint64_t which)
{
    static const random_stream stream = {1, RANDOM_DEQUANTIZE};
    double width = scale->columns == 1 ? 0 : scale->of[i].width;
    return width > 0 ? (float)(width * random_uniform(stream, index, which)) : 0;
}

int scaling_dequantizes(const scaling *scale)
{
    for (size_t j = 0; j < scale->columns; j++) {
        if (scale->of[j].width > 0)
            return 1;
    }
    return 0;
}

double *scaling_units(const scaling *scale, size_t dim)
{
    double *units = allocate(dim, sizeof *units);
    for (size_t j = 0; j < dim; j++)
        units[j] = scaling_at(scale, j)->scale;
    return units;
}

double scaling_bits(const scaling *scale, size_t dim)
{
    double bits = 0;
    for (size_t j = 0; j < dim; j++)
        bits += log2(scaling_at(scale, j)->scale);
    return bits;
}

void scaling_range(const scaling *scale, double *minimum, double *maximum)
{
    *minimum = scale->of[0].minimum;
    *maximum = scale->of[0].maximum;
    for (size_t j = 1; j < scale->columns; j++) {
        *minimum = fmin(*minimum, scale->of[j].minimum);
        *maximum = fmax(*maximum, scale->of[j].maximum);
    }
}

void scaling_release(scaling *scale)
{
    free(scale->of);
    *scale = (scaling){0};
}
