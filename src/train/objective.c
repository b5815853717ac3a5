#include "train/objective.h"

#include "base/error.h"
#include "base/memory.h"

/* ---- making one ---- */

/* Whether the network has weights of each step's own. */
static int has_own_steps(const struct diffusion_model *model)
{
    return model->network != NULL && model->network->last_step > 0;
}

/* Which of its keys suit the objective; those of another are refused, not passed over. */
static diffusion_status check_keys(const objective *self, const trainer_options *options)
{
    const objective_class *methods = self->methods;
    const times_class *times = times_class_at((size_t)options->times);
    if (self->weight->of_x0 != NULL && !methods->weighted)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: weight=%s is of a square error of the output, which objective=%s has not",
                         self->weight->name, methods->name);
    if (times->real && !methods->real_times)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: times=%s draws t between the steps, where objective=%s has no meaning; use simple",
                         times->name, methods->name);
    if (times->real && has_own_steps(self->model))
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: times=%s draws t between the steps, but the network has weights of each step's own",
                         times->name);
    return DIFFUSION_OK;
}

static diffusion_status check_bins(const objective *self)
{
    if (self->methods->trains_edge == 0)
        return error_set(DIFFUSION_E_SPEC, "trainer: edge=discretized is of objective=bound and hybrid, not of %s",
                         self->methods->name);
    if (self->dequantize > 0.0)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: edge=discretized takes the data in the middles of its bins, expected no dequantize");
    return schedule_check_additive(self->schedule, "trainer", "edge=discretized");
}

/* Steps, their weights and the law of t, which all read the schedule. */
static diffusion_status open_steps(objective *self, const trainer_options *options)
{
    self->steps = reverse_steps(&self->model->options, self->schedule);
    if (self->steps == NULL)
        return DIFFUSION_E_MEMORY;
    const weight_at at = {
        .schedule = self->schedule, .gamma = self->snr_gamma, .real = times_class_at((size_t)options->times)->real};
    diffusion_status status = weight_check(self->weight, &at, self->steps, !has_own_steps(self->model));
    if (status == DIFFUSION_OK)
        status = times_open(&self->times, self->schedule, options, self->first_step);
    if (status != DIFFUSION_OK)
        objective_close(self);
    return status;
}

diffusion_status objective_open(objective *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const trainer_options *options)
{
    *self = (objective){.methods = objective_class_at((size_t)options->objective),
                        .weight = weight_class_at((size_t)options->weight),
                        .model = model,
                        .schedule = schedule,
                        .edge = options->edge,
                        .bins = {(int32_t)options->levels, options->cdf},
                        .seed = options->seed,
                        .dequantize = options->dequantize,
                        .snr_gamma = options->snr_gamma};
    self->first_step = self->edge != TRAINED_EDGE_FORWARD ? 1 : self->methods->first_step;
    diffusion_status status = parameterization_check(&model->options, schedule);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, "trainer", model->dim);
    if (status == DIFFUSION_OK)
        status = model_check_schedule(model, schedule->steps);
    if (status == DIFFUSION_OK && variance_is_raw((variance_kind)model->options.variance))
        status = error_set(DIFFUSION_E_SPEC, "trainer: variance=learned_raw is of models trained elsewhere, as nothing "
                                             "holds it above 0; use learned_range");
    if (status == DIFFUSION_OK && schedule->steps < self->first_step)
        status = error_set(DIFFUSION_E_SPEC, "trainer: objective=%s needs a schedule of at least %d steps",
                           self->methods->name, (int)self->first_step);
    if (status == DIFFUSION_OK && self->methods->check != NULL)
        status = self->methods->check(self);
    if (status == DIFFUSION_OK && options->dequantize > 0.0)
        status = schedule_check_additive(schedule, "trainer", "dequantize");
    if (status == DIFFUSION_OK && self->edge == TRAINED_EDGE_DISCRETIZED)
        status = check_bins(self);
    if (status == DIFFUSION_OK)
        status = check_keys(self, options);
    return status == DIFFUSION_OK ? open_steps(self, options) : status;
}

void objective_close(objective *self)
{
    memory_release(self->steps);
    self->steps = NULL;
    times_close(&self->times);
}

diffusion_status objective_check_values(const objective *self, const float *data, size_t count)
{
    diffusion_status status = kernel_check_values(&self->schedule->kernel, "trainer", "x0", data, count);
    if (status == DIFFUSION_OK && self->edge == TRAINED_EDGE_DISCRETIZED)
        status = bins_check_values(self->bins, "trainer", "x0", data, count);
    return status;
}

diffusion_status objective_check_target(const objective *self)
{
    const prediction *read = parameterization_prediction(&self->model->options);
    if (!self->schedule->kernel.methods->additive)
        return error_set(DIFFUSION_E_KERNEL, "trainer: objective=%s needs the Gaussian kernel; use bound or pair",
                         self->methods->name);
    if (read->depends_on_variance && parameterization_learns_variance(&self->model->options))
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: objective=%s has no target for predict=%s with a learned variance; use bound",
                         self->methods->name, read->name);
    return DIFFUSION_OK;
}
