#include "train/objective.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/precision.h"
#include "base/rng.h"
#include "base/size.h"

#include <string.h>

/* ---- making one ---- */

diffusion_status objective_open(objective *self, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const trainer_options *options)
{
    *self = (objective){.methods = objective_class_at((size_t)options->objective),
                        .model = model,
                        .schedule = schedule,
                        .edge = options->edge,
                        .seed = options->seed,
                        .dequantize = options->dequantize};
    self->first_step = self->edge == TRAINED_EDGE_MODEL ? 1 : self->methods->first_step;
    diffusion_status status = parameterization_check(&model->options, schedule);
    if (status == DIFFUSION_OK)
        status = schedule_check_dim(schedule, "trainer", model->dim);
    if (status == DIFFUSION_OK)
        status = model_check_schedule(model, schedule->steps);
    if (status == DIFFUSION_OK && model->options.variance == VARIANCE_RAW)
        status = error_set(DIFFUSION_E_SPEC, "trainer: variance=learned_raw is of models trained elsewhere, as nothing "
                                             "holds it above 0; use learned_range");
    if (status == DIFFUSION_OK && schedule->steps < self->first_step)
        status = error_set(DIFFUSION_E_SPEC, "trainer: objective=%s needs a schedule of at least %d steps",
                           self->methods->name, (int)self->first_step);
    if (status == DIFFUSION_OK && self->methods->check != NULL)
        status = self->methods->check(self);
    if (status == DIFFUSION_OK && options->dequantize > 0.0)
        status = schedule_check_additive(schedule, "trainer", "dequantize");
    if (status != DIFFUSION_OK)
        return status;
    self->steps = reverse_steps(&model->options, schedule);
    return self->steps != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

void objective_close(objective *self)
{
    memory_release(self->steps);
    self->steps = NULL;
}

/* ---- scratch ---- */

enum { ROWS = 9 /* of [dim] doubles */, LINES = 16 /* doubles: threads' scratch shares no pair of cache lines */ };

size_t objective_scratch_size(const objective *self)
{
    return size_round_up(ROWS * self->model->dim + 2 * self->model->outputs, LINES);
}

static objective_row row_at(const objective *self, int32_t t, double *scratch)
{
    const size_t dim = self->model->dim;
    double *output = scratch + ROWS * dim;
    return (objective_row){.at = &self->steps[t],
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

static int32_t draw_step(const objective *self, uint64_t step, uint64_t index)
{
    int32_t first = self->first_step;
    uint64_t count = (uint64_t)(self->schedule->steps - first + 1);
    return first + (int32_t)rng_below(count, (rng_stream){self->seed, RNG_TIME, step, index});
}

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
static void draw_state(const objective *self, double *to, const double *from, double *noise, int32_t s, int32_t t,
                       const rng_stream *stream)
{
    const kernel *of = &self->schedule->kernel;
    const noise_level *levels = self->schedule->levels;
    of->methods->noise(noise, self->model->dim, *stream);
    of->methods->diffuse(of, to, &levels[s], &levels[t], from, noise, self->model->dim);
}

/* A pair's x_{t-1} comes first, rounded as the loss will read it. */
void objective_draw(const objective *self, objective_sample *sample, uint64_t step, uint64_t index, double *scratch)
{
    const size_t dim = self->model->dim;
    const int pairs = self->methods->pairs;
    double *x = scratch, *noise = scratch + dim;
    rng_stream stream = {self->seed, RNG_NOISE, step, index};
    sample->t = draw_step(self, step, index);
    draw_data(self, sample, step, index, noise);
    precision_widen(x, sample->x0, dim);
    if (pairs) {
        if (sample->t > 1)
            draw_state(self, x, x, noise, 0, sample->t - 1, &stream);
        precision_narrow(sample->aside, x, dim);
        precision_widen(x, sample->aside, dim);
        stream.purpose = RNG_PAIR;
    }
    draw_state(self, x, x, noise, pairs ? sample->t - 1 : 0, sample->t, &stream);
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
    const objective_row row = row_at(self, sample->t, scratch);
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
        row->doutput[j] = 2.0 * error;
    }
    return sum;
}

double objective_divergence(const objective *self, const objective_row *row)
{
    const reverse_step *at = row->at;
    const kernel_class *methods = self->schedule->kernel.methods;
    reverse_step_law(at, row->p, row->xt, row->output, row->dim, NULL);
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
