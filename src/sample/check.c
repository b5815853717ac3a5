/* What a sampler cannot do: its options by themselves, with its solver, its model and its schedule. */
#include "base/error.h"
#include "sample/sampler.h"

#include <math.h>

/* ---- the solver's own way ---- */

static diffusion_status check_key(const struct diffusion_sampler *self, const char *spec, const char *key,
                                  int64_t asked, int64_t taken)
{
    const char *value;
    size_t length;
    if (asked == taken || !spec_find(spec, key, &value, &length))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC, "sampler: %s=%.*s, but %s chooses that by itself; leave it out", key,
                     (int)length, value, self->solver->spec.name);
}

diffusion_status sampler_check_own_way(const struct diffusion_sampler *self, const char *spec,
                                       const plan_options *asked)
{
    const plan_options *taken = &self->options.plan;
    diffusion_status status = check_key(self, spec, "steps", asked->steps, taken->steps);
    if (status == DIFFUSION_OK && asked->list.count > 0) /* in the place of steps */
        status = check_key(self, spec, "steps_list", asked->steps, taken->steps);
    if (status == DIFFUSION_OK)
        status = check_key(self, spec, "spacing", asked->spacing, taken->spacing);
    if (status == DIFFUSION_OK)
        status = check_key(self, spec, "drop_lowest", asked->drop_lowest, taken->drop_lowest);
    if (status == DIFFUSION_OK)
        status = check_key(self, spec, "final", asked->final, taken->final);
    return status;
}

/* ---- options ---- */

/* What the Gaussian kernel alone can do. */
static diffusion_status check_kernel(const struct diffusion_sampler *self, const struct diffusion_schedule *schedule)
{
    const sampler_options *options = &self->options;
    const plan_options *plan = &options->plan;
    const int others = plan_is_by_level(plan) || plan->list.count > 0 || plan->drop_lowest || plan->lambda_min < 0.0;
    const struct {
        int is_asked;
        const char *what;
    } rows[] = {
        {self->solver->additive, self->solver->spec.name},
        {plan->steps > 0 && plan->steps < schedule->steps, "a chain of fewer steps"},
        {others, "a chain of other levels"},
        {plan->steps_offset > 0, "steps_offset"},
        {options->limit.clip > 0.0, "clip"},
        {options->limit.quantile > 0.0, "threshold"},
        {options->noise_limit > 0.0, "noise_limit"},
    };
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; status == DIFFUSION_OK && i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].is_asked)
            status = schedule_check_additive(schedule, "sampler", rows[i].what);
    return status;
}

/* What contradicts the solver or another option. */
static diffusion_status check_contradictions(const struct diffusion_sampler *self)
{
    const sampler_options *options = &self->options;
    const plan_options *plan = &options->plan;
    const char *name = self->solver->spec.name;
    if (plan->final == FINAL_SIGMA_MIN && self->solver->transition)
        return error_set(DIFFUSION_E_SPEC, "sampler: final=sigma_min with %s, whose last step goes to the data", name);
    if (plan_asks_model(plan) && (plan->drop_lowest || plan->lambda_min < 0.0))
        return error_set(DIFFUSION_E_SPEC, "sampler: spacing=optimal leads from T to 1: expected no %s",
                         plan->drop_lowest ? "drop_lowest=yes" : "lambda_min");
    if (options->limit.quantile > 0.0 && options->limit.clip > 0.0)
        return error_set(DIFFUSION_E_SPEC, "sampler: clip=%g and threshold=%g, expected one of them",
                         options->limit.clip, options->limit.quantile);
    if (options->particles > 1 && !self->solver->transition)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: particles=%lld with %s, which has no p(x_{t-1} | x_t) to weigh them by, expected "
                         "the kind ancestral",
                         (long long)options->particles, name);
    return self->solver->check != NULL ? self->solver->check(&options->solver) : DIFFUSION_OK;
}

/* What goes by the model's moments. */
static diffusion_status check_variance(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule)
{
    const int32_t asked = self->options.variance;
    const int limits = self->options.noise_limit > 0.0;
    if ((variance_is_asked((variance_asked)asked) || limits) && !self->solver->transition)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: %s is of p(x_{t-1} | x_t), which %s does not draw from, expected the kind ancestral",
                         limits ? "noise_limit" : "variance", self->solver->spec.name);
    return model_check_variance(model, schedule, "sampler", asked);
}

diffusion_status sampler_check_variance(const struct diffusion_sampler *self)
{
    return check_variance(self, self->predictor.model, sampler_schedule(self));
}

static diffusion_status check_guidance(const struct diffusion_sampler *self, const struct diffusion_model *model)
{
    const guiding *guidance = &self->options.guidance;
    if (guidance->low > guidance->high)
        return error_set(DIFFUSION_E_SPEC, "sampler: guidance_low=%g, expected at most guidance_high=%g", guidance->low,
                         guidance->high);
    if (guidance->scale == 1.0 || model->options.classes > 0 || model->options.condition > 0)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC, "sampler: guidance_scale=%g, expected a model with classes or a condition",
                     guidance->scale);
}

diffusion_status sampler_check_options(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule)
{
    const plan_options *plan = &self->options.plan;
    if (plan->steps > schedule->steps && !plan_is_by_level(plan))
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=%lld, expected at most the schedule's %d",
                         (long long)plan->steps, (int)schedule->steps);
    diffusion_status status = check_kernel(self, schedule);
    if (status == DIFFUSION_OK)
        status = check_contradictions(self);
    if (status == DIFFUSION_OK)
        status = check_variance(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = check_guidance(self, model);
    return status;
}

/* ---- the plan's ends ---- */

/* Of the end that has the least. */
static diffusion_status check_signal(const struct diffusion_sampler *self)
{
    const noise_level *least = &self->plan.levels[self->plan.rises ? 0 : self->plan.steps];
    if (self->solver->needs_signal == NULL || !self->solver->needs_signal(&self->options.solver) || least->signal > 0.0)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC,
                     "sampler: nothing of x_0 is left at the chain's %s step, where %s divides by it; use %s",
                     self->plan.rises ? "last" : "first", self->solver->spec.name,
                     self->plan.rises ? "ddim_inverse" : "ddim or dpmsolver++");
}

/* Strides are those of steps spaced evenly: levels that lie otherwise are not where a step then comes to. */
static diffusion_status check_strides(const struct diffusion_sampler *self)
{
    const plan_options *plan = &self->options.plan;
    if (self->solver->target == NULL || !(plan_is_by_level(plan) || plan->list.count > 0))
        return DIFFUSION_OK;
    for (int32_t step = 1; step <= self->plan.steps; step++)
        if (self->solver->target(&self->options.solver, &self->plan, step).t != plan_next(&self->plan, step).t)
            return error_set(DIFFUSION_E_SPEC,
                             "sampler: stride=even goes by whole strides of the schedule's steps, which is not where "
                             "%s lie, expected stride=next",
                             plan->list.count > 0 ? "the times of steps_list" : "levels by sigma");
    return DIFFUSION_OK;
}

/* Where signal_min raises it, the network still answers by its own level. That means about the same there, but not
 * where it tells x_0 through its own step. */
static diffusion_status check_raised(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                     const struct diffusion_schedule *schedule)
{
    const noise_level *raised = &self->plan.levels[self->plan.rises ? 0 : self->plan.steps];
    const double least = self->options.plan.signal_min;
    if (!(schedule_level(schedule, raised->t).signal < least) ||
        !parameterization_hangs_on_step(&model->options, schedule))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC,
                     "sampler: signal_min=%g, but predict=%s is read by a step of the network's own, from less; leave "
                     "it out, and use ddim or dpmsolver++, which need none",
                     least, parameterization_prediction(&model->options)->name);
}

/* A chain that begins at the data has nothing but the output to tell the noise by. */
static diffusion_status check_noise(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                    const struct diffusion_schedule *schedule)
{
    const noise_level *first = &self->plan.levels[self->plan.steps];
    if (first->sigma > 0.0)
        return DIFFUSION_OK;
    const reverse_step at = reverse_step_between(&model->options, schedule, first, first, NULL);
    if (isfinite(at.epsilon_x) && isfinite(at.epsilon_output))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC,
                     "sampler: predict=%s tells of no noise at the data, where %s begins; use model_at=own",
                     at.prediction->name, self->solver->spec.name);
}

diffusion_status sampler_check_plan(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                    const struct diffusion_schedule *schedule)
{
    diffusion_status status = check_signal(self);
    if (status == DIFFUSION_OK)
        status = check_strides(self);
    if (status == DIFFUSION_OK)
        status = check_raised(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = check_noise(self, model, schedule);
    return status;
}

/* ---- conditions ---- */

/* Of rows whose labels are all -1 there is as little to guide by, but that is what they say. */
diffusion_status sampler_check_condition(const struct diffusion_sampler *self,
                                         const struct diffusion_condition *condition)
{
    const int says = condition != NULL && (condition->labels != NULL || condition->vectors != NULL);
    if (self->options.guidance.scale == 1.0 || says)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_ARGUMENT, "sampler: guidance_scale=%g needs a condition, which %s",
                     self->options.guidance.scale, condition == NULL ? "is NULL" : "has neither labels nor vectors");
}
