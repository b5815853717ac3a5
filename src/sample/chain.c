/* The chain: the first state, and step after step of the solver, with the conditions applied. */
#include "base/error.h"
#include "sample/sampler.h"

#include <float.h>
#include <math.h>

static law next_law(const struct diffusion_sampler *self)
{
    return (law){self->mean.memory, self->variance.memory};
}

/* Draws, and makes x of the law. */
static diffusion_status settle(struct diffusion_sampler *self, solver_step *step, int32_t position)
{
    diffusion_status status = DIFFUSION_OK;
    if (conditions_need_noise(self, step))
        status = sampler_draw(self, self->draws.memory, position, self->draws_taken++);
    if (status != DIFFUSION_OK)
        return status;
    conditions_drawn(self, step, self->draws.memory);
    sampler_settle(self, step);
    conditions_settled(self, step);
    return DIFFUSION_OK;
}

/* ---- the first state ---- */

static void fill_prior(struct diffusion_sampler *self, law out, const noise_level *at)
{
    const kernel *of = &sampler_schedule(self)->kernel;
    const size_t dim = sampler_dim(self);
    for (size_t row = 0; row < self->rows; row++)
        of->methods->prior(of, (law){out.mean + row * dim, out.variance + row * dim}, at, dim);
}

diffusion_status sampler_begin(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n)
{
    sampler_forget(self);
    diffusion_status status = sampler_prepare(self, condition, n);
    if (status != DIFFUSION_OK)
        return status;
    const noise_level first = self->plan.levels[self->plan.steps];
    solver_step step = {.from = first, .to = first, .aim = first, .first = 1, .next = next_law(self)};
    fill_prior(self, step.next, &first);
    self->asked = 0;
    self->stops = self->draws_taken = 0;
    self->begun = self->plan.steps;
    status = conditions_predicted(self, &step);
    if (status == DIFFUSION_OK)
        status = settle(self, &step, self->plan.steps + 1);
    if (status != DIFFUSION_OK)
        return status;
    self->at = step.from;
    self->begun = self->step = plan_step_at(&self->plan, &step.from);
    self->draws_taken = 0;
    return DIFFUSION_OK;
}

/* ---- progress ---- */

/* In samples times steps; `samples` of the step at hand are done. While the first state is made, nothing is. */
static diffusion_status tell_progress(const struct diffusion_sampler *self, size_t samples)
{
    const unsigned before = error_count();
    const int64_t n = (int64_t)self->n, total = self->begun * n;
    const int64_t done = self->step < 0 ? 0 : (self->begun - self->step) * n + (int64_t)samples;
    if (self->progress == NULL)
        return DIFFUSION_OK;
    return error_of_callback(self->progress(done, total, self->progress_user), "progress", before);
}

/* Within a step. */
static diffusion_status tick(void *user, size_t rows)
{
    const struct diffusion_sampler *self = user;
    return tell_progress(self, rows / (size_t)self->options.particles);
}

void sampler_listen(struct diffusion_sampler *self, diffusion_progress_fn *progress, void *user)
{
    self->progress = progress;
    self->progress_user = user;
    predictor_listen(&self->predictor, progress != NULL ? tick : NULL, self);
}

/* ---- steps ---- */

static solver_chain chain_of(struct diffusion_sampler *self)
{
    return (solver_chain){self,           &self->options.solver,         self->state.memory, self->arrays.memory,
                          self->x.memory, self->rows * sampler_dim(self)};
}

static noise_level aim_of(const struct diffusion_sampler *self)
{
    if (self->solver->target != NULL)
        return self->solver->target(&self->options.solver, &self->plan, self->step);
    return plan_next(&self->plan, self->step);
}

/* Where the solver stopped short it goes on from there. */
static void advance(struct diffusion_sampler *self, const noise_level *reached)
{
    if (!plan_has_reached(&self->plan, reached, self->step - 1)) {
        self->at = *reached;
        self->stops++;
        return;
    }
    self->step--;
    self->at = self->plan.levels[self->step];
    self->stops = self->draws_taken = 0;
}

/* Outputs that are finite each may make a state that is not. */
static diffusion_status check_state(const struct diffusion_sampler *self, double t, double most)
{
    const double *x = self->x.memory;
    const size_t count = self->rows * sampler_dim(self);
    for (size_t i = 0; i < count; i++)
        if (!(fabs(x[i]) <= most))
            return error_set(DIFFUSION_E_NONFINITE,
                             "sampler: the step from t=%g makes %g of value %zu of sample %zu, expected finite %s", t,
                             x[i], i % sampler_dim(self), i / sampler_dim(self) / (size_t)self->options.particles,
                             most < DBL_MAX ? "float32" : "numbers");
    return DIFFUSION_OK;
}

/* Of the last draws above the data. */
static void limit_noise(const struct diffusion_sampler *self, const solver_step *step)
{
    const double most = self->options.noise_limit * self->options.noise_limit;
    const size_t count = self->rows * sampler_dim(self);
    if (most == 0.0 || self->step == 1 || self->step - 1 > self->options.noise_limit_steps)
        return;
    for (size_t i = 0; i < count; i++)
        step->next.variance[i] = fmin(step->next.variance[i], most);
}

diffusion_status sampler_step(struct diffusion_sampler *self)
{
    if (self->step < 0)
        return error_set(DIFFUSION_E_STATE, "sampler_step: no chain has begun (call sampler_begin first)");
    if (self->step == 0)
        return error_set(DIFFUSION_E_STATE, "sampler_step: the chain has reached %s",
                         self->plan.rises ? "its last level" : "x_0");
    const solver_chain chain = chain_of(self);
    solver_step step = {.from = self->at,
                        .to = self->plan.levels[self->step - 1],
                        .aim = aim_of(self),
                        .index = self->plan.steps - self->step,
                        .steps = self->plan.steps,
                        .next = next_law(self)};
    diffusion_status status = sampler_check_variance(self);
    if (status == DIFFUSION_OK)
        status = self->solver->step(&chain, &step);
    if (status == DIFFUSION_OK)
        limit_noise(self, &step);
    if (status == DIFFUSION_OK)
        status = conditions_predicted(self, &step);
    if (status == DIFFUSION_OK)
        status = settle(self, &step, self->step);
    if (status == DIFFUSION_OK)
        status = check_state(self, step.from.t, self->step == 1 ? (double)FLT_MAX : DBL_MAX);
    if (status == DIFFUSION_OK) {
        advance(self, &step.to);
        status = tell_progress(self, 0);
    }
    if (status != DIFFUSION_OK)
        sampler_forget(self);
    return status;
}

diffusion_status sampler_run(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n,
                             float *x0)
{
    diffusion_status status = sampler_begin(self, condition, n);
    while (status == DIFFUSION_OK && self->step > 0)
        status = sampler_step(self);
    return status == DIFFUSION_OK ? sampler_copy_state(self, x0) : status;
}
