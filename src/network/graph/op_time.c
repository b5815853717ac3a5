/* Sinusoidal features of the time. */
#include "base/threads.h"
#include "network/graph/run.h"

#include <math.h>

static const graph_op_class graph_op_time; /* below */

typedef struct own {
    int flip;
    double shift;
} own;
GRAPH_OWN(own);

void graph_embed_time(graph *self, graph_value y, int flip, double shift)
{
    graph_op *op = graph_add_op(self, &graph_op_time, (graph_value){.channels = 0}, y);
    *(own *)(void *)&op->own = (own){flip, shift};
}

typedef struct embed_job {
    const graph_run *run;
    const graph_op *op;
} embed_job;

/* In float32 as the reference computes them: at t = 1000 their rounding can be seen. The library counts steps from 1,
 * the reference from 0. */
static void embed(void *context, size_t image, size_t slot)
{
    (void)slot;
    const embed_job *job = context;
    const own *with = (const own *)(const void *)&job->op->own;
    float *y = graph_at(job->run, &job->op->y) + image * graph_stride(job->run, &job->op->y);
    float time = (float)(job->run->batch.time[image] - 1.0);
    size_t half = job->op->y.channels / 2, sine = with->flip ? half : 0, cosine = half - sine;
    for (size_t j = 0; j < half; j++) {
        float frequency = expf(-9.210340371976184f * (float)j / ((float)half - (float)with->shift));
        double angle = (double)(time * frequency);
        y[sine + j] = (float)sin(angle);
        y[cosine + j] = (float)cos(angle);
    }
}

static void forward(const graph_run *run, const graph_op *op)
{
    embed_job job = {run, op};
    parallel_for(run->n, 30 * op->y.channels, embed, &job);
}

static const graph_op_class graph_op_time = {.forward = forward};
