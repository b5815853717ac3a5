#include "process/beta_logits.h"

#include "base/error.h"
#include "base/memory.h"
#include "process/schedule_gradient.h"

#include <math.h>

diffusion_status beta_logits_check(const struct diffusion_schedule *schedule, const char *object)
{
    diffusion_status status = schedule_check_additive(schedule, object, "learn_schedule=yes");
    if (status == DIFFUSION_OK && !schedule_preserves_variance(schedule))
        return error_set(DIFFUSION_E_SPEC, "%s: learn_schedule=yes needs a schedule that preserves variance", object);
    for (int32_t t = 1; t <= schedule->steps && status == DIFFUSION_OK; t++)
        if (!(schedule->beta[t] < 1.0))
            status = error_set(DIFFUSION_E_SPEC, "%s: learn_schedule=yes needs betas below 1, but beta_%d is 1", object,
                               (int)t);
    return status;
}

void beta_logits_of(double *logit, const struct diffusion_schedule *schedule)
{
    for (int32_t t = 1; t <= schedule->steps; t++)
        logit[t] = log(schedule->beta[t]) - log1p(-schedule->beta[t]);
}

diffusion_status beta_logits_schedule(struct diffusion_schedule **out, const struct diffusion_schedule *before,
                                      const double *logit)
{
    double *betas = memory_allocate((size_t)before->steps, sizeof *betas);
    if (betas == NULL)
        return DIFFUSION_E_MEMORY;
    betas[0] = before->beta[1];
    for (int32_t t = 2; t <= before->steps; t++)
        betas[t - 1] = 1.0 / (1.0 + exp(-logit[t]));
    diffusion_status status = schedule_create_from_betas(out, betas, before->steps, NULL);
    memory_release(betas);
    return status;
}

static double log_alpha_bar(const struct diffusion_schedule *schedule, int32_t t)
{
    return level_log_signal_square(&schedule->levels[t]);
}

void beta_gradient_add(const beta_gradient *to, const struct diffusion_schedule *schedule, const beta_sample *sample)
{
    const schedule_point point = schedule_point_at(schedule->beta[sample->t], log_alpha_bar(schedule, sample->t - 1));
    double by_beta = 0.0, by_log = 0.0;
    for (size_t j = 0; j < sample->dim; j++) {
        const schedule_component component = {(double)sample->x0[j], (double)sample->noise[j],
                                              (double)sample->output[j], (double)sample->output[sample->dim + j],
                                              (double)sample->dx[j] / sample->weight};
        if (sample->observed == NULL || sample->observed[j] != 0)
            schedule_gradient_add(&point, component, &by_beta, &by_log);
        else
            schedule_gradient_add_unobserved(&point, component, &by_beta, &by_log);
    }
    to->by_beta[sample->t] += sample->weight * by_beta;
    to->by_log[sample->t - 1] += sample->weight * by_log;
}

void beta_gradient_add_prior(const beta_gradient *to, const struct diffusion_schedule *schedule, const float *x0,
                             const uint8_t *observed, size_t count, double weight)
{
    double sum = 0.0, last = log_alpha_bar(schedule, schedule->steps);
    for (size_t i = 0; i < count; i++)
        if (observed == NULL || observed[i] != 0)
            sum += schedule_prior_gradient(last, (double)x0[i]);
    to->by_log[schedule->steps] += weight * sum;
}

/* log alpha_bar_s holds log(1 - beta_t) for every s >= t; beta = sigmoid(logit). */
void beta_gradient_finish(double *by_logit, const beta_gradient *from, const struct diffusion_schedule *schedule)
{
    double beyond = 0.0;
    for (int32_t t = schedule->steps; t >= 2; t--) {
        double beta = schedule->beta[t];
        beyond += from->by_log[t];
        by_logit[t] = (from->by_beta[t] - beyond / (1.0 - beta)) * beta * (1.0 - beta);
    }
}
