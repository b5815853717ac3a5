#include "data/prepare.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `why` says, if not the user, what made it a label. */
static int32_t label_of(double value, size_t sample, const char *path, const char *why)
{
    if (value != floor(value) || value < 0 || value >= DATA_CLASSES_MAX)
        fail("%s: the label of sample %zu (from 0) is %g, expected a whole number 0..%d%s", path, sample, value,
             DATA_CLASSES_MAX - 1, why);
    return (int32_t)value;
}

/* Takes a column out of flat rows; the values move up in place. */
static void take_column(dataset *data, const char *path, int last, const char *why)
{
    if (data->rank != 1 || data->dim < 2)
        fail("%s: labels=%s needs rows of at least two values", path, last ? "last" : "first");
    size_t dim = data->dim - 1;
    data->labels = allocate(data->count, sizeof *data->labels);
    for (size_t i = 0; i < data->count; i++) {
        double *row = data->values + i * data->dim;
        data->labels[i] = label_of(row[last ? dim : 0], i, path, why);
        memmove(data->values + i * dim, row + !last, dim * sizeof *row);
    }
    if (data->names != NULL) {
        data->label = data->names[last ? dim : 0];
        memmove(data->names, data->names + !last, dim * sizeof *data->names);
    }
    if (data->numbers != NULL)
        memmove(data->numbers, data->numbers + !last, dim * sizeof *data->numbers);
    if (data->whole != NULL)
        memmove(data->whole, data->whole + !last, dim);
    data->discrete = data->whole != NULL ? memchr(data->whole, 0, dim) == NULL : data->discrete;
    data->dim = dim;
    data->shape[0] = (int64_t)dim;
}

static void take_named(dataset *data, const char *path)
{
    int last = data->header == LABELS_LAST;
    take_column(data, path, last, "; the header names this column as the labels, --data labels=none keeps it as data");
    fprintf(stderr,
            "diffusion: note: %s: the %s column, %s, is taken for the labels; --data labels=none keeps it as data\n",
            path, last ? "last" : "first", data->label);
}

static void load_labels(dataset *data, const char *path, const char *labels_path)
{
    dataset labels;
    static const char array[] = "array:"; /* of the same archive */
    data_format format = {0};
    if (strncmp(labels_path, array, sizeof array - 1) == 0) {
        format.array = labels_path + sizeof array - 1;
        labels_path = path;
    }
    data_load(&labels, labels_path, &format);
    if (labels.dim != 1 || labels.count != data->count)
        fail("%s: holds %zu rows of %zu values, expected one label for each of the %zu samples of %s", labels_path,
             labels.count, labels.dim, data->count, path);
    data->labels = allocate(data->count, sizeof *data->labels);
    for (size_t i = 0; i < data->count; i++)
        data->labels[i] = label_of(labels.values[i], i, labels_path, "");
    data_release(&labels);
}

void data_take_labels(dataset *data, const char *path, const char *labels)
{
    if (data->labels != NULL && labels != NULL && strcmp(labels, "first") != 0) { /* the format's own are not wanted */
        free(data->labels);
        data->labels = NULL;
    }
    if (data->labels != NULL)
        return;
    if (labels == NULL && data->header != LABELS_NONE)
        take_named(data, path);
    else if (labels == NULL || strcmp(labels, "none") == 0)
        return;
    else if (strcmp(labels, "last") == 0 || strcmp(labels, "first") == 0)
        take_column(data, path, labels[0] == 'l', "");
    else
        load_labels(data, path, labels);
}

/* The sizes but those of 1, which say nothing; how many. */
static size_t sizes_of(int64_t *sizes, const int64_t *shape, size_t rank)
{
    size_t count = 0;
    for (size_t i = 0; i < rank; i++) {
        if (shape[i] != 1)
            sizes[count++] = shape[i];
    }
    return count;
}

/* Rows of a table may be pictures; pictures are none of other sizes. */
static void check_alike(const dataset *data, const char *path, const data_options *options)
{
    int64_t own[DATA_RANK], wanted[DATA_RANK];
    size_t count = sizes_of(own, data->shape, data->rank), expected = sizes_of(wanted, options->shape, options->rank);
    if (data->rank < 2 || options->rank < 2 || (count == expected && memcmp(own, wanted, count * sizeof *own) == 0))
        return;
    dataset like = *data;
    memcpy(like.shape, options->shape, sizeof like.shape);
    like.rank = options->rank;
    fail("%s: samples have shape %s, those of the model %s; --data shape= takes them for it all the same", path,
         data_shape_text(data), data_shape_text(&like));
}

static void set_shape(dataset *data, const char *path, const data_options *options)
{
    if (options->rank == 0)
        return;
    size_t dim = 1;
    for (size_t i = 0; i < options->rank; i++)
        dim = multiply(dim, (size_t)options->shape[i], path);
    if (dim != data->dim)
        fail("%s: a sample has %zu values, but its shape is to have %zu%s", path, data->dim, dim,
             options->shape_of_model ? ", the model's: give the --data of the training" : "");
    if (options->shape_of_model)
        check_alike(data, path, options);
    data->rank = options->rank;
    memcpy(data->shape, options->shape, sizeof data->shape);
}

static void select_samples(dataset *data, const char *path, const data_options *options, data_use use)
{
    size_t first = (size_t)options->first;
    if (first >= data->count)
        fail("%s: holds %zu samples, so first=%zu leaves none", path, data->count, first);
    size_t count = data->count - first;
    if (options->count >= 0 && (size_t)options->count > count)
        fail("%s: holds %zu samples, fewer than first=%zu count=%lld names", path, data->count, first,
             (long long)options->count);
    if (options->count >= 0)
        count = (size_t)options->count;
    size_t held = (size_t)options->hold_out;
    if (held >= count)
        fail("%s: hold_out=%zu leaves none of %zu samples to train on", path, held, count);
    if (use == DATA_TRAINING)
        count -= held;
    else if (held > 0) {
        first += count - held;
        count = held;
    }
    memmove(data->values, data->values + first * data->dim, count * data->dim * sizeof *data->values);
    if (data->labels != NULL)
        memmove(data->labels, data->labels + first, count * sizeof *data->labels);
    data->count = count;
}

void data_prepare(dataset *out, const char *path, const data_options *options, data_use use)
{
    const data_format format = {options->header,
                                options->drop,
                                options->skip_missing,
                                {options->resize[0], options->resize[1]},
                                options->array};
    data_load(out, path, &format);
    data_take_labels(out, path, options->labels);
    if (options->crop[0] > 0)
        data_crop(out, path, options);
    set_shape(out, path, options);
    if (options->shuffle)
        data_shuffle(out, options->seed);
    select_samples(out, path, options, use);
    data_measure(out);
}

void data_options_complete(data_options *options, const diffusion_model *model)
{
    const char *labels = diffusion_model_metadata(model, "data.labels");
    if (options->labels == NULL && labels != NULL && diffusion_model_classes(model) > 0)
        options->labels = text_format("%s", labels);
    if (options->rank == 0) {
        check(diffusion_model_shape(model, options->shape, DATA_RANK, &options->rank));
        options->shape_of_model = 1;
    }
}

int data_uses_labels(const dataset *data, const diffusion_model *model, const char *path)
{
    int32_t classes = diffusion_model_classes(model);
    if (classes == 0)
        return 0;
    if (data->labels == NULL)
        fail("%s: has no labels, but the model has classes=%d; say where they are with --data labels=first|last|PATH",
             path, (int)classes);
    for (size_t i = 0; i < data->count; i++) {
        if (data->labels[i] >= classes)
            fail("%s: the label of sample %zu (from 0) is %d, but the model has classes=%d", path, i,
                 (int)data->labels[i], (int)classes);
    }
    return 1;
}
