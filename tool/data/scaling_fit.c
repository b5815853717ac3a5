/* The scaling that training data asks for. */
#include "data/scaling.h"

#include "common/fail.h"
#include "common/memory.h"

#include <float.h>
#include <math.h>

/* Whose square is lost. */
static void check_differences(const column_scaling *c, double variance, const char *path)
{
    if (variance < DBL_MIN && c->minimum < c->maximum)
        fail("%s: values from %.9g to %.9g differ by too little for a variance in double; give them in a smaller unit",
             path, c->minimum, c->maximum);
}

/* The noise of dequantisation, uniform in 0..1 of a raw unit, has mean 1/2 and variance 1/12. A constant column is only
 * shifted. */
static void fit_column(column_scaling *out, const dataset *data, size_t column, int dequantize, const char *path)
{
    double mean, variance;
    data_moments(data, column, &mean, &variance);
    if (out->minimum == out->maximum)
        variance = 0; /* but for the rounding of the mean */
    check_differences(out, variance, path);
    out->shift = mean + (dequantize ? 0.5 : 0);
    out->scale = sqrt(variance + (dequantize ? 1.0 / 12 : 0));
    if (out->scale == 0 && column < data->dim)
        out->scale = 1;
    out->width = dequantize ? 1 / out->scale : 0;
}

static size_t columns_of(const dataset *data, const data_options *options)
{
    int own = options->scale == SCALE_COLUMNS || (options->scale == SCALE_AUTO && data->rank == 1 && !data->bounded);
    return own ? data->dim : 1;
}

/* A table of one value over and over teaches nothing. */
static void check_variance(const scaling *scale, const dataset *data, const char *path)
{
    double mean, variance;
    data_moments(data, data->dim, &mean, &variance);
    if (!isfinite(mean) || !isfinite(variance))
        fail("%s: values of up to %g are too far apart to be scaled", path, fmax(-data->minimum, data->maximum));
    if (scale->of[0].scale == 0 || (data->minimum == data->maximum && !scaling_dequantizes(scale)))
        fail("%s: every value is %g, so there is no variance to scale to 1; use --data scale=none", path, mean);
}

/* With the least value's middle at -1 and the most's at 1. */
static void fit_grid(column_scaling *out, const dataset *data, const data_options *options, const char *path)
{
    if (options->dequantize == 1)
        fail_usage("--data: scale=grid takes whole numbers as they are, expected no dequantize=yes");
    if (!data->discrete)
        fail("%s: not whole numbers by nature, which scale=grid is for; use scale=unit or columns", path);
    if (out->maximum - out->minimum > 65535)
        fail("%s: whole numbers from %g to %g are more than the 65536 bins that scale=grid can have", path,
             out->minimum, out->maximum);
    if (out->maximum == out->minimum)
        fail("%s: every value is %g, which scale=grid makes no bins of", path, out->minimum);
    out->scale = (out->maximum - out->minimum) / 2;
    out->shift = (out->maximum + out->minimum + 1) / 2;
    out->width = 1 / out->scale;
}

void scaling_fit(scaling *out, const dataset *data, const data_options *options, const char *path, int binomial)
{
    *out = (scaling){.columns = binomial ? 1 : columns_of(data, options)};
    out->of = allocate(out->columns, sizeof *out->of);
    for (size_t j = 0; j < out->columns; j++) {
        int own = out->columns > 1;
        out->of[j] = (column_scaling){0, 1, 0, data->minimum, data->maximum};
        if (binomial)
            continue;
        if (options->scale == SCALE_GRID) {
            fit_grid(&out->of[j], data, options, path);
            continue;
        }
        int whole = own ? data_is_whole(data, j) : data->discrete;
        if (own && !data->bounded)
            data_range(data, j, &out->of[j].minimum, &out->of[j].maximum);
        int dequantize = options->dequantize >= 0 ? options->dequantize : whole && scaling_tells_apart(&out->of[j]);
        if (options->scale == SCALE_NONE)
            out->of[j].width = dequantize;
        else
            fit_column(&out->of[j], data, own ? j : data->dim, dequantize, path);
    }
    if (!binomial && options->scale != SCALE_NONE && options->scale != SCALE_GRID)
        check_variance(out, data, path);
}
