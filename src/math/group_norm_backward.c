#include "math/group_norm_slab.h"

#include "base/threads.h"
#include "base/vector.h"

#include <string.h>

typedef struct backward_job {
    const group_norm *shape;
    float *dx;
    size_t stride_dx;
    int add;
    const group_norm_gradient *gradient;
    float *dy;
    const float *slopes;
    size_t stride_dy;
    const float *statistics, *x;
    size_t stride_x;
    const group_norm_weights *weights;
    size_t n;
    float *scratch;
} backward_job;

/* The sums over pixels of du and of du (x - mean). With slopes du = dy times those, in place; else du = dy. */
VECTOR_CLONES static void sum_products(float *restrict sum, float *restrict product, float *restrict dy,
                                       const float *restrict slopes, size_t stride_dy, const float *restrict x,
                                       size_t stride_x, const float *restrict mean, size_t pixels, size_t width)
{
    for (size_t c = 0; c < width; c++)
        sum[c] = product[c] = 0.0f;
    for (size_t p = 0; p < pixels; p++, dy += stride_dy, x += stride_x) {
        group_norm_expect_read(x, stride_x, width);
        group_norm_expect_write(dy, stride_dy, width);
        if (slopes != NULL)
            group_norm_expect_read(slopes + p * stride_dy, stride_dy, width);
        if (slopes != NULL)
            for (size_t c = 0; c < width; c++)
                dy[c] *= slopes[p * stride_dy + c];
        for (size_t c = 0; c < width; c++) {
            sum[c] += dy[c];
            product[c] += dy[c] * (x[c] - mean[c]);
        }
    }
}

/* dx = a du + b x + constant for each channel. */
VECTOR_CLONES static void affine_backward(float *restrict dx, size_t stride_dx, int add, const float *restrict du,
                                          size_t stride_du, const float *restrict x, size_t stride_x,
                                          const float *restrict a, const float *restrict b,
                                          const float *restrict constant, size_t pixels, size_t width)
{
    for (size_t p = 0; p < pixels; p++, dx += stride_dx, du += stride_du, x += stride_x) {
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
static void find_affine_backward(const group_norm *shape, const group_norm_slab *part, const float *statistics,
                                 const float *slope, const float *sum, const float *product, float *b, float *constant)
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

static void embedding_gradient(const backward_job *job, const group_norm_slab *part, const float *statistics,
                               const float *sum, const float *product)
{
    float *scale = job->gradient->dembedding + part->image * job->gradient->stride_dembedding + part->first;
    float *shift = scale + job->shape->channels;
    for (size_t c = 0; c < part->width; c++) {
        float s = statistics[2 * (c / part->per_group) + 1];
        scale[c] =
            job->weights->scale[part->first + c] * s * product[c] + job->weights->shift[part->first + c] * sum[c];
        shift[c] = sum[c];
    }
}

/* What an image gives dscale and dshift, in place of its sums. */
static void weight_gradient(const backward_job *job, const group_norm_slab *part, const float *statistics, float *sum,
                            float *product)
{
    const group_norm_weights *weights = job->weights;
    for (size_t c = 0; c < part->width; c++) {
        float factor = weights->embedding != NULL
                           ? 1.0f + weights->embedding[part->image * weights->stride_embedding + part->first + c]
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
    group_norm_slab part = group_norm_slab_of(shape, task);
    size_t at = part.image * shape->pixels, width = part.width, pixels = shape->pixels;
    const float *statistics = job->statistics + 2 * (part.image * shape->groups + part.first_group);
    const float *x = job->x + at * job->stride_x + part.first;
    float *dy = job->dy + at * job->stride_dy + part.first;
    group_norm_arrays of = group_norm_arrays_of(shape, job->scratch, &part);

    group_norm_find_affine(shape, &part, statistics, job->weights, of.a, of.b);
    for (size_t c = 0; c < width; c++)
        of.constant[c] = statistics[2 * (c / part.per_group)];
    sum_products(of.sum, of.product, dy, job->slopes != NULL ? job->slopes + (dy - job->dy) : NULL, job->stride_dy, x,
                 job->stride_x, of.constant, pixels, width);
    find_affine_backward(shape, &part, statistics, of.a, of.sum, of.product, of.b, of.constant);
    if (job->dx != NULL)
        affine_backward(job->dx + at * job->stride_dx + part.first, job->stride_dx, job->add, dy, job->stride_dy, x,
                        job->stride_x, of.a, of.b, of.constant, pixels, width);
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
        group_norm_slab whole = {.image = i};
        group_norm_arrays of = group_norm_arrays_of(job->shape, job->scratch, &whole);
        for (size_t c = 0; c < channels; c++) {
            job->gradient->dscale[c] += of.product[c];
            job->gradient->dshift[c] += of.sum[c];
        }
    }
}

void group_norm_backward(const group_norm *shape, float *dx, size_t stride_dx, int add,
                         const group_norm_gradient *gradient, float *dy, const float *slopes, size_t stride_dy,
                         const float *statistics, const float *x, size_t stride_x, const group_norm_weights *weights,
                         size_t n, float *scratch)
{
    backward_job job = {shape,     dx,         stride_dx, add,      gradient, dy, shape->silu ? slopes : NULL,
                        stride_dy, statistics, x,         stride_x, weights,  n,  scratch};
    parallel_for(n * group_norm_slabs_of_image(shape), 3 * shape->pixels * group_norm_slab_of(shape, 0).width,
                 backward_slab, &job);
    if (gradient->dscale != NULL)
        sum_images(&job);
}
