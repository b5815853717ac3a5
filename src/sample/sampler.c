#include "sample/sampler.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "model/trajectory.h"

#include <math.h>
#include <string.h>

/* ---- making one ---- */

/* What a solver or kernel cannot do. */
static diffusion_status check(const struct diffusion_sampler *self, const struct diffusion_schedule *schedule)
{
    const sampler_options *options = &self->options;
    const plan_options *plan = &options->plan;
    const int fewer = plan->steps > 0 && plan->steps < schedule->steps;
    const int others = plan_is_by_level(plan) || plan->list.count > 0 || plan->drop_lowest || plan->lambda_min < 0.0;
    diffusion_status status = DIFFUSION_OK;
    if (plan->steps > schedule->steps && !plan_is_by_level(plan))
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=%lld, expected at most the schedule's %d",
                         (long long)plan->steps, (int)schedule->steps);
    if (self->solver->additive)
        status = schedule_check_additive(schedule, "sampler", self->solver->spec.name);
    if (status == DIFFUSION_OK && fewer)
        status = schedule_check_additive(schedule, "sampler", "a chain of fewer steps");
    if (status == DIFFUSION_OK && others)
        status = schedule_check_additive(schedule, "sampler", "a chain of other levels");
    if (status == DIFFUSION_OK && plan->final == FINAL_SIGMA_MIN && self->solver->transition)
        status = error_set(DIFFUSION_E_SPEC, "sampler: final=sigma_min with %s, whose last step goes to the data",
                           self->solver->spec.name);
    if (status == DIFFUSION_OK && plan_asks_model(plan) && (plan->drop_lowest || plan->lambda_min < 0.0))
        status = error_set(DIFFUSION_E_SPEC, "sampler: spacing=optimal leads from T to 1: expected no %s",
                           plan->drop_lowest ? "drop_lowest=yes" : "lambda_min");
    if (status == DIFFUSION_OK && plan->steps_offset > 0)
        status = schedule_check_additive(schedule, "sampler", "steps_offset");
    if (status == DIFFUSION_OK && options->limit.clip > 0.0)
        status = schedule_check_additive(schedule, "sampler", "clip");
    if (status == DIFFUSION_OK && options->limit.quantile > 0.0)
        status = schedule_check_additive(schedule, "sampler", "threshold");
    if (status == DIFFUSION_OK && options->limit.quantile > 0.0 && options->limit.clip > 0.0)
        status = error_set(DIFFUSION_E_SPEC, "sampler: clip=%g and threshold=%g, expected one of them",
                           options->limit.clip, options->limit.quantile);
    if (status == DIFFUSION_OK && options->particles > 1 && !self->solver->transition)
        status = error_set(DIFFUSION_E_SPEC,
                           "sampler: particles=%lld with %s, which has no p(x_{t-1} | x_t) to weigh them by, expected "
                           "the kind ancestral",
                           (long long)options->particles, self->solver->spec.name);
    if (status == DIFFUSION_OK && self->solver->check != NULL)
        status = self->solver->check(&options->solver);
    return status;
}

/* What goes by the model's moments. They may be gone since: the model may have been trained on. */
static diffusion_status check_variance(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule)
{
    const int32_t asked = self->options.variance;
    const int limits = self->options.noise_limit > 0.0;
    if ((variance_is_asked((variance_asked)asked) || limits) && !self->solver->transition)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: %s is of p(x_{t-1} | x_t), which %s does not draw from, expected the kind ancestral",
                         limits ? "noise_limit" : "variance", self->solver->spec.name);
    if (limits && schedule_check_additive(schedule, "sampler", "noise_limit") != DIFFUSION_OK)
        return DIFFUSION_E_KERNEL;
    return model_check_variance(model, schedule, "sampler", asked);
}

diffusion_status sampler_check_variance(const struct diffusion_sampler *self)
{
    return check_variance(self, self->predictor.model, sampler_schedule(self));
}

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

static diffusion_status set_guidance(struct diffusion_sampler *self)
{
    const model_options *model = &self->predictor.model->options;
    self->predictor.guidance = self->options.guidance;
    if (self->options.guidance.low > self->options.guidance.high)
        return error_set(DIFFUSION_E_SPEC, "sampler: guidance_low=%g, expected at most guidance_high=%g",
                         self->options.guidance.low, self->options.guidance.high);
    if (self->options.guidance.scale == 1.0 || model->classes > 0 || model->condition > 0)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC, "sampler: guidance_scale=%g, expected a model with classes or a condition",
                     self->options.guidance.scale);
}

/* The plan, whose steps the model may know. */
static diffusion_status lay_plan(struct diffusion_sampler *self, const struct diffusion_model *model,
                                 const struct diffusion_schedule *schedule)
{
    plan_options *of = &self->options.plan;
    const int32_t steps = of->steps > 0 ? (int32_t)of->steps : schedule->steps;
    int32_t *optimal = NULL;
    diffusion_status status = DIFFUSION_OK;
    if (plan_asks_model(of)) {
        optimal = memory_allocate((size_t)steps, sizeof *optimal);
        status = optimal != NULL ? trajectory_optimal(optimal, steps, schedule->steps, model, schedule,
                                                      (variance_asked)self->options.variance, "sampler")
                                 : DIFFUSION_E_MEMORY;
    }
    of->optimal = optimal;
    if (status == DIFFUSION_OK)
        status = plan_open(&self->plan, schedule, of);
    of->optimal = NULL;
    memory_release(optimal);
    return status;
}

/* A key that the solver has its own way with may be given as it has it, no other way. */
static diffusion_status check_own_way(const struct diffusion_sampler *self, const char *spec, const char *key,
                                      int64_t asked, int64_t taken)
{
    const char *value;
    size_t length;
    if (asked == taken || !spec_find(spec, key, &value, &length))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC, "sampler: %s=%.*s, but %s chooses that by itself; leave it out", key,
                     (int)length, value, self->solver->spec.name);
}

static diffusion_status take_own_way(struct diffusion_sampler *self, const char *spec)
{
    const plan_options asked = self->options.plan, *taken = &self->options.plan;
    if (self->solver->plan == NULL)
        return DIFFUSION_OK;
    self->solver->plan(&self->options.solver, &self->options.plan);
    diffusion_status status = check_own_way(self, spec, "steps", asked.steps, taken->steps);
    if (status == DIFFUSION_OK)
        status = check_own_way(self, spec, "spacing", asked.spacing, taken->spacing);
    if (status == DIFFUSION_OK)
        status = check_own_way(self, spec, "drop_lowest", asked.drop_lowest, taken->drop_lowest);
    if (status == DIFFUSION_OK)
        status = check_own_way(self, spec, "final", asked.final, taken->final);
    return status;
}

static diffusion_status set_up(struct diffusion_sampler *self, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec)
{
    diffusion_status status = spec_parse(sampler_grammar(), spec, &self->options, &self->kind);
    if (status != DIFFUSION_OK)
        return status;
    self->solver = solver_at(self->kind);
    status = take_own_way(self, spec);
    if (status != DIFFUSION_OK)
        return status;
    self->spec = spec_format(sampler_grammar(), self->kind, &self->options);
    status = self->spec != NULL ? check(self, schedule) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = check_variance(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = lay_plan(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = check_signal(self);
    if (status == DIFFUSION_OK)
        status = check_noise(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = predictor_open(&self->predictor, model, schedule);
    if (status == DIFFUSION_OK)
        status = set_guidance(self);
    const sample_condition *of;
    for (size_t i = 0; status == DIFFUSION_OK && (of = sample_condition_at(i)) != NULL; i++)
        if ((self->conditions[i] = memory_allocate(1, of->state_size)) == NULL)
            status = DIFFUSION_E_MEMORY;
    return status;
}

diffusion_status sampler_create(struct diffusion_sampler **out, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec)
{
    struct diffusion_sampler *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    self->step = -1;
    diffusion_status status = set_up(self, model, schedule, spec);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        sampler_free(self);
    return status;
}

void sampler_free(struct diffusion_sampler *self)
{
    if (self == NULL)
        return;
    for (size_t i = 0; i < SAMPLE_CONDITIONS; i++) {
        if (self->conditions[i] != NULL && sample_condition_at(i)->release != NULL)
            sample_condition_at(i)->release(self->conditions[i]);
        memory_release(self->conditions[i]);
    }
    predictor_close(&self->predictor);
    plan_close(&self->plan);
    condition_free(self->condition);
    if (self->solver != NULL)
        spec_release(sampler_grammar(), self->kind, &self->options);
    memory_release(self->spec);
    buffer *buffers[] = {&self->x,        &self->mean,        &self->variance, &self->draws,
                         &self->reads,    &self->transitions, &self->asked_of, &self->asked_x,
                         &self->asked_at, &self->arrays,      &self->state};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buffer_release(buffers[i]);
    memory_release(self);
}

/* ---- beginning ---- */

static diffusion_status reserve(struct diffusion_sampler *self, size_t n)
{
    size_t rows, count, arrays, dim = sampler_dim(self);
    buffer *wide[] = {&self->x, &self->mean, &self->variance, &self->draws};
    const size_t own = self->solver->arrays != NULL ? self->solver->arrays(&self->options.solver) : 0;
    if (!size_multiply(&rows, n, (size_t)self->options.particles) || !size_multiply(&count, rows, dim) ||
        !size_multiply(&arrays, count, own))
        return error_set(DIFFUSION_E_MEMORY, "sampler: n=%zu samples of %zu values cannot be addressed", n, dim);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (buffer_reserve(wide[i], count, sizeof(double)) == NULL)
            return DIFFUSION_E_MEMORY;
    if (buffer_reserve(&self->reads, rows, sizeof(const reverse_step *)) == NULL ||
        buffer_reserve(&self->asked_of, rows, sizeof(int64_t)) == NULL ||
        buffer_reserve(&self->arrays, arrays, sizeof(double)) == NULL ||
        buffer_reserve(&self->state, 1, self->solver->state_size) == NULL)
        return DIFFUSION_E_MEMORY;
    if (rows > 0)
        memset(self->asked_of.memory, 0, rows * sizeof(int64_t));
    if (arrays > 0)
        memset(self->arrays.memory, 0, arrays * sizeof(double));
    if (self->solver->state_size > 0)
        memset(self->state.memory, 0, self->solver->state_size);
    self->n = n;
    self->rows = rows;
    return DIFFUSION_OK;
}

/* Of rows whose labels are all -1 there is as little to guide by, but that is what they say. */
static diffusion_status check_guided(const struct diffusion_sampler *self, const struct diffusion_condition *condition)
{
    const int says = condition != NULL && (condition->labels != NULL || condition->vectors != NULL);
    if (self->options.guidance.scale == 1.0 || says)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_ARGUMENT, "sampler: guidance_scale=%g needs a condition, which %s",
                     self->options.guidance.scale, condition == NULL ? "is NULL" : "has neither labels nor vectors");
}

diffusion_status sampler_prepare(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n)
{
    struct diffusion_condition *repeated = NULL;
    diffusion_status status =
        model_check_condition(self->predictor.model, "sampler", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = check_guided(self, condition);
    if (status == DIFFUSION_OK)
        status = sampler_check_variance(self);
    if (status == DIFFUSION_OK)
        status = conditions_check(self, n);
    if (status == DIFFUSION_OK)
        status = reserve(self, n);
    if (status == DIFFUSION_OK)
        status = condition_repeat(&repeated, condition, (size_t)self->options.particles);
    if (status != DIFFUSION_OK)
        return status;
    condition_free(self->condition);
    self->condition = repeated;
    return DIFFUSION_OK;
}

void sampler_forget(struct diffusion_sampler *self)
{
    self->step = -1;
}

void sampler_copy_state(const struct diffusion_sampler *self, float *x)
{
    const double *from = self->x.memory;
    size_t dim = sampler_dim(self), stride = (size_t)self->options.particles * dim;
    for (size_t i = 0; i < self->n; i++)
        for (size_t j = 0; j < dim; j++)
            x[i * dim + j] = (float)from[i * stride + j];
}
