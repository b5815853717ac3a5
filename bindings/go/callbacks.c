#include "callbacks.h"

#include "_cgo_export.h"

static int32_t predict(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                       void *user)
{
    return goPredict((float *)x, (double *)time, (diffusion_condition *)condition, n, out, (uintptr_t)user);
}

static int32_t predict_double(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                              double *out, void *user)
{
    return goPredictDouble((double *)x, (double *)time, (diffusion_condition *)condition, n, out, (uintptr_t)user);
}

static int32_t progress(int64_t done, int64_t total, void *user)
{
    return goProgress(done, total, (uintptr_t)user);
}

static int32_t noise(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    return goNoise(values, count, sample, step, (uintptr_t)user);
}

static int32_t guidance(const double *x, double t, size_t n, double *gradient, void *user)
{
    return goGuidance((double *)x, t, n, gradient, (uintptr_t)user);
}

static void log_line(const char *level, const char *message, void *user)
{
    (void)user;
    goLog((char *)level, (char *)message);
}

diffusion_status model_create_go(diffusion_model **out, const char *spec, int wide, uintptr_t user)
{
    if (wide)
        return diffusion_model_create_callback_double(out, spec, predict_double, (void *)user);
    return diffusion_model_create_callback(out, spec, predict, (void *)user);
}

diffusion_status sampler_set_progress_go(diffusion_sampler *sampler, int set, uintptr_t user)
{
    return diffusion_sampler_set_progress(sampler, set ? progress : NULL, (void *)user);
}

diffusion_status sampler_set_noise_go(diffusion_sampler *sampler, int set, uintptr_t user)
{
    return diffusion_sampler_set_noise(sampler, set ? noise : NULL, (void *)user);
}

diffusion_status sampler_set_guidance_go(diffusion_sampler *sampler, int set, uintptr_t user)
{
    return diffusion_sampler_set_guidance(sampler, set ? guidance : NULL, (void *)user);
}

diffusion_status evaluator_set_progress_go(diffusion_evaluator *evaluator, int set, uintptr_t user)
{
    return diffusion_evaluator_set_progress(evaluator, set ? progress : NULL, (void *)user);
}

diffusion_status evaluator_set_noise_go(diffusion_evaluator *evaluator, int set, uintptr_t user)
{
    return diffusion_evaluator_set_noise(evaluator, set ? noise : NULL, (void *)user);
}

diffusion_status coder_set_progress_go(diffusion_coder *coder, int set, uintptr_t user)
{
    return diffusion_coder_set_progress(coder, set ? progress : NULL, (void *)user);
}

void set_log_go(int set)
{
    diffusion_set_log(set ? log_line : NULL, NULL);
}
