#include "benching/measures.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/text.h"

#include <diffusion.h>
#include <math.h>
#include <stdlib.h>

/* A model, and what it is run on; whichever of these is used. */
typedef struct bench {
    diffusion_model *model;
    diffusion_schedule *schedule;
    diffusion_trainer *trainer;
    diffusion_sampler *sampler;
    size_t n;
    float *x, *out;
    double *time;
} bench;

static void open(bench *b, const char *spec, size_t n)
{
    char *schedule = text_format("cosine steps=%d", BENCH_STEPS);
    *b = (bench){.n = n};
    check(diffusion_model_create(&b->model, spec, 1));
    check(diffusion_schedule_create(&b->schedule, schedule));
    b->x = allocate(n * diffusion_model_dim(b->model), sizeof *b->x);
    b->out = allocate(n * diffusion_model_outputs(b->model), sizeof *b->out);
    b->time = allocate(n, sizeof *b->time);
    for (size_t i = 0; i < n * diffusion_model_dim(b->model); i++)
        b->x[i] = (float)sin((double)i);
    for (size_t i = 0; i < n; i++)
        b->time[i] = (double)(i % BENCH_STEPS) + 1;
    free(schedule);
}

static void close(bench *b)
{
    diffusion_sampler_free(b->sampler);
    diffusion_trainer_free(b->trainer);
    diffusion_schedule_free(b->schedule);
    diffusion_model_free(b->model);
    free(b->x);
    free(b->out);
    free(b->time);
}

static void forward(void *user)
{
    const bench *b = user;
    check(diffusion_model_forward(b->model, b->x, b->time, NULL, b->n, b->out));
}

timing bench_products(double *gigaflops, double seconds)
{
    bench b;
    open(&b, BENCH_WIDE, BENCH_ROWS);
    *gigaflops = 2e-9 * BENCH_ROWS * (double)model_parameters(b.model); /* biases are one in a thousand */
    const timing out = timing_of(forward, &b, seconds);
    close(&b);
    return out;
}

timing bench_unet_forward(double seconds)
{
    bench b;
    open(&b, BENCH_UNET, BENCH_IMAGES);
    const timing out = timing_of(forward, &b, seconds);
    close(&b);
    return out;
}

static void train(void *user)
{
    const bench *b = user;
    check(diffusion_trainer_step(b->trainer, b->x, NULL, b->n, NULL));
}

timing bench_unet_training(double seconds)
{
    bench b;
    open(&b, BENCH_UNET, BENCH_IMAGES);
    check(diffusion_trainer_create(&b.trainer, b.model, b.schedule, "objective=hybrid rate=1e-4"));
    const timing out = timing_of(train, &b, seconds);
    close(&b);
    return out;
}

static void sample(void *user)
{
    const bench *b = user;
    check(diffusion_sampler_run(b->sampler, NULL, b->n, b->out));
}

timing bench_sampling(size_t samples, double seconds)
{
    bench b;
    open(&b, BENCH_SMALL, samples);
    check(diffusion_sampler_create(&b.sampler, b.model, b.schedule, "ancestral seed=1"));
    const timing out = timing_of(sample, &b, seconds);
    close(&b);
    return out;
}
