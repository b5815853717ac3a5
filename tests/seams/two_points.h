/* A training that a toy must not spoil: of two points, which samples then lie on. */
#ifndef SEAMS_TWO_POINTS_H
#define SEAMS_TWO_POINTS_H

#include "make.h"

static inline void learn_two_points(const char *schedule_spec, const char *model_spec, const char *sampler_spec)
{
    enum { N = 256 };
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(model_spec, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "rate=3e-3 ema=0 seed=2");
    float x0[N];
    int upper = 0, lower = 0;
    for (size_t i = 0; i < N; i++)
        x0[i] = i % 2 == 0 ? 0.5f : -1.0f;
    for (int step = 0; step < 1000; step++)
        assert_ok(diffusion_trainer_step(trainer, x0, NULL, N, NULL));
    diffusion_sampler *sampler = make_sampler(model, schedule, sampler_spec);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    for (size_t i = 0; i < N; i++) {
        upper += fabsf(x0[i] - 0.5f) < 0.15f;
        lower += fabsf(x0[i] + 1.0f) < 0.15f;
    }
    if (upper < N / 4 || lower < N / 4 || upper + lower < N * 9 / 10)
        fail_msg("of %d samples %d are near 0.5, %d near -1", N, upper, lower);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

#endif
