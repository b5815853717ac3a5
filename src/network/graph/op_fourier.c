/* Fourier features of x beside x itself. */
#include "base/threads.h"
#include "math/sine_cosine.h"
#include "network/graph/run.h"

static const graph_op_class graph_op_fourier; /* below */

enum { VALUES = 256 /* of x, that pass at once */ };

typedef struct own {
    size_t count;
    float frequencies[GRAPH_FREQUENCIES];
} own;
GRAPH_OWN(own);

static const own *own_of(const graph_op *op)
{
    return (const own *)(const void *)&op->own;
}

void graph_fourier(graph *self, graph_value x, graph_value y, const double *frequencies, size_t count)
{
    graph_op *op = graph_add_op(self, &graph_op_fourier, x, y);
    own *with = (own *)(void *)&op->own;
    with->count = count;
    for (size_t j = 0; j < count; j++)
        with->frequencies[j] = (float)frequencies[j];
}

typedef struct job {
    const graph_op *op;
    size_t values; /* of all images' x */
    const float *x;
    size_t stride_x;
    float *y; /* or its gradient */
    size_t stride_y;
    graph_target dx;
} job;

/* Some values of x without gaps, and where they stand. */
typedef struct part {
    size_t count, pixel[VALUES], channel[VALUES];
    float x[VALUES], sine[VALUES], cosine[VALUES];
} part;

static void gather(part *self, const job *of, size_t task)
{
    size_t channels = of->op->from[GRAPH_X].channels, first = task * VALUES;
    size_t pixel = first / channels, channel = first % channels;
    self->count = size_lesser(VALUES, of->values - first);
    for (size_t i = 0; i < self->count; i++) {
        self->pixel[i] = pixel;
        self->channel[i] = channel;
        self->x[i] = of->x[pixel * of->stride_x + channel];
        if (++channel == channels) {
            channel = 0;
            pixel++;
        }
    }
}

/* The columns of y: x, then the sines of every channel, each at all frequencies, then the cosines. */
static float *features_at(const job *of, const part *at, size_t i)
{
    const graph_value *x = &of->op->from[GRAPH_X];
    return of->y + at->pixel[i] * of->stride_y + x->channels + at->channel[i] * own_of(of->op)->count;
}

static void forward_task(void *context, size_t task, size_t slot)
{
    (void)slot;
    const job *of = context;
    const own *with = own_of(of->op);
    size_t channels = of->op->from[GRAPH_X].channels, cosines = channels * with->count;
    part at;
    gather(&at, of, task);
    for (size_t i = 0; i < at.count; i++)
        of->y[at.pixel[i] * of->stride_y + at.channel[i]] = at.x[i];
    for (size_t j = 0; j < with->count; j++) {
        sine_cosine(at.sine, at.cosine, at.x, with->frequencies[j], at.count);
        for (size_t i = 0; i < at.count; i++) {
            float *features = features_at(of, &at, i) + j;
            features[0] = at.sine[i];
            features[cosines] = at.cosine[i];
        }
    }
}

/* d sin(f x) = f cos(f x), d cos(f x) = -f sin(f x), with f in radians. */
static void backward_task(void *context, size_t task, size_t slot)
{
    (void)slot;
    const job *of = context;
    const own *with = own_of(of->op);
    size_t channels = of->op->from[GRAPH_X].channels, cosines = channels * with->count;
    float dx[VALUES];
    part at;
    gather(&at, of, task);
    for (size_t i = 0; i < at.count; i++)
        dx[i] = of->y[at.pixel[i] * of->stride_y + at.channel[i]];
    for (size_t j = 0; j < with->count; j++) {
        float radians = 3.14159265f * with->frequencies[j];
        sine_cosine(at.sine, at.cosine, at.x, with->frequencies[j], at.count);
        for (size_t i = 0; i < at.count; i++) {
            const float *dy = features_at(of, &at, i) + j;
            dx[i] += radians * (dy[0] * at.cosine[i] - dy[cosines] * at.sine[i]);
        }
    }
    for (size_t i = 0; i < at.count; i++) {
        float *to = of->dx.at + at.pixel[i] * of->dx.stride + at.channel[i];
        *to = of->dx.add ? *to + dx[i] : dx[i];
    }
}

static void run_tasks(const graph_run *run, const graph_op *op, threads_task_fn *task, float *y, graph_target dx)
{
    const graph_value *x = &op->from[GRAPH_X];
    job of = {op,
              run->n * graph_pixels(x) * x->channels,
              graph_at(run, x),
              graph_stride(run, x),
              y,
              graph_stride(run, &op->y),
              dx};
    parallel_for(size_divide_up(of.values, VALUES), 4 * VALUES * own_of(op)->count, task, &of);
}

static void forward(const graph_run *run, const graph_op *op)
{
    run_tasks(run, op, forward_task, graph_at(run, &op->y), (graph_target){.at = NULL});
}

static void backward(const graph_run *run, const graph_op *op)
{
    graph_target dx = graph_target_open(run, op, GRAPH_X);
    if (dx.at != NULL)
        run_tasks(run, op, backward_task, graph_gradient_at(run, &op->y), dx);
}

static const graph_op_class graph_op_fourier = {
    .reads = 1u << GRAPH_X, .adds = 1u << GRAPH_X, .forward = forward, .backward = backward};
