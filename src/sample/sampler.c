#include "sample/sampler.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "model/trajectory.h"

#include <math.h>
#include <string.h>

/* ---- making one ---- */

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

/* A solver may have its own way with the chain. */
static diffusion_status read(struct diffusion_sampler *self, const char *spec)
{
    diffusion_status status = spec_parse(sampler_grammar(), spec, &self->options, &self->kind);
    if (status != DIFFUSION_OK)
        return status;
    self->solver = solver_at(self->kind);
    const plan_options asked = self->options.plan;
    if (self->solver->plan != NULL)
        self->solver->plan(&self->options.solver, &self->options.plan);
    status = sampler_check_own_way(self, spec, &asked);
    if (status != DIFFUSION_OK)
        return status;
    self->spec = spec_format(sampler_grammar(), self->kind, &self->options);
    return self->spec != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

static diffusion_status set_up(struct diffusion_sampler *self, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec)
{
    diffusion_status status = read(self, spec);
    if (status == DIFFUSION_OK)
        status = sampler_check_options(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = lay_plan(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = sampler_check_plan(self, model, schedule);
    if (status == DIFFUSION_OK)
        status = predictor_open(&self->predictor, model, schedule);
    self->predictor.guidance = self->options.guidance;
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

diffusion_status sampler_prepare(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n)
{
    struct diffusion_condition *repeated = NULL;
    diffusion_status status =
        model_check_condition(self->predictor.model, "sampler", condition, n, OBSERVED_BY_NETWORK);
    if (status == DIFFUSION_OK)
        status = sampler_check_condition(self, condition);
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

diffusion_status sampler_copy_state(const struct diffusion_sampler *self, float *x)
{
    const double *from = self->x.memory;
    size_t dim = sampler_dim(self), stride = (size_t)self->options.particles * dim;
    for (size_t i = 0; i < self->n; i++) {
        for (size_t j = 0; j < dim; j++) {
            const double value = from[i * stride + j];
            x[i * dim + j] = (float)value;
            if (!isfinite(x[i * dim + j]))
                return error_set(DIFFUSION_E_NONFINITE,
                                 "sampler: value %zu of sample %zu is %g at t=%g, beyond float32", j, i, value,
                                 self->at.t);
        }
    }
    return DIFFUSION_OK;
}
