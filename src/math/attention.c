#include "math/attention.h"

#include "base/size.h"
#include "math/blas.h"
#include "math/multiply.h"
#include "math/softmax.h"

#include <math.h>

enum { BLOCK = 128 /* queries at a time, at most */ };

static size_t block_size(const attention *shape)
{
    return size_lesser(shape->pixels, BLOCK);
}

static size_t block_count(const attention *shape)
{
    return size_divide_up(shape->pixels, block_size(shape));
}

static size_t rows_of(const attention *shape, size_t block)
{
    size_t left = shape->pixels - block * block_size(shape);
    return left < block_size(shape) ? left : block_size(shape);
}

/* Floats of one slot: a panel for products, then probabilities and their gradient. */
static size_t slot_size(const attention *shape)
{
    return MULTIPLY_PANEL + size_round_up(2 * block_size(shape) * shape->pixels, 16);
}

size_t attention_scratch_size(const attention *shape, size_t threads)
{
    return threads * slot_size(shape);
}

typedef struct attention_job {
    const attention *shape;
    float *y;    /* forward */
    float *dqkv; /* backward */
    const float *dy, *qkv;
    float *scratch;
} attention_job;

/* One head of one image: where its columns begin. */
typedef struct head {
    size_t width, stride;   /* of its queries; of qkv */
    const float *q, *k, *v; /* [pixels, width], rows `stride` apart */
} head;

static head head_at(const attention *shape, const float *qkv, size_t image, size_t number)
{
    size_t width = shape->channels / shape->heads, stride = 3 * shape->channels;
    const float *q = qkv + image * shape->pixels * stride + number * width;
    return (head){width, stride, q, q + shape->channels, q + 2 * shape->channels};
}

/* p [rows, pixels]: how much each query of the block attends to each pixel. */
static void probabilities(const attention *shape, float *p, const head *of, size_t first, size_t rows, float *panel)
{
    multiply_transposed(rows, shape->pixels, of->width, 1.0f / sqrtf((float)of->width), of->q + first * of->stride,
                        of->stride, of->k, of->stride, 0.0f, p, shape->pixels, panel);
    softmax_forward(p, p, rows, shape->pixels);
}

/* ---- forward: a task is a block of queries of one head ---- */

static void forward_block(void *context, size_t task, size_t slot)
{
    const attention_job *job = context;
    const attention *shape = job->shape;
    size_t block = task % block_count(shape), number = task / block_count(shape) % shape->heads;
    size_t image = task / block_count(shape) / shape->heads;
    size_t first = block * block_size(shape), rows = rows_of(shape, block);
    head of = head_at(shape, job->qkv, image, number);
    float *panel = job->scratch + slot * slot_size(shape), *p = panel + MULTIPLY_PANEL;
    probabilities(shape, p, &of, first, rows, panel);
    multiply(0, rows, of.width, shape->pixels, 1.0f, p, shape->pixels, of.v, of.stride, 0.0f,
             job->y + (image * shape->pixels + first) * shape->channels + number * of.width, shape->channels);
}

void attention_forward(const attention *shape, float *y, const float *qkv, size_t n, float *scratch)
{
    attention_job job = {.shape = shape, .y = y, .qkv = qkv, .scratch = scratch};
    size_t width = shape->channels / shape->heads;
    blas_parallel_for(n * shape->heads * block_count(shape), block_size(shape) * shape->pixels * (4 * width + 64),
                      forward_block, &job);
}

/* ---- backward: a task is a head, whose blocks add to the gradient of its keys and values ---- */

static void backward_block(const attention_job *job, const head *of, float *dq, const float *dy, size_t block,
                           float *panel)
{
    const attention *shape = job->shape;
    size_t first = block * block_size(shape), rows = rows_of(shape, block), pixels = shape->pixels;
    float *p = panel + MULTIPLY_PANEL, *dp = p + block_size(shape) * pixels;
    float *dk = dq + shape->channels, *dv = dk + shape->channels;
    float scale = 1.0f / sqrtf((float)of->width), add = block > 0 ? 1.0f : 0.0f;
    const float *dy_block = dy + first * shape->channels;
    probabilities(shape, p, of, first, rows, panel);
    multiply(1, pixels, of->width, rows, 1.0f, p, pixels, dy_block, shape->channels, add, dv, of->stride);
    multiply_transposed(rows, pixels, of->width, 1.0f, dy_block, shape->channels, of->v, of->stride, 0.0f, dp, pixels,
                        panel);
    softmax_backward(dp, p, dp, rows, pixels);
    multiply(0, rows, of->width, pixels, scale, dp, pixels, of->k, of->stride, 0.0f, dq + first * of->stride,
             of->stride);
    multiply(1, pixels, of->width, rows, scale, dp, pixels, of->q + first * of->stride, of->stride, add, dk,
             of->stride);
}

static void backward_head(void *context, size_t task, size_t slot)
{
    const attention_job *job = context;
    const attention *shape = job->shape;
    size_t image = task / shape->heads, number = task % shape->heads;
    head of = head_at(shape, job->qkv, image, number);
    float *dq = job->dqkv + (of.q - job->qkv);
    const float *dy = job->dy + image * shape->pixels * shape->channels + number * of.width;
    float *panel = job->scratch + slot * slot_size(shape);
    for (size_t block = 0; block < block_count(shape); block++)
        backward_block(job, &of, dq, dy, block, panel);
}

void attention_backward(const attention *shape, float *dqkv, const float *dy, const float *qkv, size_t n,
                        float *scratch)
{
    attention_job job = {.shape = shape, .dqkv = dqkv, .dy = dy, .qkv = qkv, .scratch = scratch};
    size_t width = shape->channels / shape->heads;
    blas_parallel_for(n * shape->heads, shape->pixels * shape->pixels * (10 * width + 64), backward_head, &job);
}
