#include "math/group_norm.h"

#include "base/threads.h"
#include "base/vector.h"
#include "math/logistic.h"

#include <math.h>
#include <string.h>

enum { SLAB = 64 /* channels of one task, or a whole group if that is wider */ };

/* ---- slabs: whole groups of channels of one image, one task ---- */

typedef struct slab {
    size_t image, first, width;            /* channels first..first+width-1 */
    size_t first_group, groups, per_group; /* the same in groups */
} slab;

static size_t groups_of_slab(const group_norm *shape)
{
    size_t per_group = shape->channels / shape->groups;
    return per_group >= SLAB ? 1 : SLAB / per_group;
}

static size_t slabs_of_image(const group_norm *shape)
{
    return (shape->groups + groups_of_slab(shape) - 1) / groups_of_slab(shape);
}

static slab slab_of(const group_norm *shape, size_t task)
{
    size_t of_image = slabs_of_image(shape), per_group = shape->channels / shape->groups;
    size_t first = task % of_image * groups_of_slab(shape), left = shape->groups - first;
    size_t groups = left < groups_of_slab(shape) ? left : groups_of_slab(shape);
    return (slab){task / of_image, first * per_group, groups * per_group, first, groups, per_group};
}

/* Values per channel of an image: y = a x + b; on the way back dx = a du + b x + constant, and the sums over pixels of
 * du and of du (x - mean). */
typedef struct channel_arrays {
    float *a, *b, *constant, *sum, *product;
} channel_arrays;

static channel_arrays arrays_of(const group_norm *shape, float *scratch, const slab *part)
{
    size_t channels = shape->channels;
    float *at = scratch + 5 * part->image * channels + part->first;
    return (channel_arrays){at, at + channels, at + 2 * channels, at + 3 * channels, at + 4 * channels};
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

/* ---- rows ahead ---- */

enum { AHEAD = 8, LINE = 16 /* floats */ };

/* A slab's rows are short and far apart: the processor does not foresee them. */
static inline __attribute__((always_inline)) void expect_read(const float *row, size_t stride, size_t width)
{
    for (size_t c = 0; c < width; c += LINE)
        __builtin_prefetch(row + AHEAD * stride + c, 0);
}

static inline __attribute__((always_inline)) void expect_write(const float *row, size_t stride, size_t width)
{
    for (size_t c = 0; c < width; c += LINE)
        __builtin_prefetch(row + AHEAD * stride + c, 1);
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
            expect_read(x + i * row, row, width);
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
static void find_statistics(const group_norm *shape, const slab *part, float *statistics, const float *x, size_t row,
                            float *a, float *b)
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

/* The whole of it as u = a x + b for each channel. */
static void find_line(const group_norm *shape, const slab *part, const float *statistics,
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
        expect_read(x, row_x, width);
        expect_write(y, row_y, width);
        expect_write(slopes, row_y, width);
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
    slab part = slab_of(shape, task);
    size_t at = part.image * shape->pixels, group = 2 * (part.image * shape->groups + part.first_group);
    const float *x = job->x + at * job->row_x + part.first;
    float *y = job->y + at * job->row_y + part.first;
    channel_arrays of = arrays_of(shape, job->scratch, &part);
    float own[2 * MOST_GROUPS];
    const float *statistics = job->known != NULL ? job->known + group : own;
    if (job->known == NULL) {
        float *found = job->statistics != NULL ? job->statistics + group : own;
        find_statistics(shape, &part, found, x, job->row_x, of.a, of.b);
        statistics = found;
    }
    find_line(shape, &part, statistics, job->weights, of.a, of.b);
    if (job->slopes != NULL)
        silu_lines_and_slopes(y, job->slopes + (y - job->y), job->row_y, x, job->row_x, of.a, of.b, shape->pixels,
                              part.width);
    else
        (shape->silu ? silu_lines : lines)(y, job->row_y, x, job->row_x, of.a, of.b, shape->pixels, part.width);
}

static void run_forward(forward_job *job, size_t n)
{
    slab part = slab_of(job->shape, 0);
    parallel_for(n * slabs_of_image(job->shape), job->shape->pixels * part.width, forward_slab, job);
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

/* ---- backward ---- */

typedef struct backward_job {
    const group_norm *shape;
    float *dx;
    size_t row_dx;
    int add;
    const group_norm_gradient *gradient;
    float *dy;
    const float *slopes;
    size_t row_dy;
    const float *statistics, *x;
    size_t row_x;
    const group_norm_weights *weights;
    size_t n;
    float *scratch;
} backward_job;

/* The sums over pixels of du and of du (x - mean). With slopes du = dy times those, in place; else du = dy. */
VECTOR_CLONES static void sum_products(float *restrict sum, float *restrict product, float *restrict dy,
                                       const float *restrict slopes, size_t row_dy, const float *restrict x,
                                       size_t row_x, const float *restrict mean, size_t pixels, size_t width)
{
    for (size_t c = 0; c < width; c++)
        sum[c] = product[c] = 0.0f;
    for (size_t p = 0; p < pixels; p++, dy += row_dy, x += row_x) {
        expect_read(x, row_x, width);
        expect_write(dy, row_dy, width);
        if (slopes != NULL)
            expect_read(slopes + p * row_dy, row_dy, width);
        if (slopes != NULL)
            for (size_t c = 0; c < width; c++)
                dy[c] *= slopes[p * row_dy + c];
        for (size_t c = 0; c < width; c++) {
            sum[c] += dy[c];
            product[c] += dy[c] * (x[c] - mean[c]);
        }
    }
}

/* dx = a du + b x + constant for each channel. */
VECTOR_CLONES static void planes(float *restrict dx, size_t row_dx, int add, const float *restrict du, size_t row_du,
                                 const float *restrict x, size_t row_x, const float *restrict a,
                                 const float *restrict b, const float *restrict constant, size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, dx += row_dx, du += row_du, x += row_x) {
        if (add)
            for (size_t c = 0; c < width; c++)
                dx[c] += a[c] * du[c] + (b[c] * x[c] + constant[c]);
        else
            for (size_t c = 0; c < width; c++)
                dx[c] = a[c] * du[c] + (b[c] * x[c] + constant[c]);
    }
}

/* With xhat = (x - mean) s and dxhat = du factor scale: dx = s (dxhat - mean of dxhat - xhat * mean of dxhat xhat), the
 * means over the group. In channels: a = s factor scale; b = -s^2 m2; constant = -s m1 + s^2 m2 mean. */
static void find_plane(const group_norm *shape, const slab *part, const float *statistics, const float *slope,
                       const float *sum, const float *product, float *b, float *constant)
{
    float count = (float)(shape->pixels * part->per_group);
    for (size_t g = 0; g < part->groups; g++) {
        size_t first = g * part->per_group, last = first + part->per_group;
        float mean = statistics[2 * g], s = statistics[2 * g + 1], sum1 = 0.0f, sum2 = 0.0f;
        for (size_t c = first; c < last; c++) { /* slope is s factor scale: the s that is too much goes below */
            sum1 += slope[c] * sum[c];
            sum2 += slope[c] * product[c];
        }
        float m1 = sum1 / count, m2 = sum2 * s * s / count;
        for (size_t c = first; c < last; c++) {
            b[c] = -m2;
            constant[c] = m2 * mean - m1;
        }
    }
}

static void embedding_gradient(const backward_job *job, const slab *part, const float *statistics, const float *sum,
                               const float *product)
{
    float *scale = job->gradient->dembedding + part->image * job->weights->row_embedding + part->first;
    float *shift = scale + job->shape->channels;
    for (size_t c = 0; c < part->width; c++) {
        float s = statistics[2 * (c / part->per_group) + 1];
        scale[c] =
            job->weights->scale[part->first + c] * s * product[c] + job->weights->shift[part->first + c] * sum[c];
        shift[c] = sum[c];
    }
}

/* What an image gives dscale and dshift, in place of its sums. */
static void weight_gradient(const backward_job *job, const slab *part, const float *statistics, float *sum,
                            float *product)
{
    const group_norm_weights *weights = job->weights;
    for (size_t c = 0; c < part->width; c++) {
        float factor = weights->embedding != NULL
                           ? 1.0f + weights->embedding[part->image * weights->row_embedding + part->first + c]
                           : 1.0f;
        sum[c] *= factor;
        product[c] *= factor * statistics[2 * (c / part->per_group) + 1];
    }
}

/* Whole groups of one image: everything but the sums over images. */
static void backward_slab(void *context, size_t task, size_t slot)
{
    (void)slot;
    const backward_job *job = context;
    const group_norm *shape = job->shape;
    slab part = slab_of(shape, task);
    size_t at = part.image * shape->pixels, width = part.width, pixels = shape->pixels;
    const float *statistics = job->statistics + 2 * (part.image * shape->groups + part.first_group);
    const float *x = job->x + at * job->row_x + part.first;
    float *dy = job->dy + at * job->row_dy + part.first;
    channel_arrays of = arrays_of(shape, job->scratch, &part);

    find_line(shape, &part, statistics, job->weights, of.a, of.b);
    for (size_t c = 0; c < width; c++)
        of.constant[c] = statistics[2 * (c / part.per_group)];
    sum_products(of.sum, of.product, dy, job->slopes != NULL ? job->slopes + (dy - job->dy) : NULL, job->row_dy, x,
                 job->row_x, of.constant, pixels, width);
    find_plane(shape, &part, statistics, of.a, of.sum, of.product, of.b, of.constant);
    planes(job->dx + at * job->row_dx + part.first, job->row_dx, job->add, dy, job->row_dy, x, job->row_x, of.a, of.b,
           of.constant, pixels, width);
    if (job->gradient->dembedding != NULL)
        embedding_gradient(job, &part, statistics, of.sum, of.product);
    weight_gradient(job, &part, statistics, of.sum, of.product);
}

static void sum_images(const backward_job *job)
{
    size_t channels = job->shape->channels;
    memset(job->gradient->dscale, 0, channels * sizeof(float));
    memset(job->gradient->dshift, 0, channels * sizeof(float));
    for (size_t i = 0; i < job->n; i++) {
        slab whole = {.image = i};
        channel_arrays of = arrays_of(job->shape, job->scratch, &whole);
        for (size_t c = 0; c < channels; c++) {
            job->gradient->dscale[c] += of.product[c];
            job->gradient->dshift[c] += of.sum[c];
        }
    }
}

void group_norm_backward(const group_norm *shape, float *dx, size_t row_dx, int add,
                         const group_norm_gradient *gradient, float *dy, const float *slopes, size_t row_dy,
                         const float *statistics, const float *x, size_t row_x, const group_norm_weights *weights,
                         size_t n, float *scratch)
{
    backward_job job = {shape,  dx,         row_dx, add,   gradient, dy, shape->silu ? slopes : NULL,
                        row_dy, statistics, x,      row_x, weights,  n,  scratch};
    parallel_for(n * slabs_of_image(shape), 3 * shape->pixels * slab_of(shape, 0).width, backward_slab, &job);
    sum_images(&job);
}
