/* The log SNR as Kingma et al. 2021 (arXiv:2107.00630, appendix I) learn it: its ends by the bound, what lies between
 * them by the variance of the bound's estimate, on which alone it bears in the limit of many steps.
 *
 * The loss of a sample at t is L = d / p, d the bound's gain per unit of log SNR and p the density of the log SNRs
 * that t evenly drawn makes. d and the mean of L do not depend on p, so the mean of L^2 has the gradient
 * -E[L^2 d log p]; p is a share of the time over a width, and the shares are the softmax of their logits. */
#include "base/error.h"
#include "process/log_snr_logits.h"
#include "process/schedule/log_snr.h"
#include "train/learned_schedule.h"
#include "train/objective.h"

static diffusion_status check(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                              const trainer_options *options)
{
    const objective_class *methods = objective_class_at((size_t)options->objective);
    const int is_hybrid = methods->trains_edge && methods->weighted;
    diffusion_status status = log_snr_logits_check(schedule, "trainer");
    if (status != DIFFUSION_OK)
        return status;
    if (methods != &bound_objective && !(is_hybrid && weight_class_at((size_t)options->weight) == &bound_weight))
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: learn_schedule=log_snr needs objective=bound, or objective=hybrid weight=bound");
    if (options->edge == TRAINED_EDGE_FORWARD)
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=log_snr needs edge=model or discretized");
    if (times_class_at((size_t)options->times) != times_class_at(0))
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=log_snr needs times=%s", times_class_at(0)->name);
    if (!parameterization_learns_variance(&model->options))
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=log_snr needs a model with a learned variance: a "
                                           "fixed one depends at step 1 on how near step 2 is");
    if (parameterization_tells_step(&model->options))
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=log_snr needs a model that is told the level, as "
                                           "by time=log_snr: the level of a step moves");
    return DIFFUSION_OK;
}

/* How much of the time from 1 to T has passed in the middle of the step that ends at t; below 0 at step 1. */
static double passed_at(const struct diffusion_schedule *schedule, double t)
{
    return (t - 1.5) / (double)(schedule->steps - 1);
}

static void gradient(learned_schedule *self, const struct diffusion_schedule *schedule, const learned_batch *batch)
{
    const spec_reals shares = {self->sum1, self->count - LOG_SNR_LOGITS};
    double *by_share = self->gradient + LOG_SNR_LOGITS, sum = 0.0;
    log_snr_logits_shares(shares.values, self->value, self->count);
    for (size_t i = 0; i < batch->n; i++) {
        const double passed = passed_at(schedule, batch->t[i]), square = batch->loss[i] * batch->loss[i];
        if (passed < 0.0)
            continue;
        by_share[log_snr_part_at(&shares, passed)] -= square / (double)batch->n;
        sum += square / (double)batch->n;
    }
    for (size_t k = 0; k < shares.count; k++)
        by_share[k] += shares.values[k] * sum;
    self->gradient[LOG_SNR_MAXIMUM] = LOG_SNR_UNIT * batch->by_end[0];
    self->gradient[LOG_SNR_MINIMUM] = LOG_SNR_UNIT * batch->by_end[1];
}

static diffusion_status moved(struct diffusion_schedule **out, const struct diffusion_schedule *before,
                              const double *value, size_t count)
{
    diffusion_status status = log_snr_logits_schedule(out, before->steps, value, count, 0.0);
    return status == DIFFUSION_OK ? log_snr_logits_check(*out, "trainer") : status; /* as a resumed trainer's is */
}

const learned_class learned_log_snr = {.by_ends = 1,
                                       .check = check,
                                       .count = log_snr_logits_count,
                                       .begin = log_snr_logits_of,
                                       .gradient = gradient,
                                       .hold = log_snr_logits_hold,
                                       .schedule = moved};
