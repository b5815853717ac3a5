#include "base/rng.h"
#include "base/size.h"
#include "base/threads.h"
#include "math/pixels.h"
#include "math/pool.h"
#include "network/unet_layers.h"

/* ---- where things stand ---- */

static const unet_place *place_of(const unet_run *run, size_t buffer)
{
    const unet_buffer *of = &run->net->buffers[buffer];
    return run->stage == UNET_SAMPLING ? &of->inference : run->stage == UNET_KEEPING ? &of->tape : &of->again;
}

float *unet_at(const unet_run *run, const unet_value *value)
{
    const unet_place *place = place_of(run, value->buffer);
    return run->arena[place->arena] + place->offset * run->n + value->column;
}

void unet_convolve(const unet_run *run, const convolution *plan, float *y, size_t row_y, const float *x, size_t row_x,
                   size_t weight, size_t prepared, const convolution_epilogue *epilogue)
{
    if (run->prepared != NULL)
        convolution_forward(plan, y, row_y, x, row_x, run->prepared + prepared, epilogue, run->n, run->scratch);
    else
        convolution_forward_once(plan, y, row_y, x, row_x, run->parameters + weight, epilogue, run->n, run->scratch);
}

/* ---- operations ---- */

static void convolution_op_forward(const unet_run *run, const unet_op *op)
{
    convolution_epilogue epilogue = {.bias = run->parameters + op->bias};
    if (op->embedding != UNET_NONE) {
        epilogue.image = run->projected + op->embedding;
        epilogue.row_image = run->net->time.projection.shape.out;
    }
    if (op->residual.buffer != UNET_NONE) {
        epilogue.residual = unet_at(run, &op->residual);
        epilogue.row_residual = unet_row(run, &op->residual);
    }
    unet_convolve(run, &op->convolution, unet_at(run, &op->y), unet_row(run, &op->y), unet_at(run, &op->x),
                  unet_row(run, &op->x), op->weight, op->prepared, &epilogue);
}

typedef struct drop_job {
    const unet_run *run;
    const unet_op *op;
    float *y;
} drop_job;

static void drop_pixel(void *context, size_t pixel, size_t slot)
{
    (void)slot;
    const drop_job *job = context;
    double uniform[4096]; /* the most channels that a level can have */
    size_t channels = job->op->y.channels, stream = pixel * 4096 + job->op->dropout;
    double chance = job->run->net->options.dropout;
    float kept = (float)(1.0 / (1.0 - chance)), *y = job->y + pixel * channels;
    rng_uniform(uniform, channels, (rng_stream){job->run->seed, RNG_DROPOUT, job->run->step, stream});
    for (size_t c = 0; c < channels; c++)
        y[c] *= uniform[c] < chance ? 0.0f : kept;
}

void unet_drop(const unet_run *run, const unet_op *op, float *y)
{
    drop_job job = {run, op, y};
    parallel_for(run->n * op->norm.pixels, 10 * op->norm.channels, drop_pixel, &job);
}

group_norm_weights unet_norm_weights(const unet_run *run, const unet_op *op)
{
    group_norm_weights weights = {run->parameters + op->weight, run->parameters + op->bias, NULL, 0};
    if (op->embedding != UNET_NONE) {
        weights.embedding = run->projected + op->embedding;
        weights.row_embedding = run->net->time.projection.shape.out;
    }
    return weights;
}

static void norm_op_forward(const unet_run *run, const unet_op *op)
{
    float *y = unet_at(run, &op->y);
    const float *x = unet_at(run, &op->x);
    size_t row_y = unet_row(run, &op->y), row_x = unet_row(run, &op->x);
    float *statistics = run->statistics != NULL ? run->statistics + op->statistics * run->n : NULL;
    group_norm_weights weights = unet_norm_weights(run, op);
    if (run->stage == UNET_REMAKING)
        group_norm_apply(&op->norm, y, unet_slopes_at(run, &op->y), row_y, statistics, x, row_x, &weights, run->n,
                         run->scratch);
    else
        group_norm_forward(&op->norm, y, row_y, statistics, x, row_x, &weights, run->n, run->scratch);
    if (op->dropout > 0 && run->stage != UNET_SAMPLING)
        unet_drop(run, op, y);
}

typedef struct upsample_job {
    const unet_op *op;
    float *y;
    const float *x;
} upsample_job;

static void upsample_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const upsample_job *job = context;
    const unet_value *x = &job->op->x;
    size_t size = x->height * x->width * x->channels;
    pool_repeat(job->y + 4 * image * size, job->x + image * size, x->height, x->width, x->channels);
}

static void upsample_op_forward(const unet_run *run, const unet_op *op)
{
    upsample_job job = {op, unet_at(run, &op->y), unet_at(run, &op->x)};
    parallel_for(run->n, op->y.height * op->y.width * op->y.channels / 8, upsample_image, &job);
}

void unet_op_forward(const unet_run *run, const unet_op *op)
{
    switch (op->kind) {
    case UNET_CONVOLUTION:
        convolution_op_forward(run, op);
        break;
    case UNET_NORM:
        norm_op_forward(run, op);
        break;
    case UNET_ATTENTION:
        attention_forward(&op->attention, unet_at(run, &op->y), unet_at(run, &op->x), run->n, run->scratch);
        break;
    case UNET_UPSAMPLE:
        upsample_op_forward(run, op);
        break;
    }
}

/* ---- the output: its channels are those of the first half, then those of the second ---- */

void unet_halves(const unet *net, float *halves, float *pixels, size_t n, int back)
{
    size_t count = net->height * net->width, channels = net->image_channels, row = net->halves * channels;
    for (size_t i = 0; i < n; i++)
        for (size_t half = 0; half < net->halves; half++) {
            float *in_half = halves + (i * net->halves + half) * count * channels;
            float *in_pixels = pixels + i * count * row + half * channels;
            if (back)
                pixels_copy(in_pixels, row, in_half, channels, 1, count, channels);
            else
                pixels_copy(in_half, channels, in_pixels, row, 1, count, channels);
        }
}

/* ---- memory of the kernels ---- */

static size_t convolution_scratch(const convolution *plan, size_t n, size_t threads, int training)
{
    size_t forward = convolution_scratch_size(plan, n, threads);
    return training ? size_greater(forward, convolution_training_scratch_size(plan, n, threads)) : forward;
}

static size_t op_scratch(const unet_op *op, size_t n, size_t threads, int training)
{
    switch (op->kind) {
    case UNET_CONVOLUTION:
        return convolution_scratch(&op->convolution, n, threads, training);
    case UNET_NORM:
        return group_norm_scratch_size(&op->norm, n);
    case UNET_ATTENTION:
        return attention_scratch_size(&op->attention, threads);
    default:
        return 0;
    }
}

size_t unet_kernel_scratch(const unet *net, size_t n, size_t threads, int training)
{
    size_t size = convolution_scratch(&net->time.first, n, threads, training);
    size = size_greater(size, convolution_scratch(&net->time.second, n, threads, training));
    size = size_greater(size, convolution_scratch(&net->time.projection, n, threads, training));
    for (size_t i = 0; i < net->op_count; i++)
        size = size_greater(size, op_scratch(&net->ops[i], n, threads, training));
    return size;
}
