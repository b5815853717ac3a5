#include "math/group_norm_slab.h"

#include "base/threads.h"
#include "base/vector.h"
#include "math/logistic.h"

#include <math.h>

/* The sum over a group of a slab's values per channel. */
static float group_sum(const float *values, size_t per_group)
{
    float sum = 0.0f;
    for (size_t i = 0; i < per_group; i++)
        sum += values[i];
    return sum;
}

/* Four pixels at a time: fewer passes over `sum`, and a more exact one. */
VECTOR_CLONES static void sum_channels(float *restrict sum, const float *restrict x, size_t stride, size_t pixels,
                                       size_t width)
{
    size_t p = 0;
    for (size_t c = 0; c < width; c++)
        sum[c] = 0.0f;
    for (; p + 4 <= pixels; p += 4, x += 4 * stride) {
        for (size_t i = 0; i < 4; i++)
            group_norm_expect_read(x + i * stride, stride, width);
        for (size_t c = 0; c < width; c++)
            sum[c] += (x[c] + x[stride + c]) + (x[2 * stride + c] + x[3 * stride + c]);
    }
    for (; p < pixels; p++, x += stride)
        for (size_t c = 0; c < width; c++)
            sum[c] += x[c];
}

static inline float square(float x)
{
    return x * x;
}

VECTOR_CLONES static void sum_squares(float *restrict sum, const float *restrict x, size_t stride,
                                      const float *restrict mean, size_t pixels, size_t width)
{
    size_t p = 0;
    for (size_t c = 0; c < width; c++)
        sum[c] = 0.0f;
    for (; p + 4 <= pixels; p += 4, x += 4 * stride)
        for (size_t c = 0; c < width; c++)
            sum[c] += (square(x[c] - mean[c]) + square(x[stride + c] - mean[c])) +
                      (square(x[2 * stride + c] - mean[c]) + square(x[3 * stride + c] - mean[c]));
    for (; p < pixels; p++, x += stride)
        for (size_t c = 0; c < width; c++)
            sum[c] += square(x[c] - mean[c]);
}

/* Two passes: the one-pass variance loses half the digits. statistics [groups of the slab, 2]; a, b: [width] each. */
static void find_statistics(const group_norm *shape, const group_norm_slab *part, float *statistics, const float *x,
                            size_t stride, float *a, float *b)
{
    float count = (float)(shape->pixels * part->per_group);
    sum_channels(a, x, stride, shape->pixels, part->width);
    for (size_t g = 0; g < part->groups; g++) {
        float mean = group_sum(a + g * part->per_group, part->per_group) / count;
        statistics[2 * g] = mean;
        for (size_t c = 0; c < part->per_group; c++)
            b[g * part->per_group + c] = mean;
    }
    sum_squares(a, x, stride, b, shape->pixels, part->width);
    for (size_t g = 0; g < part->groups; g++) {
        float variance = group_sum(a + g * part->per_group, part->per_group) / count;
        statistics[2 * g + 1] = 1.0f / sqrtf(variance + shape->epsilon);
    }
}

VECTOR_CLONES static void affine(float *y, size_t stride_y, const float *x, size_t stride_x, const float *a,
                                 const float *b, size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, y += stride_y, x += stride_x)
        VECTOR_LOOP for (size_t c = 0; c < width; c++) y[c] = a[c] * x[c] + b[c];
}

VECTOR_CLONES static void affine_silu(float *y, size_t stride_y, const float *x, size_t stride_x, const float *a,
                                      const float *b, size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, y += stride_y, x += stride_x)
        VECTOR_LOOP for (size_t c = 0; c < width; c++) y[c] = silu(a[c] * x[c] + b[c]).value;
}

VECTOR_CLONES static void silu_lines_and_slopes(float *y, float *slopes, size_t stride_y, const float *x,
                                                size_t stride_x, const float *a, const float *b, size_t pixels,
                                                size_t width)
{
    for (size_t p = 0; p < pixels; p++, y += stride_y, slopes += stride_y, x += stride_x) {
        group_norm_expect_read(x, stride_x, width);
        group_norm_expect_write(y, stride_y, width);
        group_norm_expect_write(slopes, stride_y, width);
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
    size_t stride_y;
    float *statistics;  /* found and kept, or NULL */
    const float *known; /* already found, or NULL */
    const float *x;
    size_t stride_x;
    const group_norm_weights *weights;
    float *scratch;
} forward_job;

static void forward_slab(void *context, size_t task, size_t slot)
{
    (void)slot;
    const forward_job *job = context;
    const group_norm *shape = job->shape;
    group_norm_slab part = group_norm_slab_of(shape, task);
    size_t at = part.image * shape->pixels, group = 2 * (part.image * shape->groups + part.first_group);
    const float *x = job->x + at * job->stride_x + part.first;
    float *y = job->y + at * job->stride_y + part.first;
    group_norm_arrays of = group_norm_arrays_of(shape, job->scratch, &part);
    float own[2 * GROUP_NORM_SLAB];
    const float *statistics = job->known != NULL ? job->known + group : own;
    if (job->known == NULL) {
        float *found = job->statistics != NULL ? job->statistics + group : own;
        find_statistics(shape, &part, found, x, job->stride_x, of.a, of.b);
        statistics = found;
    }
    group_norm_find_affine(shape, &part, statistics, job->weights, of.a, of.b);
    if (job->slopes != NULL)
        silu_lines_and_slopes(y, job->slopes + (y - job->y), job->stride_y, x, job->stride_x, of.a, of.b, shape->pixels,
                              part.width);
    else
        (shape->silu ? affine_silu : affine)(y, job->stride_y, x, job->stride_x, of.a, of.b, shape->pixels, part.width);
}

static void run_forward(forward_job *job, size_t n)
{
    group_norm_slab part = group_norm_slab_of(job->shape, 0);
    parallel_for(n * group_norm_slabs_of_image(job->shape), job->shape->pixels * part.width, forward_slab, job);
}

void group_norm_forward(const group_norm *shape, float *y, size_t stride_y, float *statistics, const float *x,
                        size_t stride_x, const group_norm_weights *weights, size_t n, float *scratch)
{
    forward_job job = {shape, y, NULL, stride_y, statistics, NULL, x, stride_x, weights, scratch};
    run_forward(&job, n);
}

void group_norm_apply(const group_norm *shape, float *y, float *slopes, size_t stride_y, const float *statistics,
                      const float *x, size_t stride_x, const group_norm_weights *weights, size_t n, float *scratch)
{
    forward_job job = {shape,   y,      shape->silu ? slopes : NULL, stride_y, NULL, statistics, x, stride_x,
                       weights, scratch};
    run_forward(&job, n);
}
