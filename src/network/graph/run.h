/* One pass of a graph over n images, as its operations see it. */
#ifndef NETWORK_GRAPH_RUN_H
#define NETWORK_GRAPH_RUN_H

#include "network/graph/op.h"

typedef enum graph_stage {
    GRAPH_SAMPLING,
    GRAPH_KEEPING,  /* training's forward pass */
    GRAPH_REMAKING, /* its backward pass, which makes again what was not kept */
} graph_stage;

struct graph_run {
    const graph *graph;
    const float *parameters;
    const float *prepared; /* all of them; NULL in training */
    graph_stage stage;
    size_t n;
    network_batch batch; /* in the backward pass labels, seed and step alone */
    float *arena[GRAPH_ARENAS];
    float *kept;          /* of all operations; NULL while sampling */
    float *scratch;       /* of the kernels */
    float *aside;         /* of the backward pass: an operand's gradient, to be added; */
    float *gradient, *dx; /* of the parameters and the input; NULL: not wanted */
};

/* Where a value stands in this pass, and the floats from one of its pixels to the next. */
float *graph_at(const graph_run *run, const graph_value *value);
size_t graph_stride(const graph_run *run, const graph_value *value);

/* Where a value's gradient stands, laid out like the value; NULL: not wanted. And the slopes that its producer makes;
 * NULL: not in this pass. */
float *graph_gradient_at(const graph_run *run, const graph_value *value);
float *graph_slopes_at(const graph_run *run, const graph_value *value);

/* What an operation keeps of all images, [n, its kept_size()]; NULL while sampling. */
float *graph_kept_at(const graph_run *run, const graph_op *op);

/* Where the gradient of a parameter goes; NULL: not wanted, or there is no such parameter. */
float *graph_parameter_gradient(const graph_run *run, size_t offset);

/* Where an operation's backward() puts an operand's gradient: it is written, or added where `add` is set. Closing adds
 * what was made aside for an operation that cannot add. */
typedef struct graph_target {
    float *at; /* NULL: not wanted, or no such operand */
    size_t stride;
    int add;
} graph_target;
graph_target graph_target_open(const graph_run *run, const graph_op *op, graph_operand operand);
void graph_target_close(const graph_run *run, const graph_op *op, graph_operand operand, const graph_target *target);

/* dy to an operand that was added to y as it is. */
void graph_pass_gradient(const graph_run *run, const graph_op *op, graph_operand operand);

/* The output from its buffer, as [n, parts] images; and a gradient the other way. */
void graph_split(const graph_run *run, float *parts, float *pixels, int back);

/* Floats of the kernels' scratch. */
size_t graph_kernel_scratch(const graph *self, size_t n, size_t threads, int training);

#endif
