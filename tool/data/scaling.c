#include "data/prepare.h"

#include "common/fail.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void data_moments(const dataset *data, double *mean, double *variance)
{
    size_t count = data->count * data->dim;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += data->values[i];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        double difference = data->values[i] - *mean;
        squares += difference * difference;
    }
    *variance = squares / (double)count;
}

static void check_bits(const dataset *data, const char *path)
{
    for (size_t i = 0; i < data->count * data->dim; i++) {
        if (data->values[i] != 0 && data->values[i] != 1)
            fail("%s: value %zu of sample %zu (from 0) is %g, expected 0 or 1 for the binomial kernel", path,
                 i % data->dim, i / data->dim, (double)data->values[i]);
    }
}

/* The noise of dequantisation, uniform in 0..1 of a raw unit, has mean 1/2 and variance 1/12. */
void scaling_fit(scaling *out, const dataset *data, const data_options *options, const char *path, int binomial)
{
    *out = (scaling){0, 1, 0, data->minimum, data->maximum};
    if (binomial) {
        check_bits(data, path);
        return;
    }
    int dequantize = options->dequantize >= 0 ? options->dequantize : data->discrete;
    double mean, variance;
    data_moments(data, &mean, &variance);
    if (options->unit_scale) {
        out->shift = mean + (dequantize ? 0.5 : 0);
        out->scale = sqrt(variance + (dequantize ? 1.0 / 12 : 0));
    }
    if (!(out->scale > 0))
        fail("%s: every value is %g, so there is no variance to scale to 1; use --data scale=none", path, mean);
    out->width = dequantize ? 1 / out->scale : 0;
}

void scaling_apply(const scaling *scale, dataset *data)
{
    for (size_t i = 0; i < data->count * data->dim; i++)
        data->values[i] = (float)((data->values[i] - scale->shift) / scale->scale);
}

double scaling_invert(const scaling *scale, double value)
{
    double raw = value * scale->scale + scale->shift;
    if (scale->width == 0)
        return raw;
    raw = floor(raw);
    raw = raw < scale->minimum ? scale->minimum : raw;
    return raw > scale->maximum ? scale->maximum : raw;
}

static void store_real(diffusion_model *model, const char *key, double value)
{
    char *text = text_real(value);
    check(diffusion_model_set_metadata(model, key, text));
    free(text);
}

static void store_labels(const dataset *data, const data_options *options, diffusion_model *model)
{
    const char *place = options->labels;
    if (data->labels == NULL)
        place = "none";
    else if (place == NULL)
        place = data->header == LABELS_LAST ? "last" : "first";
    if (strcmp(place, "none") == 0 || strcmp(place, "last") == 0 || strcmp(place, "first") == 0)
        check(diffusion_model_set_metadata(model, "data.labels", place)); /* a path is of no use with other data */
}

void scaling_store(const scaling *scale, const dataset *data, const data_options *options, diffusion_model *model)
{
    char *shape = data_shape_text(data);
    check(diffusion_model_set_metadata(model, "data.shape", shape));
    check(
        diffusion_model_set_metadata(model, "data.kind", data_is_image(data->shape, data->rank) ? "images" : "table"));
    store_real(model, "data.shift", scale->shift);
    store_real(model, "data.scale", scale->scale);
    store_real(model, "data.dequantize", scale->width);
    store_real(model, "data.minimum", scale->minimum);
    store_real(model, "data.maximum", scale->maximum);
    if (scale->width > 0)
        store_real(model, "data.levels", scale->maximum - scale->minimum + 1);
    store_real(model, "data.samples", (double)data->count);
    store_labels(data, options, model);
    free(shape);
}

static void recall(double *out, const diffusion_model *model, const char *key)
{
    const char *text = diffusion_model_metadata(model, key);
    if (text == NULL)
        return;
    const char *end = text;
    if (!text_number(out, &end) || *end != '\0')
        fail("the model's metadata is damaged: %s is '%s', expected a number", key, text);
}

void scaling_recall(scaling *out, const diffusion_model *model)
{
    *out = (scaling){0, 1, 0, -INFINITY, INFINITY};
    recall(&out->shift, model, "data.shift");
    recall(&out->scale, model, "data.scale");
    recall(&out->width, model, "data.dequantize");
    recall(&out->minimum, model, "data.minimum");
    recall(&out->maximum, model, "data.maximum");
    if (!(out->scale > 0) || !(out->width >= 0) || !(out->maximum >= out->minimum))
        fail("the model's metadata is damaged: data.scale, data.dequantize or data.maximum is out of range");
}
