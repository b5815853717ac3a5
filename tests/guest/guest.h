/* The library as a guest in a host that is short of something: a training step and a draw, whose bits must not change.
 */
#ifndef GUEST_H
#define GUEST_H

#include "make.h"

#include <stdlib.h>
#include <unistd.h>

enum { GUEST_N = 160, GUEST_DIM = 64, GUEST_SIZE = GUEST_N * GUEST_DIM };

static const char *const guest_models[] = {
    "mlp shape=8,8,1 width=96 depth=2",
    "rbf shape=8,8,1 units=40 steps=4",
    "multiscale shape=8,8,1 steps=4",
    "unet shape=8,8,1 channels=16,32 blocks=1 groups=4 attention=4 dropout=0.1",
};
enum { GUEST_MODELS = sizeof guest_models / sizeof *guest_models };

/* Without asserts: cmocka's belong to the main thread of the first process. */
static diffusion_status guest_train(diffusion_model *model, const diffusion_schedule *schedule)
{
    static float x0[GUEST_SIZE];
    diffusion_trainer *trainer = NULL;
    diffusion_status status = diffusion_trainer_create(&trainer, model, schedule, "rate=1e-3 seed=3");
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_step(trainer, x0, NULL, GUEST_N, NULL);
    diffusion_trainer_free(trainer);
    return status;
}

static diffusion_status guest_draw(const diffusion_model *model, const diffusion_schedule *schedule, float *out)
{
    diffusion_sampler *sampler = NULL;
    diffusion_status status = diffusion_sampler_create(&sampler, model, schedule, "ancestral seed=5");
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, NULL, GUEST_N, out);
    diffusion_sampler_free(sampler);
    return status;
}

/* out [GUEST_N, GUEST_DIM]. */
static inline diffusion_status guest_use(const char *spec, int32_t threads, float *out)
{
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_status status = diffusion_set_threads(threads);
    if (status == DIFFUSION_OK)
        status = diffusion_schedule_create(&schedule, "linear steps=4 beta_start=0.05 beta_end=0.5");
    if (status == DIFFUSION_OK)
        status = diffusion_model_create(&model, spec, 1);
    if (status == DIFFUSION_OK)
        status = guest_train(model, schedule);
    if (status == DIFFUSION_OK)
        status = guest_draw(model, schedule, out);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

/* Whether every model comes to these bits, [GUEST_MODELS, GUEST_SIZE]. */
static inline int guest_agrees(const float *truth, int32_t threads)
{
    int agrees = 1;
    float *out = malloc(GUEST_SIZE * sizeof *out);
    for (size_t i = 0; i < GUEST_MODELS && agrees; i++)
        agrees = out != NULL && guest_use(guest_models[i], threads, out) == DIFFUSION_OK &&
                 memcmp(out, truth + i * GUEST_SIZE, GUEST_SIZE * sizeof *out) == 0;
    free(out);
    return agrees;
}

/* Those bits, by one thread. The caller frees them. */
static inline float *guest_truth(void)
{
    float *truth = malloc(GUEST_MODELS * GUEST_SIZE * sizeof *truth);
    assert_non_null(truth);
    for (size_t i = 0; i < GUEST_MODELS; i++)
        assert_ok(guest_use(guest_models[i], 1, truth + i * GUEST_SIZE));
    return truth;
}

#endif
