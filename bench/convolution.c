/* Convolutions of the U-Nets "ddpm-cifar10" and "mnist", layer by layer, forward and backward: milliseconds for a
 * batch, and GFLOP/s counted as direct convolutions, whatever the method. Every layer's weights are cold in the smaller
 * caches, as in a network; backward has to rearrange its own. JSON out; OMP_NUM_THREADS says on how many threads.
 *
 *     OMP_NUM_THREADS=2 convolution --net cifar --batch 8 --seconds 0.3 [--exact]
 */
#define _DEFAULT_SOURCE

#include "math/convolution.h"
#include "base/threads.h"
#include "clock.h"
#include "math/blas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* side, in, out, kernel, stride, and how many of a network's layers are so. */
typedef struct layer {
    size_t side, in, out, kernel, stride, count;
} layer;

static const layer cifar[] = {
    {32, 3, 128, 3, 1, 1},   {32, 128, 128, 3, 1, 7}, {32, 384, 128, 3, 1, 1}, {32, 256, 128, 3, 1, 2},
    {32, 256, 256, 3, 1, 1}, {32, 384, 128, 1, 1, 1}, {32, 256, 128, 1, 1, 2}, {32, 128, 128, 3, 2, 1},
    {32, 128, 3, 3, 1, 1},   {16, 128, 256, 3, 1, 1}, {16, 256, 256, 3, 1, 7}, {16, 512, 256, 3, 1, 2},
    {16, 384, 256, 3, 1, 1}, {16, 128, 256, 1, 1, 1}, {16, 512, 256, 1, 1, 2}, {16, 384, 256, 1, 1, 1},
    {16, 256, 256, 3, 2, 1}, {8, 256, 256, 3, 1, 8},  {8, 512, 256, 3, 1, 3},  {8, 512, 256, 1, 1, 3},
    {8, 256, 256, 3, 2, 1},  {4, 256, 256, 3, 1, 11}, {4, 512, 256, 3, 1, 3},  {4, 512, 256, 1, 1, 3},
};

static const layer mnist[] = {
    {28, 1, 32, 3, 1, 1},  {28, 32, 32, 3, 1, 7},  {28, 96, 32, 3, 1, 1}, {28, 64, 32, 3, 1, 2},  {28, 64, 64, 3, 1, 1},
    {28, 96, 32, 1, 1, 1}, {28, 64, 32, 1, 1, 2},  {28, 32, 32, 3, 2, 1}, {28, 32, 1, 3, 1, 1},   {14, 32, 64, 3, 1, 1},
    {14, 64, 64, 3, 1, 7}, {14, 128, 64, 3, 1, 2}, {14, 96, 64, 3, 1, 1}, {14, 128, 64, 1, 1, 2}, {14, 64, 64, 3, 2, 1},
    {7, 64, 64, 3, 1, 11}, {7, 128, 64, 3, 1, 3},  {7, 128, 64, 1, 1, 3},
};

typedef struct network {
    const char *name;
    const layer *layers;
    size_t count;
} network;

static const network networks[] = {{"cifar", cifar, sizeof cifar / sizeof *cifar},
                                   {"mnist", mnist, sizeof mnist / sizeof *mnist}};

enum { COPIES_FLOATS = 16 << 20 }; /* of weights, taken in turn */

typedef struct job {
    convolution plan;
    size_t n, copies, turn;
    float *x, *y, *dx, *dy, *weight, *prepared, *dweight, *dbias, *scratch;
} job;

static float *numbers(size_t count)
{
    const size_t huge = (size_t)1 << 21;
    size_t bytes = (count * sizeof(float) + huge) / huge * huge;
    float *values = aligned_alloc(huge, bytes);
    if (values == NULL)
        exit(1);
    (void)madvise(values, bytes, MADV_HUGEPAGE);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(i % 7) * 0.1f - 0.3f;
    return values;
}

static job set_up(const layer *l, size_t n, int exact)
{
    size_t zeros = l->kernel / 2;
    convolution_shape s = {l->side, l->side, l->in, l->out, l->kernel, l->stride, zeros, zeros};
    job work = {.plan = convolution_plan(&s, exact), .n = n};
    const convolution *plan = &work.plan;
    size_t inputs = n * s.height * s.width * s.in, outputs = n * plan->out_height * plan->out_width * s.out;
    size_t weights = s.in * s.out * s.kernel * s.kernel, prepared = convolution_prepared_size(plan);
    size_t scratch = convolution_scratch_size(plan, n, threads_count());
    size_t training = convolution_training_scratch_size(plan, n, threads_count());
    work.x = numbers(inputs);
    work.dx = numbers(inputs);
    work.y = numbers(outputs);
    work.dy = numbers(outputs);
    work.weight = numbers(weights);
    work.dweight = numbers(weights);
    work.dbias = numbers(s.out);
    work.scratch = numbers(scratch > training ? scratch : training);
    work.copies = COPIES_FLOATS / prepared + 1;
    work.prepared = numbers(work.copies * prepared);
    for (size_t i = 0; i < work.copies; i++)
        convolution_prepare(plan, work.prepared + i * prepared, work.weight);
    return work;
}

static void tear_down(job *work)
{
    float *all[] = {work->x,       work->dx,    work->y,       work->dy,      work->weight,
                    work->dweight, work->dbias, work->scratch, work->prepared};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static const float *next_prepared(job *work)
{
    return work->prepared + work->turn++ % work->copies * convolution_prepared_size(&work->plan);
}

static int forward(void *context)
{
    job *work = context;
    const convolution_epilogue epilogue = {.bias = work->dbias};
    convolution_forward(&work->plan, work->y, work->plan.shape.out, work->x, work->plan.shape.in, next_prepared(work),
                        &epilogue, work->n, work->scratch);
    return 0;
}

static int backward(void *context)
{
    job *work = context;
    convolution_backward(&work->plan, work->dx, work->plan.shape.in, work->dweight, work->dbias, work->x,
                         work->plan.shape.in, work->dy, work->plan.shape.out, work->weight, work->n, work->scratch);
    return 0;
}

static int prepare(void *context)
{
    job *work = context;
    convolution_prepare(&work->plan, (float *)next_prepared(work), work->weight);
    return 0;
}

static const char *method_name(convolution_method method)
{
    static const char *const names[] = {"product", "patches", "winograd"};
    return names[method];
}

typedef struct total {
    double operations, forward, backward, prepare;
} total;

static void measure(const layer *l, size_t n, int exact, double seconds, total *sum)
{
    job work = set_up(l, n, exact);
    const convolution *plan = &work.plan;
    double operations =
        2.0 * (double)(n * plan->out_height * plan->out_width) * (double)(l->in * l->out * l->kernel * l->kernel);
    double forth = clock_best(forward, &work, seconds), back = clock_best(backward, &work, seconds);
    double before = clock_best(prepare, &work, seconds / 4.0);
    printf("  {\"side\": %2zu, \"in\": %3zu, \"out\": %3zu, \"kernel\": %zu, \"stride\": %zu, \"layers\": %2zu, "
           "\"method\": "
           "\"%s\", \"forward_ms\": %.3f, \"forward_gflops\": %.0f, \"backward_ms\": %.3f, \"backward_gflops\": %.0f, "
           "\"prepare_ms\": %.3f},\n",
           l->side, l->in, l->out, l->kernel, l->stride, l->count, method_name(plan->method), forth * 1e3,
           operations / forth / 1e9, back * 1e3, 2.0 * operations / back / 1e9, before * 1e3);
    fflush(stdout);
    sum->operations += operations * (double)l->count;
    sum->forward += forth * (double)l->count;
    sum->backward += back * (double)l->count;
    sum->prepare += before * (double)l->count;
    tear_down(&work);
}

static int bench(const network *net, size_t n, int exact, double seconds)
{
    total sum = {0.0, 0.0, 0.0, 0.0};
    printf("{\"blas\": \"OpenBLAS %s\", \"threads\": %zu, \"net\": \"%s\", \"batch\": %zu, \"layers\": [\n",
           blas_core(), threads_count(), net->name, n);
    for (size_t i = 0; i < net->count; i++)
        measure(&net->layers[i], n, exact, seconds, &sum);
    printf("  {\"all\": true, \"forward_ms\": %.2f, \"forward_gflops\": %.0f, \"backward_ms\": %.2f, "
           "\"backward_gflops\": %.0f, \"prepare_ms\": %.2f}\n]}\n",
           sum.forward * 1e3, sum.operations / sum.forward / 1e9, sum.backward * 1e3,
           2.0 * sum.operations / sum.backward / 1e9, sum.prepare * 1e3);
    return 0;
}

int main(int argc, char **argv)
{
    const network *net = &networks[0];
    size_t batch = 8;
    double seconds = 0.3;
    int exact = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--exact") == 0)
            exact = 1;
        else if (i + 1 < argc && strcmp(argv[i], "--net") == 0)
            net = &networks[strcmp(argv[++i], "mnist") == 0];
        else if (i + 1 < argc && strcmp(argv[i], "--batch") == 0)
            batch = (size_t)atol(argv[++i]);
        else if (i + 1 < argc && strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[++i]);
        else {
            fputs("usage: convolution [--net cifar|mnist] [--batch N] [--seconds S] [--exact]\n", stderr);
            return 2;
        }
    }
    return bench(net, batch, exact, seconds);
}
