#include <diffusion/evaluator.h>

#include "base/error.h"
#include "evaluate/evaluator.h"
#include "model/condition.h"

diffusion_status diffusion_evaluator_create(diffusion_evaluator **out, const diffusion_model *model,
                                            const diffusion_schedule *schedule, const char *spec)
{
    ERROR_IF_NULL("evaluator_create", out);
    ERROR_IF_NULL("evaluator_create", spec);
    return evaluator_create(out, model, schedule, spec);
}

diffusion_status diffusion_evaluator_set_noise(diffusion_evaluator *evaluator, diffusion_noise_fn *noise, void *user)
{
    ERROR_IF_NULL("evaluator_set_noise", evaluator);
    diffusion_status status = busy_check(&evaluator->busy, "evaluator_set_noise");
    if (status != DIFFUSION_OK)
        return status;
    evaluator->noise = noise;
    evaluator->noise_user = user;
    return DIFFUSION_OK;
}

diffusion_status diffusion_evaluator_set_progress(diffusion_evaluator *evaluator, diffusion_progress_fn *progress,
                                                  void *user)
{
    ERROR_IF_NULL("evaluator_set_progress", evaluator);
    diffusion_status status = busy_check(&evaluator->busy, "evaluator_set_progress");
    if (status != DIFFUSION_OK)
        return status;
    evaluator->progress = progress;
    evaluator->progress_user = user;
    return DIFFUSION_OK;
}

diffusion_status diffusion_evaluator_set_reference(diffusion_evaluator *evaluator, const float *samples, size_t m,
                                                   size_t dim)
{
    ERROR_IF_NULL("evaluator_set_reference", evaluator);
    ERROR_IF_NULL("evaluator_set_reference", samples);
    diffusion_status status = busy_check(&evaluator->busy, "evaluator_set_reference");
    return status == DIFFUSION_OK ? evaluator_set_reference(evaluator, samples, m, dim) : status;
}

diffusion_status diffusion_evaluator_run(diffusion_evaluator *evaluator, const float *x0,
                                         const diffusion_condition *condition, size_t n)
{
    ERROR_IF_NULL("evaluator_run", evaluator);
    ERROR_IF_NULL("evaluator_run", x0);
    diffusion_status status = busy_begin(&evaluator->busy, "evaluator_run");
    if (status != DIFFUSION_OK)
        return status;
    condition_retain(condition); /* a callback may free it */
    status = evaluator_run(evaluator, x0, condition, n);
    condition_release(condition);
    if (busy_end(&evaluator->busy, status)) /* a callback has freed it */
        evaluator_free(evaluator);
    return status;
}

diffusion_status diffusion_evaluator_value(const diffusion_evaluator *evaluator, const char *quantity, double *out)
{
    ERROR_IF_NULL("evaluator_value", evaluator);
    ERROR_IF_NULL("evaluator_value", quantity);
    ERROR_IF_NULL("evaluator_value", out);
    return evaluator_value(evaluator, quantity, out);
}

diffusion_status diffusion_evaluator_terms(const diffusion_evaluator *evaluator, double *bits, double *standard_error)
{
    ERROR_IF_NULL("evaluator_terms", evaluator);
    ERROR_IF_NULL("evaluator_terms", bits);
    return evaluator_terms(evaluator, bits, standard_error);
}

diffusion_status diffusion_evaluator_samples(const diffusion_evaluator *evaluator, double *bits, double *standard_error,
                                             size_t count)
{
    ERROR_IF_NULL("evaluator_samples", evaluator);
    ERROR_IF_NULL("evaluator_samples", bits);
    return evaluator_samples(evaluator, bits, standard_error, count);
}

diffusion_status diffusion_evaluator_neighbours(const diffusion_evaluator *evaluator, int64_t *rows, size_t count)
{
    ERROR_IF_NULL("evaluator_neighbours", evaluator);
    ERROR_IF_NULL("evaluator_neighbours", rows);
    return evaluator_neighbours(evaluator, rows, count);
}

diffusion_status diffusion_evaluator_moments(const diffusion_evaluator *evaluator, double *noise, double *error)
{
    ERROR_IF_NULL("evaluator_moments", evaluator);
    ERROR_IF_NULL("evaluator_moments", noise);
    ERROR_IF_NULL("evaluator_moments", error);
    return evaluator_moments(evaluator, noise, error);
}

const char *diffusion_evaluator_spec(const diffusion_evaluator *evaluator)
{
    return evaluator != NULL ? evaluator->spec : NULL;
}

const char *diffusion_evaluator_error(const diffusion_evaluator *evaluator)
{
    return evaluator != NULL ? evaluator->busy.error.sentence : "";
}

void diffusion_evaluator_free(diffusion_evaluator *evaluator)
{
    if (evaluator != NULL && busy_may_free(&evaluator->busy))
        evaluator_free(evaluator);
}
