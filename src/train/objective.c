#include "train/objective.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/precision.h"
#include "base/rng.h"
#include "base/size.h"

#include <math.h>
#include <string.h>

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
    if (options->learn_schedule && times != times_class_at(0))
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs times=%s", times_class_at(0)->name);
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
static double group_loss(const objective *self, const objective_row *whole, size_t j)
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
    double loss = self->methods->loss(self, &part);
    if (learned) {
        whole->doutput[j] = doutput[0];
        whole->doutput[whole->dim + j] = doutput[1];
    }
    return loss;
}

static double observed_loss(const objective *self, const objective_row *row, const uint8_t *observed)
{
    double loss = 0.0;
    for (size_t i = 0; i < self->model->outputs; i++)
        row->doutput[i] = 0.0;
    const size_t group = row->at->kernel->group;
    for (size_t j = 0; j < row->dim; j += group)
        if (memchr(observed + j, 0, group) == NULL)
            loss += group_loss(self, row, j);
    return loss;
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
    double loss =
        sample->observed != NULL ? observed_loss(self, &row, sample->observed) : self->methods->loss(self, &row);
    for (size_t i = 0; i < outputs; i++)
        sample->dout[i] = (float)(scale / (double)dim * row.doutput[i]);
    return loss / (double)dim;
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
