/* Group normalisation, with a scale and shift of every image's own, SiLU and dropout behind it. */
#include "base/rng.h"
#include "base/threads.h"
#include "math/group_norm.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_norm; /* below */

enum { DROPOUT_CHANNELS = 4096 /* at most: pixels and numbers share a stream's counter */ };

typedef struct own {
    group_norm norm;
    double dropout;
    size_t number;
} own;
GRAPH_OWN(own);

static const own *own_of(const graph_op *op)
{
    return (const own *)(const void *)&op->own;
}

void graph_normalise(graph *self, graph_value x, graph_value y, const graph_norm *with)
{
    if (with->dropout > 0.0 && (x.channels > DROPOUT_CHANNELS || with->number >= DROPOUT_CHANNELS))
        graph_refuse(self, DIFFUSION_E_SPEC, "model: dropout takes at most %d channels and norms",
                     (int)DROPOUT_CHANNELS);
    graph_op *op = graph_add_op(self, &graph_op_norm, x, y);
    *(own *)(void *)&op->own =
        (own){{x.height * x.width, x.channels, with->groups, with->epsilon, with->silu}, with->dropout, with->number};
    op->weight = with->scale;
    op->bias = with->shift;
    op->from[GRAPH_IMAGE] = with->image;
    self->buffers[y.buffer].remade = 1;
    self->buffers[y.buffer].sloped = with->silu;
}

static size_t kept_size(const graph_op *op)
{
    return 2 * own_of(op)->norm.groups;
}

static size_t scratch_size(const graph_op *op, size_t n, size_t threads, int training)
{
    (void)threads, (void)training;
    return group_norm_scratch_size(&own_of(op)->norm, n);
}

static group_norm_weights weights_of(const graph_run *run, const graph_op *op)
{
    const graph_value *image = &op->from[GRAPH_IMAGE];
    group_norm_weights weights = {run->parameters + op->weight, run->parameters + op->bias, NULL, 0};
    if (graph_is_value(image)) {
        weights.embedding = graph_at(run, image);
        weights.stride_embedding = graph_stride(run, image);
    }
    return weights;
}

/* ---- dropout ---- */

typedef struct drop_job {
    const graph_run *run;
    const graph_op *op;
    float *y;
    size_t stride;
} drop_job;

static void drop_pixel(void *context, size_t pixel, size_t slot)
{
    (void)slot;
    const drop_job *job = context;
    const own *with = own_of(job->op);
    const rng_stream stream = {job->run->batch.seed, RNG_DROPOUT, job->run->batch.step,
                               pixel * DROPOUT_CHANNELS + with->number};
    double uniform[RNG_BLOCK];
    float kept = (float)(1.0 / (1.0 - with->dropout)), *y = job->y + pixel * job->stride;
    for (size_t c = 0; c < with->norm.channels; c++) {
        if (c % RNG_BLOCK == 0)
            rng_uniform_block(uniform, c / RNG_BLOCK, stream);
        y[c] *= uniform[c % RNG_BLOCK] < with->dropout ? 0.0f : kept;
    }
}

/* Zeroes some of y and scales the rest, always the same ones in one training step; on the way back its gradient. */
static void drop(const graph_run *run, const graph_op *op, float *y)
{
    const group_norm *norm = &own_of(op)->norm;
    drop_job job = {run, op, y, graph_stride(run, &op->y)};
    if (own_of(op)->dropout > 0.0 && run->stage != GRAPH_SAMPLING)
        parallel_for(run->n * norm->pixels, 10 * norm->channels, drop_pixel, &job);
}

/* ---- the passes ---- */

static void forward(const graph_run *run, const graph_op *op)
{
    const group_norm *norm = &own_of(op)->norm;
    const graph_value *from = &op->from[GRAPH_X];
    const float *x = graph_at(run, from);
    float *y = graph_at(run, &op->y), *statistics = graph_kept_at(run, op), *slopes = graph_slopes_at(run, &op->y);
    size_t stride_y = graph_stride(run, &op->y), stride_x = graph_stride(run, from);
    group_norm_weights weights = weights_of(run, op);
    if (run->stage != GRAPH_REMAKING)
        group_norm_forward(norm, y, stride_y, statistics, x, stride_x, &weights, run->n, run->scratch);
    if (run->stage == GRAPH_REMAKING || slopes != NULL)
        group_norm_apply(norm, y, slopes, stride_y, statistics, x, stride_x, &weights, run->n, run->scratch);
    drop(run, op, y);
}

static void backward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    group_norm_weights weights = weights_of(run, op);
    graph_target image = graph_target_open(run, op, GRAPH_IMAGE), dx = graph_target_open(run, op, GRAPH_X);
    group_norm_gradient gradient = {graph_parameter_gradient(run, op->weight), graph_parameter_gradient(run, op->bias),
                                    image.at, image.stride};
    float *dy = graph_gradient_at(run, &op->y);
    drop(run, op, dy);
    group_norm_backward(&own_of(op)->norm, dx.at, dx.stride, dx.add, &gradient, dy, graph_slopes_at(run, &op->y),
                        graph_stride(run, &op->y), graph_kept_at(run, op), graph_at(run, x), graph_stride(run, x),
                        &weights, run->n, run->scratch);
    graph_target_close(run, op, GRAPH_IMAGE, &image);
}

static const graph_op_class graph_op_norm = {.reads = 1u << GRAPH_X | 1u << GRAPH_IMAGE,
                                             .adds = 1u << GRAPH_X,
                                             .kept_size = kept_size,
                                             .scratch_size = scratch_size,
                                             .forward = forward,
                                             .backward = backward};
