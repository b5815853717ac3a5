#include "data/prepare.h"
#include "data/csv.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

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
static int are_alike(const dataset *data, const int64_t *shape, size_t rank)
{
    int64_t own[DATA_RANK], wanted[DATA_RANK];
    size_t count = sizes_of(own, data->shape, data->rank), expected = sizes_of(wanted, shape, rank);
    return data->rank < 2 || rank < 2 || (count == expected && memcmp(own, wanted, count * sizeof *own) == 0);
}

static char *shape_text(const int64_t *shape, size_t rank)
{
    dataset like = {.rank = rank};
    memcpy(like.shape, shape, rank * sizeof *shape);
    return data_shape_text(&like);
}

void data_check_shape(const dataset *data, const char *path, const int64_t *shape, size_t rank, const char *whose,
                      const char *way_out)
{
    if (!are_alike(data, shape, rank))
        fail("%s: samples have shape %s, those of %s %s; %s", path, data_shape_text(data), whose,
             shape_text(shape, rank), way_out);
}

/* Of a sample of the shape asked for. */
static size_t values_in(const data_options *options)
{
    size_t dim = 1;
    for (size_t i = 0; i < options->rank; i++)
        dim = multiply(dim, (size_t)options->shape[i], "--data shape");
    return dim;
}

/* As other frameworks have pictures. */
static void note_channels_first(const dataset *data, const char *path)
{
    enum { FEW = 3 };
    const int64_t *shape = data->shape;
    if (data->rank != 3 || (shape[0] != 1 && shape[0] != FEW) || shape[1] <= FEW || shape[2] <= FEW)
        return;
    char *own = data_shape_text(data);
    char *way_out = shape[0] > 1
                        ? text_format("move that axis to the end")
                        : text_format("say --data shape=%lld,%lld,1", (long long)shape[1], (long long)shape[2]);
    note("%s: samples of shape %s are taken for height, width and channels; if their channels come first, %s", path,
         own, way_out);
    free(own);
    free(way_out);
}

static void set_shape(dataset *data, const char *path, const data_options *options)
{
    const size_t dim = values_in(options);
    if (options->rank == 0) {
        note_channels_first(data, path);
        return;
    }
    if (dim != data->dim)
        fail("%s: a sample has %zu values, but its shape is to have %zu%s", path, data->dim, dim,
             options->shape_of_model ? ", the model's: give the --data of the training" : "");
    if (options->shape_of_model)
        data_check_shape(data, path, options->shape, options->rank, "the model",
                         "--data shape= takes them for it all the same");
    data->rank = options->rank;
    memcpy(data->shape, options->shape, sizeof data->shape);
}

/* Which samples are used: count from first on, of which the last `held` are held out. */
typedef struct choice {
    size_t first, count, held;
} choice;

static choice choose_samples(const dataset *data, const char *path, const data_options *options)
{
    choice of = {(size_t)options->first, 0, (size_t)options->hold_out};
    if (of.first >= data->count)
        fail("%s: holds %zu samples, so first=%zu leaves none", path, data->count, of.first);
    of.count = data->count - of.first;
    if (options->count >= 0 && (size_t)options->count > of.count)
        fail("%s: holds %zu samples, fewer than first=%zu count=%lld names", path, data->count, of.first,
             (long long)options->count);
    if (options->count >= 0)
        of.count = (size_t)options->count;
    if (of.held >= of.count)
        fail("%s: hold_out=%zu leaves none of %zu samples to train on", path, of.held, of.count);
    return of;
}

static void keep_samples(dataset *data, size_t first, size_t count)
{
    memmove(data->values, data->values + first * data->dim, count * data->dim * sizeof *data->values);
    if (data->labels != NULL)
        memmove(data->labels, data->labels + first, count * sizeof *data->labels);
    data->count = count;
}

void data_copy(dataset *out, const dataset *data, size_t first, size_t count, const char *path)
{
    *out = (dataset){.discrete = data->discrete, .bounded = data->bounded, .classes = data->classes};
    out->minimum = data->minimum;
    out->maximum = data->maximum;
    data_reserve(out, path, count, data->shape, data->rank);
    memcpy(out->values, data->values + first * data->dim, count * data->dim * sizeof *data->values);
    if (data->labels == NULL)
        return;
    out->labels = allocate(count, sizeof *out->labels);
    memcpy(out->labels, data->labels + first, count * sizeof *out->labels);
}

/* All samples, in their order and shape. */
static void load_all(dataset *out, const char *path, const data_options *options)
{
    const data_format format = {.header = options->header,
                                .drop = options->drop,
                                .skip_missing = options->skip_missing,
                                .resize = {options->resize[0], options->resize[1]},
                                .background = options->background,
                                .background_of_model = options->background_of_model,
                                .array = options->array};
    data_load(out, path, &format);
    data_take_labels(out, path, options->labels);
    if (options->crop[0] > 0)
        data_crop(out, path, options);
    set_shape(out, path, options);
    if (options->shuffle)
        data_shuffle(out, options->seed);
}

void data_prepare(dataset *out, const char *path, const data_options *options, data_use use)
{
    load_all(out, path, options);
    choice of = choose_samples(out, path, options);
    if (use == DATA_MEASURING && of.held > 0)
        keep_samples(out, of.first + of.count - of.held, of.held);
    else
        keep_samples(out, of.first, of.count - (use == DATA_TRAINING ? of.held : 0));
    data_measure(out);
}

/* Files that are sorted by their labels have the last class held out. */
static void note_untrained(const dataset *training, const dataset *held, const char *path)
{
    if (held->labels == NULL)
        return;
    char *trained = allocate((size_t)training->classes, 1);
    size_t missing = 0, first = 0;
    for (size_t i = 0; i < training->count; i++)
        trained[training->labels[i]] = 1;
    for (size_t i = 0; i < held->count; i++)
        if (!trained[held->labels[i]] && missing++ == 0)
            first = i;
    if (missing > 0)
        note("%s: %zu of the %zu samples held out are of classes that no other sample has, such as %d, so that nothing "
             "is learned of those; --data shuffle=yes mixes the samples before some are held out",
             path, missing, held->count, (int)held->labels[first]);
    free(trained);
}

void data_prepare_both(dataset *training, dataset *held, const char *path, const data_options *options)
{
    load_all(training, path, options);
    choice of = choose_samples(training, path, options);
    *held = (dataset){0};
    if (of.held > 0) {
        data_copy(held, training, of.first + of.count - of.held, of.held, path);
        data_measure(held);
    }
    keep_samples(training, of.first, of.count - of.held);
    data_measure(training);
    note_untrained(training, held, path);
}

/* A column called label, say, that training was told to keep as data. */
static int keeps_label(const diffusion_model *model, const char *labels)
{
    const char *columns = diffusion_model_metadata(model, "data.columns");
    return strcmp(labels, "none") == 0 && columns != NULL && csv_has_label(columns);
}

static void check_shape(const data_options *options, const diffusion_model *model)
{
    dataset own = {.rank = 0};
    if (values_in(options) != diffusion_model_dim(model))
        fail_usage("--data: the shape is to have %zu values, but the samples of the model have %zu", values_in(options),
                   diffusion_model_dim(model));
    check(diffusion_model_shape(model, own.shape, DATA_RANK, &own.rank));
    if (!are_alike(&own, options->shape, options->rank))
        fail_usage("--data: shape=%s, but the samples of the model have shape %s",
                   shape_text(options->shape, options->rank), data_shape_text(&own));
}

/* A name that this version does not know leaves the default. */
static void complete_background(data_options *options, const diffusion_model *model)
{
    const char *name = diffusion_model_metadata(model, "data.background");
    for (int i = 0; options->background == BACKGROUND_AUTO && name != NULL && image_background_names[i] != NULL; i++) {
        options->background_of_model = strcmp(name, image_background_names[i]) == 0;
        if (options->background_of_model)
            options->background = BACKGROUND_WHITE + (image_background)i;
    }
}

void data_options_complete(data_options *options, const diffusion_model *model)
{
    complete_background(options, model);
    const char *labels = diffusion_model_metadata(model, "data.labels");
    if (options->labels == NULL && labels != NULL && (diffusion_model_classes(model) > 0 || keeps_label(model, labels)))
        options->labels = text_format("%s", labels);
    if (options->rank > 0) {
        check_shape(options, model);
    } else {
        check(diffusion_model_shape(model, options->shape, DATA_RANK, &options->rank));
        options->shape_of_model = 1;
    }
}
