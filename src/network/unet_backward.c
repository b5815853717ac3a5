#include "base/threads.h"
#include "math/pixels.h"
#include "math/pool.h"
#include "network/unet_layers.h"

static size_t pixels_of(const unet_value *value)
{
    return value->height * value->width;
}

float *unet_gradient_at(const unet_run *run, const unet_value *value)
{
    const unet_place *place = &run->net->buffers[value->buffer].gradient;
    return run->arena[place->arena] + place->offset * run->n + value->column;
}

float *unet_slopes_at(const unet_run *run, const unet_value *value)
{
    const unet_place *place = &run->net->buffers[value->buffer].slopes;
    return run->arena[place->arena] + place->offset * run->n;
}

/* A residual's gradient is y's. */
static void residual_backward(const unet_run *run, const unet_op *op, const float *dy, size_t row_dy)
{
    const unet_value *to = &op->residual;
    if (to->buffer == UNET_NONE || to->buffer == op->y.buffer)
        return;
    (op->first_reader[1] ? pixels_copy : pixels_add)(unet_gradient_at(run, to), unet_row(run, to), dy, row_dy, run->n,
                                                     pixels_of(to), to->channels);
}

/* What this operation alone reads was not kept: its producer makes it once more. */
static void remake_input(const unet_run *run, const unet_op *op)
{
    const unet_buffer *buffer = &run->net->buffers[op->x.buffer];
    if (buffer->remade)
        unet_op_forward(run, &run->net->ops[buffer->producer]);
}

/* Where dx goes: its place if it begins here, aside to be added, or to the caller. */
static float *dx_of(const unet_run *run, const unet_gradients *to, const unet_op *op, size_t *row)
{
    *row = unet_row(run, &op->x);
    if (op->x.buffer == UNET_INPUT)
        return to->dx;
    if (op->first_reader[0])
        return unet_gradient_at(run, &op->x);
    *row = op->x.channels;
    return to->aside;
}

static void convolution_op_backward(const unet_run *run, const unet_gradients *to, const unet_op *op)
{
    const float *dy = unet_gradient_at(run, &op->y);
    size_t row_dy = unet_row(run, &op->y), row_dx;
    float *dx = dx_of(run, to, op, &row_dx);
    remake_input(run, op);
    residual_backward(run, op, dy, row_dy);
    if (op->embedding != UNET_NONE)
        pixels_sum(to->dprojected + op->embedding, run->net->time.projection.shape.out, dy, row_dy, run->n,
                   pixels_of(&op->y), op->y.channels);
    convolution_backward(&op->convolution, dx, row_dx, to->parameters + op->weight, to->parameters + op->bias,
                         unet_at(run, &op->x), unet_row(run, &op->x), dy, row_dy, run->parameters + op->weight, run->n,
                         run->scratch);
    if (dx == to->aside)
        pixels_add(unet_gradient_at(run, &op->x), unet_row(run, &op->x), dx, row_dx, run->n, pixels_of(&op->x),
                   op->x.channels);
}

static void norm_op_backward(const unet_run *run, const unet_gradients *to, const unet_op *op)
{
    group_norm_weights weights = unet_norm_weights(run, op);
    group_norm_gradient gradient = {to->parameters + op->weight, to->parameters + op->bias, NULL};
    float *dy = unet_gradient_at(run, &op->y);
    if (op->embedding != UNET_NONE)
        gradient.dembedding = to->dprojected + op->embedding;
    if (op->dropout > 0)
        unet_drop(run, op, dy);
    group_norm_backward(&op->norm, unet_gradient_at(run, &op->x), unet_row(run, &op->x), !op->first_reader[0],
                        &gradient, dy, unet_slopes_at(run, &op->y), unet_row(run, &op->y),
                        run->statistics + op->statistics * run->n, unet_at(run, &op->x), unet_row(run, &op->x),
                        &weights, run->n, run->scratch);
}

typedef struct upsample_job {
    const unet_op *op;
    float *dx;
    const float *dy;
} upsample_job;

static void upsample_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const upsample_job *job = context;
    const unet_value *y = &job->op->y;
    size_t size = pixels_of(y) * y->channels;
    pool_forward(job->dx + image * size / 4, job->dy + image * size, 1.0f, y->height, y->width, y->channels);
}

static void upsample_op_backward(const unet_run *run, const unet_op *op)
{
    upsample_job job = {op, unet_gradient_at(run, &op->x), unet_gradient_at(run, &op->y)};
    parallel_for(run->n, pixels_of(&op->y) * op->y.channels / 8, upsample_image, &job);
}

void unet_op_backward(const unet_run *run, const unet_gradients *to, const unet_op *op)
{
    switch (op->kind) {
    case UNET_CONVOLUTION:
        convolution_op_backward(run, to, op);
        break;
    case UNET_NORM:
        norm_op_backward(run, to, op);
        break;
    case UNET_ATTENTION:
        attention_backward(&op->attention, unet_gradient_at(run, &op->x), unet_gradient_at(run, &op->y),
                           unet_at(run, &op->x), run->n, run->scratch);
        break;
    case UNET_UPSAMPLE:
        upsample_op_backward(run, op);
        break;
    }
}

size_t unet_aside_size(const unet *net)
{
    size_t size = 0;
    for (size_t i = 0; i < net->op_count; i++) {
        const unet_op *op = &net->ops[i];
        size_t own = pixels_of(&op->x) * op->x.channels;
        if (op->kind == UNET_CONVOLUTION && !op->first_reader[0] && op->x.buffer != UNET_INPUT && own > size)
            size = own;
    }
    return size;
}
