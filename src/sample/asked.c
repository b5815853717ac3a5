/* What solvers and conditions ask of the chain: the model, levels, noise. */
#include "sample/sampler.h"

/* All rows are at one transition. */
static predictor_input input_at(struct diffusion_sampler *self, const double *x, const reverse_step *at)
{
    const reverse_step **reads = self->reads.memory;
    self->asked++;
    for (size_t i = 0; i < self->rows; i++)
        reads[i] = at;
    return (predictor_input){"sampler_step", x, reads, self->condition, self->rows};
}

static reverse_step transition(const struct diffusion_sampler *self, const noise_level *from, const noise_level *to)
{
    const int32_t step = self->step > 0 && from->t == self->at.t ? self->step : plan_step_at(&self->plan, from);
    const noise_level *above = plan_above(&self->plan, step);
    const struct diffusion_model *model = self->predictor.model;
    const variance_asked asked = (variance_asked)self->options.variance;
    reverse_step at = reverse_step_between(&model->options, sampler_schedule(self), from, to, above);
    reverse_step_take_variance(&at, asked, model->moments, sampler_schedule(self), above);
    return at;
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

/* ---- x_0 and noise, with the conditions on what is seen ---- */

/* The rows and levels that the model is asked about in place of the view's; 0 if memory runs out. */
static int move_view(struct diffusion_sampler *self, const sample_condition *by, const void *state, sample_view *asked)
{
    const sample_view *of = asked;
    const size_t dim = sampler_dim(self), levels = of->each ? of->count : 1;
    double *x = buffer_reserve(&self->asked_x, of->count * dim, sizeof *x);
    noise_level *at = buffer_reserve(&self->asked_at, levels, sizeof *at);
    if (x == NULL || at == NULL)
        return 0;
    for (size_t i = 0; i < levels; i++)
        at[i] = by->asked_at(self, state, &of->at[i]);
    for (size_t i = 0; i < of->count; i++)
        by->asked_row(self, state, x + i * dim, of->x + i * dim, view_level(of, i), &at[of->each ? i : 0],
                      view_row(of, i));
    asked->x = x;
    asked->at = at;
    return 1;
}

/* The noise in the view's own x, from that in what was asked. An x_0 that is held leaves it as it was. */
static void move_back(const struct diffusion_sampler *self, const sample_view *view, const sample_view *asked)
{
    const size_t dim = sampler_dim(self);
    for (size_t i = 0; i < view->count * dim; i++) {
        const noise_level *at = view_level(view, i / dim), *there = view_level(asked, i / dim);
        const double x0 = (asked->x[i] - there->sigma * view->epsilon[i]) / there->signal;
        view->epsilon[i] = (view->x[i] - at->signal * x0) / at->sigma;
    }
}

/* By the model alone. */
static diffusion_status denoise(struct diffusion_sampler *self, const sample_view *view,
                                const struct diffusion_condition *condition)
{
    const noise_level data = level_of_data();
    const reverse_step **reads = self->reads.memory;
    const size_t levels = view->each ? view->count : 1;
    reverse_step *own = buffer_reserve(&self->transitions, levels, sizeof *own);
    if (own == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < levels; i++)
        own[i] = transition(self, &view->at[i], &data);
    for (size_t i = 0; i < view->count; i++)
        reads[i] = &own[view->each ? i : 0];
    const predictor_input input = {"sampler_step", view->x, reads, condition, view->count};
    return predictor_denoise(&self->predictor, input, &self->options.limit, view->x0, view->epsilon);
}

static diffusion_status see(struct diffusion_sampler *self, const sample_view *view,
                            const struct diffusion_condition *condition)
{
    const void *state = NULL;
    const sample_condition *by = conditions_asked(self, &state);
    sample_view asked = *view;
    if (by != NULL && !move_view(self, by, state, &asked))
        return DIFFUSION_E_MEMORY;
    diffusion_status status = denoise(self, &asked, condition);
    if (status == DIFFUSION_OK && by != NULL)
        move_back(self, view, &asked);
    return status == DIFFUSION_OK ? conditions_seen(self, view) : status;
}

diffusion_status solver_predict(const solver_chain *chain, const double *x, const noise_level *at, double *x0,
                                double *epsilon)
{
    struct diffusion_sampler *self = chain->sampler;
    self->asked++;
    return see(self, &(sample_view){NULL, self->rows, x, at, 0, x0, epsilon}, self->condition);
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

diffusion_status solver_predict_rows(const solver_chain *chain, const size_t *rows, size_t count, const double *x,
                                     const noise_level *at, double *x0, double *epsilon)
{
    struct diffusion_sampler *self = chain->sampler;
    struct diffusion_condition *some = NULL;
    int64_t *asked = self->asked_of.memory;
    diffusion_status status = condition_pick(&some, self->condition, rows, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        asked[rows[i]]++;
    if (status == DIFFUSION_OK)
        status = see(self, &(sample_view){rows, count, x, at, 1, x0, epsilon}, some);
    condition_free(some);
    return status;
}

int64_t sampler_evaluations(const struct diffusion_sampler *self, size_t sample)
{
    const int64_t *asked = self->asked_of.memory;
    return self->asked + asked[sample * (size_t)self->options.particles];
}

void solver_edge(const solver_chain *chain, const noise_level *t, law out)
{
    const kernel *of = &sampler_schedule(chain->sampler)->kernel;
    const size_t dim = sampler_dim(chain->sampler);
    for (size_t at = 0; at < chain->count; at += dim)
        of->methods->edge_law(of, (law){out.mean + at, out.variance + at}, t, chain->x + at, dim);
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

void solver_leave_draw(const solver_chain *chain)
{
    chain->sampler->draws_taken++;
}
