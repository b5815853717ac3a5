/* The two passes in training. Kept are what backward() of operations reads, and what they keep by themselves; what one
 * operation alone reads behind a norm or an enlarged image is made again. */
#include "network/graph/run.h"

#include <string.h>

/* ---- the tape ---- */

enum { STREAM = 16 /* floats for seed and step, whole vectors */ };

typedef struct graph_tape {
    uint64_t *stream; /* [2], seed and step of the batch */
    int32_t *labels;  /* [n], -1 where there are none */
    float *kept;      /* [graph->kept, n] */
    float *buffers;
} graph_tape;

static graph_tape tape_at(const graph *self, float *tape, size_t n)
{
    float *labels = tape + STREAM, *kept = labels + graph_aligned(n);
    return (graph_tape){(uint64_t *)(void *)tape, (int32_t *)(void *)labels, kept,
                        kept + graph_aligned(self->kept * n)};
}

size_t graph_tape_size(const graph *self, size_t n)
{
    return STREAM + graph_aligned(n) + graph_aligned(self->kept * n) + self->tape_size * n;
}

static void keep_batch(const graph_tape *tape, network_batch batch)
{
    tape->stream[0] = batch.seed;
    tape->stream[1] = batch.step;
    for (size_t i = 0; i < batch.n; i++)
        tape->labels[i] = batch.labels != NULL ? batch.labels[i] : -1;
}

/* ---- scratch: the passing buffers, gradients made aside, then the kernels' ---- */

static size_t passing_size(const graph *self, size_t n)
{
    return n * size_greater(self->forward_size, self->backward_size);
}

size_t graph_training_scratch_size(const graph *self, size_t n, size_t threads)
{
    return passing_size(self, n) + n * self->aside_size + graph_kernel_scratch(self, n, threads, 1);
}

static graph_run training_run(const graph *self, const float *parameters, graph_stage stage, size_t n,
                              const graph_tape *tape, float *scratch)
{
    float *aside = scratch + passing_size(self, n);
    return (graph_run){.graph = self,
                       .parameters = parameters,
                       .stage = stage,
                       .n = n,
                       .batch = {.labels = tape->labels, .n = n, .seed = tape->stream[0], .step = tape->stream[1]},
                       .arena = {NULL, tape->buffers, scratch},
                       .kept = tape->kept,
                       .aside = aside,
                       .scratch = aside + n * self->aside_size};
}

/* ---- forward ---- */

void graph_forward_keep(const graph *self, const float *parameters, float *out, network_batch batch, float *tape,
                        float *scratch)
{
    graph_tape kept = tape_at(self, tape, batch.n);
    keep_batch(&kept, batch);
    graph_run run = training_run(self, parameters, GRAPH_KEEPING, batch.n, &kept, scratch);
    run.batch = batch;
    run.arena[GRAPH_ARENA_X] = (float *)batch.x; /* only read */
    if (self->buffers[GRAPH_INPUT].kept)
        memcpy(graph_at(&run, &self->in), batch.x,
               batch.n * graph_pixels(&self->in) * self->in.channels * sizeof *batch.x);
    for (size_t i = 0; i < self->op_count; i++)
        self->ops[i].methods->forward(&run, &self->ops[i]);
    graph_split(&run, out, graph_at(&run, &self->out), 0);
}

/* ---- backward ---- */

/* The gradient of a buffer whose life begins at this moment, where its readers would leave out some columns. */
static void begin_gradient(const graph_run *run, size_t buffer, size_t moment)
{
    const graph_buffer *of = &run->graph->buffers[buffer];
    if (!of->zeroed || of->last_reader != moment)
        return;
    float *gradient = graph_gradient_at(run, &(graph_value){.buffer = buffer});
    if (gradient != NULL)
        memset(gradient, 0, run->n * of->pixels * of->stride * sizeof *gradient);
}

/* What operation i alone reads was not kept: its producer makes it once more. */
static void prepare_operand(const graph_run *run, size_t i, size_t k)
{
    const graph *self = run->graph;
    const graph_op *op = &self->ops[i];
    if (!graph_is_value(&op->from[k]))
        return;
    const graph_buffer *buffer = &self->buffers[op->from[k].buffer];
    if (op->from[k].buffer != GRAPH_INPUT)
        begin_gradient(run, op->from[k].buffer, i);
    if (buffer->remade && (op->methods->reads >> k & 1)) {
        const graph_op *producer = &self->ops[buffer->producer];
        producer->methods->forward(run, producer);
    }
}

static void backward_op(const graph_run *run, size_t i)
{
    const graph_op *op = &run->graph->ops[i];
    if (op->methods->backward == NULL || graph_gradient_at(run, &op->y) == NULL)
        return;
    begin_gradient(run, op->y.buffer, i);
    for (size_t k = 0; k < GRAPH_OPERANDS; k++)
        prepare_operand(run, i, k);
    op->methods->backward(run, op);
}

void graph_backward(const graph *self, const float *parameters, float *gradient, float *dx, const float *dout, size_t n,
                    float *tape, float *scratch)
{
    graph_tape kept = tape_at(self, tape, n);
    graph_run run = training_run(self, parameters, GRAPH_REMAKING, n, &kept, scratch);
    run.gradient = gradient;
    run.dx = dx;
    if (dx != NULL && self->buffers[GRAPH_INPUT].zeroed)
        memset(dx, 0, n * graph_pixels(&self->in) * self->in.channels * sizeof *dx);
    begin_gradient(&run, self->out.buffer, self->op_count);
    float *dy = graph_gradient_at(&run, &self->out);
    if (dy != NULL)
        graph_split(&run, (float *)dout, dy, 1); /* dout is only read */
    for (size_t i = self->op_count; i-- > 0;)
        backward_op(&run, i);
}
