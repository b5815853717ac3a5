/* Betas that follow the gradient of K (section 2.4.1 of the paper), by their logits, by t: beta_1 stays. */
#include "base/error.h"
#include "process/beta_logits.h"
#include "train/learned_schedule.h"
#include "train/objective.h"

#include <string.h>

static diffusion_status check(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                              const trainer_options *options)
{
    diffusion_status status = beta_logits_check(schedule, "trainer");
    if (status != DIFFUSION_OK)
        return status;
    if (objective_class_at((size_t)options->objective) != &bound_objective)
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs objective=bound");
    if (times_class_at((size_t)options->times) != times_class_at(0))
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs times=%s", times_class_at(0)->name);
    if (parameterization_prediction(&model->options) != &perturbation_prediction ||
        strcmp(model_variance(model), "learned") != 0)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: learn_schedule=yes needs a model with predict=perturbation variance=learned");
    return DIFFUSION_OK;
}

static size_t count(const struct diffusion_schedule *schedule)
{
    return (size_t)schedule->steps + 1;
}

/* The trainer's loss weighs a sample's KL by the number of steps drawn / (n dim), and the prior's by 1 / (n dim); dx
 * has its weight already. Step 1 depends on beta_1 alone, which is fixed. */
static void gradient(learned_schedule *self, const struct diffusion_schedule *schedule, const learned_batch *batch)
{
    const size_t bytes = self->count * sizeof(double), dim = batch->dim;
    const double share = 1.0 / (double)(batch->n * dim);
    const beta_gradient sums = {self->sum1, self->sum2};
    memset(sums.by_beta, 0, bytes);
    memset(sums.by_log, 0, bytes);
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->t[i] == 1.0)
            continue;
        const beta_sample sample = {.t = (int32_t)batch->t[i],
                                    .x0 = batch->x0 + i * dim,
                                    .noise = batch->noise + i * dim,
                                    .output = batch->out + 2 * i * dim,
                                    .dx = batch->dx + i * dim,
                                    .observed = batch->observed != NULL ? batch->observed + i * dim : NULL,
                                    .dim = dim,
                                    .weight = batch->weight * share};
        beta_gradient_add(&sums, schedule, &sample);
    }
    beta_gradient_add_prior(&sums, schedule, batch->x0, batch->observed, batch->n * dim, share);
    beta_gradient_finish(self->gradient, &sums, schedule);
}

static diffusion_status moved(struct diffusion_schedule **out, const struct diffusion_schedule *before,
                              const double *value, size_t values)
{
    (void)values;
    diffusion_status status = beta_logits_schedule(out, before, value);
    return status == DIFFUSION_OK ? beta_logits_check(*out, "trainer") : status; /* as a resumed trainer's are */
}

const learned_class learned_betas = {.by_x = 1,
                                     .first = 2,
                                     .check = check,
                                     .count = count,
                                     .begin = beta_logits_of,
                                     .gradient = gradient,
                                     .schedule = moved};
