#include <diffusion/sampler.h>

#include "base/error.h"
#include "sample/sampler.h"

diffusion_status diffusion_sampler_create(diffusion_sampler **out, const diffusion_model *model,
                                          const diffusion_schedule *schedule, const char *spec)
{
    ERROR_IF_NULL("sampler_create", out);
    ERROR_IF_NULL("sampler_create", model);
    ERROR_IF_NULL("sampler_create", schedule);
    ERROR_IF_NULL("sampler_create", spec);
    return sampler_create(out, model, schedule, spec);
}

diffusion_status diffusion_sampler_set_noise(diffusion_sampler *sampler, diffusion_noise_fn *noise, void *user)
{
    ERROR_IF_NULL("sampler_set_noise", sampler);
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_noise");
    if (status != DIFFUSION_OK)
        return status;
    sampler->noise = noise;
    sampler->noise_user = user;
    return DIFFUSION_OK;
}

diffusion_status diffusion_sampler_set_progress(diffusion_sampler *sampler, diffusion_progress_fn *progress, void *user)
{
    ERROR_IF_NULL("sampler_set_progress", sampler);
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_progress");
    if (status != DIFFUSION_OK)
        return status;
    sampler_listen(sampler, progress, user);
    return DIFFUSION_OK;
}

diffusion_status diffusion_sampler_set_start(diffusion_sampler *sampler, const float *x, size_t n)
{
    ERROR_IF_NULL("sampler_set_start", sampler);
    if (n > 0)
        ERROR_IF_NULL("sampler_set_start", x);
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_start");
    return status == DIFFUSION_OK ? start_set(sampler, x, n) : status;
}

diffusion_status diffusion_sampler_set_start_double(diffusion_sampler *sampler, const double *x, size_t n)
{
    ERROR_IF_NULL("sampler_set_start_double", sampler);
    if (n > 0)
        ERROR_IF_NULL("sampler_set_start_double", x);
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_start_double");
    return status == DIFFUSION_OK ? start_set_double(sampler, x, n) : status;
}

diffusion_status diffusion_sampler_set_known(diffusion_sampler *sampler, const float *x0, const uint8_t *mask, size_t n)
{
    ERROR_IF_NULL("sampler_set_known", sampler);
    if (n > 0) {
        ERROR_IF_NULL("sampler_set_known", x0);
        ERROR_IF_NULL("sampler_set_known", mask);
    }
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_known");
    return status == DIFFUSION_OK ? known_set(sampler, x0, mask, n) : status;
}

diffusion_status diffusion_sampler_set_observed(diffusion_sampler *sampler, const float *y, double noise, size_t n)
{
    ERROR_IF_NULL("sampler_set_observed", sampler);
    if (n > 0)
        ERROR_IF_NULL("sampler_set_observed", y);
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_observed");
    return status == DIFFUSION_OK ? observed_set(sampler, y, noise, n) : status;
}

diffusion_status diffusion_sampler_set_guidance(diffusion_sampler *sampler, diffusion_guidance_fn *gradient, void *user)
{
    ERROR_IF_NULL("sampler_set_guidance", sampler);
    diffusion_status status = busy_check(&sampler->busy, "sampler_set_guidance");
    return status == DIFFUSION_OK ? guidance_set(sampler, gradient, user) : status;
}

/* The end of a call, in which a callback may have freed the sampler. */
static diffusion_status leave(diffusion_sampler *sampler, diffusion_status status)
{
    if (busy_end(&sampler->busy, status))
        sampler_free(sampler);
    return status;
}

diffusion_status diffusion_sampler_begin(diffusion_sampler *sampler, const diffusion_condition *condition, size_t n)
{
    ERROR_IF_NULL("sampler_begin", sampler);
    diffusion_status status = busy_begin(&sampler->busy, "sampler_begin");
    if (status != DIFFUSION_OK)
        return status;
    return leave(sampler, sampler_begin(sampler, condition, n));
}

diffusion_status diffusion_sampler_step(diffusion_sampler *sampler)
{
    ERROR_IF_NULL("sampler_step", sampler);
    diffusion_status status = busy_begin(&sampler->busy, "sampler_step");
    if (status != DIFFUSION_OK)
        return status;
    return leave(sampler, sampler_step(sampler));
}

diffusion_status diffusion_sampler_state(const diffusion_sampler *sampler, float *x, double *t)
{
    ERROR_IF_NULL("sampler_state", sampler);
    if (sampler->step < 0)
        return error_set(DIFFUSION_E_STATE, "sampler_state: no chain has begun (call sampler_begin first)");
    if (t != NULL)
        *t = sampler->at.t;
    return x != NULL ? sampler_copy_state(sampler, x) : DIFFUSION_OK;
}

diffusion_status diffusion_sampler_evaluations(const diffusion_sampler *sampler, int64_t *evaluations, size_t n)
{
    ERROR_IF_NULL("sampler_evaluations", sampler);
    ERROR_IF_NULL("sampler_evaluations", evaluations);
    if (sampler->step < 0)
        return error_set(DIFFUSION_E_STATE, "sampler_evaluations: no chain has begun (call sampler_begin first)");
    if (n != sampler->n)
        return error_set(DIFFUSION_E_SHAPE, "sampler_evaluations: n=%zu, but the chain is of %zu samples", n,
                         sampler->n);
    for (size_t i = 0; i < n; i++)
        evaluations[i] = sampler_evaluations(sampler, i);
    return DIFFUSION_OK;
}

diffusion_status diffusion_sampler_run(diffusion_sampler *sampler, const diffusion_condition *condition, size_t n,
                                       float *x0)
{
    ERROR_IF_NULL("sampler_run", sampler);
    ERROR_IF_NULL("sampler_run", x0);
    diffusion_status status = busy_begin(&sampler->busy, "sampler_run");
    if (status != DIFFUSION_OK)
        return status;
    return leave(sampler, sampler_run(sampler, condition, n, x0));
}

const char *diffusion_sampler_spec(const diffusion_sampler *sampler)
{
    return sampler != NULL ? sampler->spec : NULL;
}

const char *diffusion_sampler_error(const diffusion_sampler *sampler)
{
    return sampler != NULL ? sampler->busy.error.sentence : "";
}

void diffusion_sampler_free(diffusion_sampler *sampler)
{
    if (sampler != NULL && busy_may_free(&sampler->busy))
        sampler_free(sampler);
}
