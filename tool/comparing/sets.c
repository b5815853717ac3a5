#include "comparing/sets.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST = 2 }; /* rows: of one nothing follows */

static const uint64_t seed = 1; /* of which rows are taken */

/* Makes a set of its own of the last `count` rows. */
static void split_off(dataset *out, dataset *data, const char *path, size_t count)
{
    *out = (dataset){0};
    data_reserve(out, path, count, data->shape, data->rank);
    data->count -= count;
    memcpy(out->values, data->values + data->count * data->dim, count * data->dim * sizeof *out->values);
}

/* At random: as many rows as there are samples, half of all at most, or a given share. */
static void hold_out(dataset *held, dataset *data, const sets_source *source, size_t samples)
{
    const size_t half = data->count / 2;
    size_t count = samples < half ? samples : half;
    if (source->share > 0)
        count = (size_t)(source->share * (double)data->count);
    if (count == 0 || count == data->count)
        fail("%s: %zu rows, of which %zu would be held out: nothing is left to compare with", source->data, data->count,
             count);
    data_shuffle(data, seed);
    split_off(held, data, source->data, count);
}

/* A file of data held out is read as DATA is, and all of it taken. */
static void load_data(dataset *data, dataset *held, data_options *how, const sets_source *source)
{
    if (how->hold_out > 0 && (source->held_out != NULL || source->share > 0))
        fail_usage("compare: --data hold_out=%lld says what is held out; leave out %s", (long long)how->hold_out,
                   source->held_out != NULL ? "--held-out" : "--hold-out-share");
    data_prepare_both(data, held, source->data, how);
    if (source->held_out == NULL)
        return;
    how->first = 0;
    how->count = -1;
    data_prepare(held, source->held_out, how, DATA_MEASURING);
    samples_check_like(held, source->held_out, data);
}

static void check_count(const dataset *of, const char *what, const char *path)
{
    if (of->count < FEWEST)
        fail("%s: %zu row%s of %s, expected at least %d", path, of->count, text_plural(of->count), what, FEWEST);
}

/* Keeps so many rows, taken at random: files have their order. */
static void cut(dataset *of, size_t count)
{
    if (of->count == count)
        return;
    data_shuffle(of, seed);
    of->count = count;
}

/* ---- one unit ---- */

static void fit_scale(sets *out, const dataset *data, const data_options *how, const char *path)
{
    data_options plain = *how;
    plain.dequantize = 0;
    scaling_fit(&out->scale, data, &plain, path, 0);
    for (size_t j = 0; j < data->dim && out->scale.columns > 1; j++) {
        double mean, variance;
        data_moments(data, j, &mean, &variance);
        out->constant += variance == 0;
    }
}

/* In place of the dataset. */
static float *narrow(const sets *of, dataset *data, const char *path)
{
    float *values = allocate(data->count * data->dim, sizeof *values);
    for (size_t i = 0; i < data->count * data->dim; i++) {
        const column_scaling *c = scaling_at(&of->scale, i);
        values[i] = (float)((data->values[i] - c->shift) / c->scale);
        if (!isfinite(values[i]))
            fail("%s: value %zu of row %zu is %g, in units of the data beyond float32's range", path, i % data->dim,
                 i / data->dim, data->values[i]);
    }
    data_release(data);
    return values;
}

void sets_make(sets *out, dataset *data, dataset *held, dataset *samples, const data_options *how,
               const sets_source *source)
{
    if (held->count == 0)
        hold_out(held, data, source, samples->count);
    const char *held_path = source->held_out != NULL ? source->held_out : source->data;
    check_count(samples, "samples", source->samples);
    check_count(data, "data", source->data);
    check_count(held, "data held out", held_path);
    *out = (sets){.dim = data->dim, .rank = data->rank, .data_count = data->count};
    memcpy(out->shape, data->shape, sizeof out->shape);
    out->given = samples->count;
    out->given_held = held->count;
    out->count = out->given < out->given_held ? out->given : out->given_held;
    out->minimum = data->minimum;
    out->maximum = data->maximum;
    cut(samples, out->count);
    cut(held, out->count);
    fit_scale(out, data, how, source->data);
    out->samples = narrow(out, samples, source->samples);
    out->held = narrow(out, held, held_path);
    out->data = narrow(out, data, source->data);
}

void sets_load(sets *out, const sets_source *source)
{
    dataset data, held, samples;
    data_options how;
    data_options_parse(&how, source->drawn.data);
    load_data(&data, &held, &how, source);
    samples_load(&samples, source->samples, &source->drawn, &data);
    sets_make(out, &data, &held, &samples, &how, source);
    data_options_release(&how);
}

void sets_release(sets *of)
{
    scaling_release(&of->scale);
    free(of->data);
    free(of->samples);
    free(of->held);
}
