/* The draw of a sample, its loss, and what objectives share in it. */
#include "base/precision.h"
#include "base/rng.h"
#include "base/size.h"
#include "train/objective.h"

#include <math.h>
#include <string.h>

/* ---- steps ---- */

/* Those of whole steps are at hand; of another time it is made in `room`. */
static const reverse_step *step_at(const objective *self, double t, reverse_step *room)
{
    if (t == floor(t))
        return &self->steps[(int32_t)t];
    const noise_level from = schedule_level(self->schedule, t), to = schedule_level(self->schedule, t - 1.0);
    *room = reverse_step_between(&self->model->options, self->schedule, &from, &to, NULL);
    return room;
}

static double weight_of(const objective *self, const reverse_step *step)
{
    const weight_at at = {
        .step = step, .schedule = self->schedule, .gamma = self->snr_gamma, .real = self->times.methods->real};
    return weight_of_output(self->weight, &at);
}

/* ---- scratch ---- */

enum { ROWS = 9 /* of [dim] doubles */, LINES = 16 /* doubles: threads' scratch shares no pair of cache lines */ };

size_t objective_scratch_size(const objective *self)
{
    return size_round_up(ROWS * self->model->dim + 2 * self->model->outputs, LINES);
}

static objective_row row_at(const objective *self, const reverse_step *at, double *scratch)
{
    const size_t dim = self->model->dim;
    double *output = scratch + ROWS * dim;
    return (objective_row){.at = at,
                           .weight = weight_of(self, at),
                           .x0 = scratch,
                           .xt = scratch + dim,
                           .aside = scratch + 2 * dim,
                           .output = output,
                           .doutput = output + self->model->outputs,
                           .dim = dim,
                           .p = {scratch + 3 * dim, scratch + 4 * dim},
                           .q = {scratch + 5 * dim, scratch + 6 * dim},
                           .by = {scratch + 7 * dim, scratch + 8 * dim}};
}

/* ---- the draw ---- */

static void draw_data(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *noise)
{
    size_t dim = self->model->dim;
    if (self->dequantize > 0.0)
        rng_uniform(noise, dim, (rng_stream){self->seed, RNG_DEQUANTIZE, step, index});
    for (size_t j = 0; j < dim; j++) {
        int observed = sample->observed == NULL || sample->observed[j] != 0;
        double value = observed ? (double)sample->data[j] : 0.0;
        sample->x0[j] = self->dequantize > 0.0 ? (float)(value + self->dequantize * noise[j]) : (float)value;
    }
}

/* to ~ q(x_t | x_s), with the noise of a stream. */
static void draw_state(const objective *self, double *to, const double *from, double *noise, const noise_level *s,
                       const noise_level *t, const rng_stream *stream)
{
    const kernel *of = &self->schedule->kernel;
    of->methods->noise(noise, 1, self->model->dim, *stream);
    of->methods->diffuse(of, to, s, t, from, noise, self->model->dim);
}

/* A pair's x_{t-1} comes first, rounded as the loss will read it. */
void objective_draw(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *scratch)
{
    const size_t dim = self->model->dim;
    const int pairs = self->methods->pairs;
    const noise_level *data = &self->schedule->levels[0];
    double *x = scratch, *noise = scratch + dim;
    rng_stream stream = {self->seed, RNG_NOISE, step, index};
    sample->t = times_draw(&self->times, step, index, sample->even);
    reverse_step room;
    const reverse_step *at = step_at(self, sample->t, &room);
    sample->time = at->time;
    sample->input_scale = at->input_scale;
    draw_data(self, sample, step, index, noise);
    precision_widen(x, sample->x0, dim);
    if (pairs) {
        if (at->to.sigma > 0.0)
            draw_state(self, x, x, noise, data, &at->to, &stream);
        precision_narrow(sample->aside, x, dim);
        precision_widen(x, sample->aside, dim);
        stream.purpose = RNG_PAIR;
    }
    draw_state(self, x, x, noise, pairs ? &at->to : data, &at->from, &stream);
    precision_narrow(sample->xt, x, dim);
    if (!pairs)
        precision_narrow(sample->aside, noise, dim);
}

/* ---- the loss ---- */

/* A group by itself, so that those that are not observed can be left out. A learned variance stands beside a single
 * value: additive kernels have no larger groups. */
static double group_loss(const objective *self, objective_loss_fn *loss, const objective_row *whole, size_t j)
{
    const int learned = self->model->outputs > self->model->dim;
    const kernel own = kernel_from(whole->at->kernel, j);
    const double output[2] = {whole->output[j], learned ? whole->output[whole->dim + j] : 0.0};
    double doutput[2] = {0.0, 0.0};
    reverse_step at = *whole->at;
    objective_row part = *whole;
    at.kernel = &own;
    part.at = &at;
    part.x0 += j;
    part.xt += j;
    part.aside += j;
    part.output = learned ? output : whole->output + j;
    part.doutput = learned ? doutput : whole->doutput + j;
    part.dim = own.group;
    const double of_group = loss(self, &part);
    if (learned) {
        whole->doutput[j] = doutput[0];
        whole->doutput[whole->dim + j] = doutput[1];
    }
    return of_group;
}

static double observed_loss(const objective *self, objective_loss_fn *loss, const objective_row *row,
                            const uint8_t *observed)
{
    double sum = 0.0;
    if (observed == NULL)
        return loss(self, row);
    for (size_t i = 0; i < self->model->outputs; i++)
        row->doutput[i] = 0.0;
    const size_t group = row->at->kernel->group;
    for (size_t j = 0; j < row->dim; j += group)
        if (memchr(observed + j, 0, group) == NULL)
            sum += group_loss(self, loss, row, j);
    return sum;
}

double objective_loss(const objective *self, const objective_sample *sample, double scale, double *scratch)
{
    const size_t dim = self->model->dim, outputs = self->model->outputs;
    reverse_step room;
    const objective_row row = row_at(self, step_at(self, sample->t, &room), scratch);
    precision_widen(scratch, sample->x0, dim);
    precision_widen(scratch + dim, sample->xt, dim);
    precision_widen(scratch + 2 * dim, sample->aside, dim);
    precision_widen(scratch + ROWS * dim, sample->out, outputs);
    const double loss = observed_loss(self, self->methods->loss, &row, sample->observed);
    for (size_t i = 0; i < outputs; i++)
        sample->dout[i] = (float)(scale / (double)dim * row.doutput[i]);
    return loss / (double)dim;
}

/* ---- terms of the bound ---- */

double objective_term(const objective *self, const reverse_step *at, const objective_state *of, double *scratch)
{
    objective_row row = row_at(self, at, scratch);
    row.x0 = of->x0;
    row.xt = of->xt;
    row.output = of->output;
    return observed_loss(self, objective_divergence, &row, of->observed);
}

double objective_x0_error(const objective *self, const reverse_step *at, const objective_state *of, double *scratch)
{
    const size_t dim = self->model->dim;
    double *x0 = scratch, *epsilon = scratch + dim, sum = 0.0;
    reverse_step_denoise(at, x0, epsilon, of->xt, of->output, dim, NULL);
    for (size_t j = 0; j < dim; j++)
        if (of->observed == NULL || of->observed[j] != 0)
            sum += (x0[j] - of->x0[j]) * (x0[j] - of->x0[j]);
    return sum;
}

/* ---- what objectives share ---- */

double objective_squared_error(const objective_row *row)
{
    const prediction_target target = row->at->target;
    double sum = 0.0;
    for (size_t j = 0; j < row->dim; j++) {
        double error = row->output[j] - target.epsilon * row->aside[j] - target.x0 * row->x0[j];
        sum += error * error;
        row->doutput[j] = 2.0 * row->weight * error;
    }
    return row->weight * sum;
}

/* -log of the mass of p in the bins of x_0. */
static double masses_lost(const objective *self, const objective_row *row)
{
    double nats = 0.0;
    for (size_t j = 0; j < row->dim; j++) {
        bins_slope by;
        nats -= bins_log_mass(self->bins, row->x0[j], row->p.mean[j], row->p.variance[j], &by);
        row->by.location[j] = -by.mean;
        row->by.log_variance[j] = -by.log_variance;
    }
    return nats;
}

double objective_divergence(const objective *self, const objective_row *row)
{
    const reverse_step *at = row->at;
    const kernel_class *methods = self->schedule->kernel.methods;
    reverse_step_law(at, row->p, row->xt, row->output, row->dim, NULL);
    if (at->to.sigma == 0.0 && self->edge == TRAINED_EDGE_DISCRETIZED)
        return masses_lost(self, row);
    methods->posterior(at->kernel, row->q, &at->to, &at->from, row->x0, row->xt, row->dim);
    methods->divergence_slope(at->kernel, row->by, row->q, row->p, row->dim);
    if (at->to.sigma == 0.0) /* q is x_0 itself: the KL but for q's entropy */
        return -methods->log_probability(at->kernel, row->x0, row->p, row->dim);
    return methods->divergence(at->kernel, row->q, row->p, row->dim);
}
