#include "data/prepare.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/random.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a picture that crops may use: first..end-1. */
typedef struct band {
    size_t first, end;
} band;

static size_t below(random_stream stream, uint64_t index, uint64_t which, size_t count)
{
    size_t drawn = (size_t)((double)count * random_uniform(stream, index, which));
    return drawn < count ? drawn : count - 1;
}

static void check_crop(const dataset *data, const char *path, const data_options *options)
{
    size_t height = (size_t)data->shape[0];
    if (data->rank < 2 || !data_is_image(data->shape, data->rank))
        fail("%s: crop needs pictures, of shape height,width,channels", path);
    if ((size_t)options->crop[0] > height || options->crop[1] > data->shape[1])
        fail("%s: crop=%lld,%lld is larger than the pictures, %lldx%lld", path, (long long)options->crop[0],
             (long long)options->crop[1], (long long)data->shape[0], (long long)data->shape[1]);
    if (options->hold_out > 0 && (size_t)options->crop[0] > height / 4)
        fail("%s: crops of %lld rows do not fit into the quarter of the rows, %zu, that hold_out keeps back", path,
             (long long)options->crop[0], height / 4);
    if (options->hold_out >= options->crops)
        fail("%s: hold_out=%lld leaves none of %lld crops to train on", path, (long long)options->hold_out,
             (long long)options->crops);
}

static band band_of(const data_options *options, size_t height, size_t crop)
{
    size_t upper = height - height / 4;
    if (options->hold_out == 0)
        return (band){0, height};
    return crop < (size_t)(options->crops - options->hold_out) ? (band){0, upper} : (band){upper, height};
}

/* One crop; returns the picture that it is of. */
static size_t cut(double *out, const dataset *from, const data_options *options, size_t crop)
{
    random_stream stream = {options->seed, RANDOM_CROP};
    size_t rows = (size_t)options->crop[0], width = (size_t)from->shape[1];
    size_t channels = from->dim / (size_t)from->shape[0] / width, row = (size_t)options->crop[1] * channels;
    band rows_of = band_of(options, (size_t)from->shape[0], crop);
    size_t picture = below(stream, crop, 0, from->count);
    size_t y = rows_of.first + below(stream, crop, 1, rows_of.end - rows_of.first - rows + 1);
    size_t x = below(stream, crop, 2, width - (size_t)options->crop[1] + 1);
    const double *corner = from->values + picture * from->dim + (y * width + x) * channels;
    for (size_t i = 0; i < rows; i++)
        memcpy(out + i * row, corner + i * width * channels, row * sizeof *out);
    return picture;
}

void data_crop(dataset *data, const char *path, const data_options *options)
{
    check_crop(data, path, options);
    dataset crops = *data;
    int64_t shape[] = {options->crop[0], options->crop[1], data->shape[2]};
    data_reserve(&crops, path, (size_t)options->crops, shape, data->rank);
    if (data->labels != NULL)
        crops.labels = allocate(crops.count, sizeof *crops.labels);
    for (size_t i = 0; i < crops.count; i++) {
        size_t picture = cut(crops.values + i * crops.dim, data, options, i);
        if (data->labels != NULL)
            crops.labels[i] = data->labels[picture];
    }
    data->class_names = NULL; /* the crops' now */
    data_release(data);
    *data = crops;
}

static void exchange(dataset *data, double *spare, size_t a, size_t b)
{
    size_t bytes = data->dim * sizeof *spare;
    memcpy(spare, data->values + a * data->dim, bytes);
    memcpy(data->values + a * data->dim, data->values + b * data->dim, bytes);
    memcpy(data->values + b * data->dim, spare, bytes);
    if (data->labels != NULL) {
        int32_t label = data->labels[a];
        data->labels[a] = data->labels[b];
        data->labels[b] = label;
    }
}

/* Fisher and Yates. */
void data_shuffle(dataset *data, uint64_t seed)
{
    random_stream stream = {seed, RANDOM_SHUFFLE};
    double *spare = allocate(data->dim, sizeof *spare);
    for (size_t i = data->count - 1; i > 0; i--) {
        size_t other = below(stream, i, 0, i + 1);
        if (other != i)
            exchange(data, spare, i, other);
    }
    free(spare);
}
