/* The chain: the first state, and step after step of the solver, with the conditions applied. */
#include "base/error.h"
#include "sample/sampler.h"

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

/* The step of the plan that a level belongs to: the last that the chain has come to there. */
static int32_t plan_step(const struct diffusion_sampler *self, const noise_level *at)
{
    int32_t step = self->plan.steps;
    while (step > 0 && plan_has_reached(&self->plan, at, step - 1))
        step--;
    return step;
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
    self->stops = self->draws_taken = 0;
    self->begun = self->plan.steps;
    status = conditions_predicted(self, &step);
    if (status == DIFFUSION_OK)
        status = settle(self, &step, self->plan.steps + 1);
    if (status != DIFFUSION_OK)
        return status;
    self->at = step.from;
    self->begun = self->step = step.from.t == first.t ? self->plan.steps : plan_step(self, &step.from);
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
    return self->step > 1 ? self->plan.levels[self->step - 1] : self->plan.end;
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
    diffusion_status status = self->solver->step(&chain, &step);
    if (status == DIFFUSION_OK)
        status = conditions_predicted(self, &step);
    if (status == DIFFUSION_OK)
        status = settle(self, &step, self->step);
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
    if (status == DIFFUSION_OK)
        sampler_copy_state(self, x0);
    return status;
}

/* ---- what solvers and conditions ask ---- */

/* All rows are at one transition. */
static predictor_input input_at(struct diffusion_sampler *self, const double *x, const reverse_step *at)
{
    const reverse_step **reads = self->reads.memory;
    for (size_t i = 0; i < self->rows; i++)
        reads[i] = at;
    return (predictor_input){"sampler_step", x, reads, self->condition, self->rows};
}

static reverse_step transition(const struct diffusion_sampler *self, const noise_level *from, const noise_level *to)
{
    const int32_t step = self->step > 0 && from->t == self->at.t ? self->step : plan_step(self, from);
    return reverse_step_between(&self->predictor.model->options, sampler_schedule(self), from, to,
                                plan_above(&self->plan, step));
}

diffusion_status sampler_reverse(struct diffusion_sampler *self, const double *x, const noise_level *from,
                                 const noise_level *to, law out)
{
    const reverse_step at = transition(self, from, to);
    return predictor_reverse(&self->predictor, input_at(self, x, &at), &self->options.limit, out);
}

diffusion_status solver_reverse(const solver_chain *chain, const noise_level *from, const noise_level *to, law out)
{
    return sampler_reverse(chain->sampler, chain->x, from, to, out);
}

diffusion_status solver_predict_told(const solver_chain *chain, const double *x, const noise_level *at,
                                     const noise_level *told, double *x0, double *epsilon)
{
    struct diffusion_sampler *self = chain->sampler;
    const noise_level data = level_of_data();
    const reverse_step read = transition(self, at, &data), asked = transition(self, told, &data);
    const reverse_step of = reverse_step_told(&read, &asked);
    return predictor_denoise(&self->predictor, input_at(self, x, &of), &self->options.limit, x0, epsilon);
}

diffusion_status solver_predict(const solver_chain *chain, const double *x, const noise_level *at, double *x0,
                                double *epsilon)
{
    struct diffusion_sampler *self = chain->sampler;
    const noise_level data = level_of_data();
    const reverse_step of = transition(self, at, &data);
    return predictor_denoise(&self->predictor, input_at(self, x, &of), &self->options.limit, x0, epsilon);
}

void solver_reread(const solver_chain *chain, const double *x, const noise_level *at, const double *x_other,
                   const noise_level *other, double *x0, double *epsilon)
{
    const noise_level data = level_of_data();
    const reverse_step from = transition(chain->sampler, at, &data), to = transition(chain->sampler, other, &data);
    for (size_t i = 0; i < chain->count; i++) {
        const double output = (x0[i] - from.x0_x * x[i]) / from.x0_output;
        x0[i] = to.x0_x * x_other[i] + to.x0_output * output;
        epsilon[i] = (x_other[i] - other->signal * x0[i]) / other->sigma;
    }
}

size_t solver_rows(const solver_chain *chain)
{
    return chain->sampler->rows;
}

diffusion_status solver_predict_rows(const solver_chain *chain, const double *x, const noise_level *at, double *x0,
                                     double *epsilon)
{
    struct diffusion_sampler *self = chain->sampler;
    const noise_level data = level_of_data();
    const reverse_step **reads = self->reads.memory;
    reverse_step *own = buffer_reserve(&self->transitions, self->rows, sizeof *own);
    if (own == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < self->rows; i++) {
        own[i] = transition(self, &at[i], &data);
        reads[i] = &own[i];
    }
    const predictor_input input = {"sampler_step", x, reads, self->condition, self->rows};
    return predictor_denoise(&self->predictor, input, &self->options.limit, x0, epsilon);
}

void solver_forward(const solver_chain *chain, const noise_level *from, const noise_level *to, law out)
{
    const kernel *of = &sampler_schedule(chain->sampler)->kernel;
    const size_t dim = sampler_dim(chain->sampler);
    for (size_t at = 0; at < chain->count; at += dim)
        of->methods->step(of, (law){out.mean + at, out.variance + at}, to, from, chain->x + at, dim);
}

noise_level solver_level(const solver_chain *chain, double t)
{
    return schedule_level(sampler_schedule(chain->sampler), t);
}

double solver_time(const solver_chain *chain, double log_snr)
{
    return schedule_time(sampler_schedule(chain->sampler), log_snr);
}

noise_level solver_level_at(const solver_chain *chain, double log_snr)
{
    return schedule_level_at(sampler_schedule(chain->sampler), log_snr);
}

const noise_level *solver_first_level(const solver_chain *chain)
{
    return &sampler_schedule(chain->sampler)->levels[1];
}

const noise_level *solver_last_level(const solver_chain *chain)
{
    return schedule_last(sampler_schedule(chain->sampler));
}

diffusion_status solver_draw(const solver_chain *chain, double *noise)
{
    struct diffusion_sampler *self = chain->sampler;
    return sampler_draw(self, noise, self->step, self->draws_taken++);
}
