/* y = x convolved with weights, plus a bias, a value for every pixel, and an image. */
#include "math/convolution.h"
#include "math/pixels.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_convolution; /* below */

GRAPH_OWN(convolution);

static const convolution *plan_of(const graph_op *op)
{
    return (const convolution *)(const void *)&op->own;
}

void graph_convolve(graph *self, graph_value x, graph_value y, const graph_convolution *with)
{
    graph_op *op = graph_add_op(self, &graph_op_convolution, x, y);
    convolution_shape shape = {
        x.height,     x.width,    x.channels, y.channels, size_greater(with->kernel, 1), size_greater(with->stride, 1),
        with->before, with->after};
    *(convolution *)(void *)&op->own = convolution_plan(&shape, with->exact);
    op->weight = with->weight;
    op->bias = with->bias;
    op->from[GRAPH_IMAGE] = with->image;
    op->from[GRAPH_RESIDUAL] = with->residual;
}

static size_t prepared_size(const graph_op *op)
{
    return convolution_prepared_size(plan_of(op));
}

static void prepare(const graph_op *op, float *prepared, const float *parameters)
{
    convolution_prepare(plan_of(op), prepared, parameters + op->weight);
}

static size_t scratch_size(const graph_op *op, size_t n, size_t threads, int training)
{
    size_t forward = convolution_scratch_size(plan_of(op), n, threads);
    return training ? size_greater(forward, convolution_training_scratch_size(plan_of(op), n, threads)) : forward;
}

static void forward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X], *image = &op->from[GRAPH_IMAGE], *residual = &op->from[GRAPH_RESIDUAL];
    convolution_epilogue epilogue = {.bias = op->bias != GRAPH_NONE ? run->parameters + op->bias : NULL};
    if (graph_is_value(image)) {
        epilogue.image = graph_at(run, image);
        epilogue.stride_image = graph_stride(run, image);
    }
    if (graph_is_value(residual)) {
        epilogue.residual = graph_at(run, residual);
        epilogue.stride_residual = graph_stride(run, residual);
    }
    if (run->prepared != NULL)
        convolution_forward(plan_of(op), graph_at(run, &op->y), graph_stride(run, &op->y), graph_at(run, x),
                            graph_stride(run, x), run->prepared + op->prepared, &epilogue, run->n, run->scratch);
    else
        convolution_forward_once(plan_of(op), graph_at(run, &op->y), graph_stride(run, &op->y), graph_at(run, x),
                                 graph_stride(run, x), run->parameters + op->weight, &epilogue, run->n, run->scratch);
}

static void backward(const graph_run *run, const graph_op *op)
{
    const graph_value *x = &op->from[GRAPH_X];
    const float *dy = graph_gradient_at(run, &op->y);
    size_t stride_dy = graph_stride(run, &op->y);
    graph_pass_gradient(run, op, GRAPH_RESIDUAL);
    graph_target image = graph_target_open(run, op, GRAPH_IMAGE);
    if (image.at != NULL)
        pixels_sum(image.at, image.stride, dy, stride_dy, run->n, graph_pixels(&op->y), op->y.channels);
    graph_target_close(run, op, GRAPH_IMAGE, &image);
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    convolution_backward(plan_of(op), dx.at, dx.stride, graph_parameter_gradient(run, op->weight),
                         graph_parameter_gradient(run, op->bias), graph_at(run, x), graph_stride(run, x), dy, stride_dy,
                         run->parameters + op->weight, run->n, run->scratch);
    graph_target_close(run, op, GRAPH_X, &dx);
}

static const graph_op_class graph_op_convolution = {.reads = 1u << GRAPH_X,
                                                    .adds = 1u << GRAPH_RESIDUAL,
                                                    .prepared_size = prepared_size,
                                                    .prepare = prepare,
                                                    .scratch_size = scratch_size,
                                                    .forward = forward,
                                                    .backward = backward};
