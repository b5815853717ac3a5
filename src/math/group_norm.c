#include "base/size.h"
#include "math/group_norm_slab.h"

#include "base/threads.h"
#include "base/vector.h"
#include "math/logistic.h"

#include <math.h>

enum { SLAB = 64 /* channels of one task, or a whole group if that is wider */ };

/* ---- slabs ---- */

static size_t groups_of_slab(const group_norm *shape)
{
    size_t per_group = shape->channels / shape->groups;
    return per_group >= SLAB ? 1 : SLAB / per_group;
}

size_t group_norm_slabs_of_image(const group_norm *shape)
{
    return size_divide_up(shape->groups, groups_of_slab(shape));
}

group_norm_slab group_norm_slab_of(const group_norm *shape, size_t task)
{
    size_t of_image = group_norm_slabs_of_image(shape), per_group = shape->channels / shape->groups;
    size_t first = task % of_image * groups_of_slab(shape), left = shape->groups - first;
    size_t groups = left < groups_of_slab(shape) ? left : groups_of_slab(shape);
    return (group_norm_slab){task / of_image, first * per_group, groups * per_group, first, groups, per_group};
}

group_norm_arrays group_norm_arrays_of(const group_norm *shape, float *scratch, const group_norm_slab *part)
{
    size_t channels = shape->channels;
    float *at = scratch + 5 * part->image * channels + part->first;
    return (group_norm_arrays){at, at + channels, at + 2 * channels, at + 3 * channels, at + 4 * channels};
}

size_t group_norm_scratch_size(const group_norm *shape, size_t n)
{
    return 5 * n * shape->channels;
}

/* The sum over a group of a slab's values per channel. */
static float group_sum(const float *values, size_t per_group)
{
    float sum = 0.0f;
    for (size_t i = 0; i < per_group; i++)
        sum += values[i];
    return sum;
}

/* ---- forward ---- */

/* Four pixels at a time: fewer passes over `sum`, and a more exact one. */
VECTOR_CLONES static void sum_channels(float *restrict sum, const float *restrict x, size_t row, size_t pixels,
                                       size_t width)
{
    size_t p = 0;
    for (size_t c = 0; c < width; c++)
        sum[c] = 0.0f;
    for (; p + 4 <= pixels; p += 4, x += 4 * row) {
        for (size_t i = 0; i < 4; i++)
            group_norm_expect_read(x + i * row, row, width);
        for (size_t c = 0; c < width; c++)
            sum[c] += (x[c] + x[row + c]) + (x[2 * row + c] + x[3 * row + c]);
    }
    for (; p < pixels; p++, x += row)
        for (size_t c = 0; c < width; c++)
            sum[c] += x[c];
}

static inline float square(float x)
{
    return x * x;
}

VECTOR_CLONES static void sum_squares(float *restrict sum, const float *restrict x, size_t row,
                                      const float *restrict mean, size_t pixels, size_t width)
{
    size_t p = 0;
    for (size_t c = 0; c < width; c++)
        sum[c] = 0.0f;
    for (; p + 4 <= pixels; p += 4, x += 4 * row)
        for (size_t c = 0; c < width; c++)
            sum[c] += (square(x[c] - mean[c]) + square(x[row + c] - mean[c])) +
                      (square(x[2 * row + c] - mean[c]) + square(x[3 * row + c] - mean[c]));
    for (; p < pixels; p++, x += row)
        for (size_t c = 0; c < width; c++)
            sum[c] += square(x[c] - mean[c]);
}

/* Two passes: the one-pass variance loses half the digits. statistics [groups of the slab, 2]; a, b: [width] each. */
static void find_statistics(const group_norm *shape, const group_norm_slab *part, float *statistics, const float *x,
                            size_t row, float *a, float *b)
{
    float count = (float)(shape->pixels * part->per_group);
    sum_channels(a, x, row, shape->pixels, part->width);
    for (size_t g = 0; g < part->groups; g++) {
        float mean = group_sum(a + g * part->per_group, part->per_group) / count;
        statistics[2 * g] = mean;
        for (size_t c = 0; c < part->per_group; c++)
            b[g * part->per_group + c] = mean;
    }
    sum_squares(a, x, row, b, shape->pixels, part->width);
    for (size_t g = 0; g < part->groups; g++) {
        float variance = group_sum(a + g * part->per_group, part->per_group) / count;
        statistics[2 * g + 1] = 1.0f / sqrtf(variance + shape->epsilon);
    }
}

void group_norm_find_line(const group_norm *shape, const group_norm_slab *part, const float *statistics,
                          const group_norm_weights *weights, float *a, float *b)
{
    const float *embedding =
        weights->embedding != NULL ? weights->embedding + part->image * weights->row_embedding + part->first : NULL;
    for (size_t c = 0; c < part->width; c++) {
        const float *of_group = statistics + 2 * (c / part->per_group);
        float factor = embedding != NULL ? 1.0f + embedding[c] : 1.0f;
        float slope = of_group[1] * weights->scale[part->first + c];
        a[c] = slope * factor;
        b[c] = (weights->shift[part->first + c] - of_group[0] * slope) * factor;
        if (embedding != NULL)
            b[c] += embedding[shape->channels + c];
    }
}

VECTOR_CLONES static void lines(float *y, size_t row_y, const float *x, size_t row_x, const float *a, const float *b,
                                size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, y += row_y, x += row_x)
        VECTOR_LOOP for (size_t c = 0; c < width; c++) y[c] = a[c] * x[c] + b[c];
}

VECTOR_CLONES static void silu_lines(float *y, size_t row_y, const float *x, size_t row_x, const float *a,
                                     const float *b, size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, y += row_y, x += row_x)
        VECTOR_LOOP for (size_t c = 0; c < width; c++) y[c] = silu(a[c] * x[c] + b[c]).value;
}

VECTOR_CLONES static void silu_lines_and_slopes(float *y, float *slopes, size_t row_y, const float *x, size_t row_x,
                                                const float *a, const float *b, size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, y += row_y, slopes += row_y, x += row_x) {
        group_norm_expect_read(x, row_x, width);
        group_norm_expect_write(y, row_y, width);
        group_norm_expect_write(slopes, row_y, width);
        VECTOR_LOOP for (size_t c = 0; c < width; c++)
        {
            value_slope f = silu(a[c] * x[c] + b[c]);
            y[c] = f.value;
            slopes[c] = f.slope;
        }
    }
}

typedef struct forward_job {
    const group_norm *shape;
    float *y, *slopes;
    size_t row_y;
    float *statistics;  /* found and kept, or NULL */
    const float *known; /* already found, or NULL */
    const float *x;
    size_t row_x;
    const group_norm_weights *weights;
    float *scratch;
} forward_job;

enum { MOST_GROUPS = SLAB /* of a slab */ };

static void forward_slab(void *context, size_t task, size_t slot)
{
    (void)slot;
    const forward_job *job = context;
    const group_norm *shape = job->shape;
    group_norm_slab part = group_norm_slab_of(shape, task);
    size_t at = part.image * shape->pixels, group = 2 * (part.image * shape->groups + part.first_group);
    const float *x = job->x + at * job->row_x + part.first;
    float *y = job->y + at * job->row_y + part.first;
    group_norm_arrays of = group_norm_arrays_of(shape, job->scratch, &part);
    float own[2 * MOST_GROUPS];
    const float *statistics = job->known != NULL ? job->known + group : own;
    if (job->known == NULL) {
        float *found = job->statistics != NULL ? job->statistics + group : own;
        find_statistics(shape, &part, found, x, job->row_x, of.a, of.b);
        statistics = found;
    }
    group_norm_find_line(shape, &part, statistics, job->weights, of.a, of.b);
    if (job->slopes != NULL)
        silu_lines_and_slopes(y, job->slopes + (y - job->y), job->row_y, x, job->row_x, of.a, of.b, shape->pixels,
                              part.width);
    else
        (shape->silu ? silu_lines : lines)(y, job->row_y, x, job->row_x, of.a, of.b, shape->pixels, part.width);
}

static void run_forward(forward_job *job, size_t n)
{
    group_norm_slab part = group_norm_slab_of(job->shape, 0);
    parallel_for(n * group_norm_slabs_of_image(job->shape), job->shape->pixels * part.width, forward_slab, job);
}

void group_norm_forward(const group_norm *shape, float *y, size_t row_y, float *statistics, const float *x,
                        size_t row_x, const group_norm_weights *weights, size_t n, float *scratch)
{
    forward_job job = {shape, y, NULL, row_y, statistics, NULL, x, row_x, weights, scratch};
    run_forward(&job, n);
}

void group_norm_apply(const group_norm *shape, float *y, float *slopes, size_t row_y, const float *statistics,
                      const float *x, size_t row_x, const group_norm_weights *weights, size_t n, float *scratch)
{
    forward_job job = {shape, y, shape->silu ? slopes : NULL, row_y, NULL, statistics, x, row_x, weights, scratch};
    run_forward(&job, n);
}
