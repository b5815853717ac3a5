#include "train/batch.h"

#include "base/array.h"
#include "base/error.h"
#include "base/rng.h"
#include "base/threads.h"

#include <string.h>

enum { VALUE_COST = 20 /* nanoseconds to draw or to judge one value */ };

/* A value that is not observed is not looked at. */
static diffusion_status check_values(const struct diffusion_trainer *self, const batch *of)
{
    const size_t count = of->n * self->model->dim;
    diffusion_status status = DIFFUSION_OK;
    if (of->observed == NULL)
        return objective_check_values(&self->objective, of->data, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (of->observed[i] != 0)
            status = objective_check_values(&self->objective, of->data + i, 1);
    return status;
}

diffusion_status batch_open(batch *out, struct diffusion_trainer *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n)
{
    if (n == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "trainer: n=0, expected at least one sample");
    *out = (batch){.self = self, .data = x0, .n = n, .observed = condition != NULL ? condition->observed : NULL};
    diffusion_status status = array_check_size("trainer", n, self->model->outputs, sizeof(double));
    if (status == DIFFUSION_OK)
        status = model_check_condition(self->model, "trainer", condition, n, OBSERVED_BY_LOSS);
    return status == DIFFUSION_OK ? check_values(self, out) : status;
}

static int scales_input(const struct diffusion_trainer *self)
{
    return parameterization_prediction(&self->model->options)->input_scale != NULL;
}

const float *batch_input(const batch *of)
{
    return scales_input(of->self) ? of->self->read.memory : of->self->xt.memory;
}

int batch_reserve(const batch *of)
{
    struct diffusion_trainer *self = of->self;
    const size_t n = of->n, values = self->model->dim * sizeof(float), outputs = self->model->outputs * sizeof(float);
    return buffer_reserve(&self->x0, n, values) != NULL && buffer_reserve(&self->xt, n, values) != NULL &&
           (!scales_input(self) || buffer_reserve(&self->read, n, values) != NULL) &&
           buffer_reserve(&self->aside, n, values) != NULL && buffer_reserve(&self->out, n, outputs) != NULL &&
           buffer_reserve(&self->dout, n, outputs) != NULL && buffer_reserve(&self->loss, n, sizeof(double)) != NULL &&
           buffer_reserve(&self->t, n, sizeof(double)) != NULL &&
           buffer_reserve(&self->time, n, sizeof(double)) != NULL &&
           buffer_reserve(&self->rows, threads_count(), objective_scratch_size(&self->objective) * sizeof(double)) !=
               NULL;
}

/* ---- draw and loss, by rows ---- */

static objective_sample sample_at(const batch *of, size_t i)
{
    const struct diffusion_trainer *self = of->self;
    size_t at = i * self->model->dim, out = i * self->model->outputs;
    return (objective_sample){.data = of->data + at,
                              .observed = of->observed != NULL ? of->observed + at : NULL,
                              .even = of->even,
                              .x0 = (float *)self->x0.memory + at,
                              .xt = (float *)self->xt.memory + at,
                              .aside = (float *)self->aside.memory + at,
                              .out = (float *)self->out.memory + out,
                              .dout = (float *)self->dout.memory + out,
                              .t = ((double *)self->t.memory)[i]};
}

static double *rows_of(const struct diffusion_trainer *self, size_t slot)
{
    return (double *)self->rows.memory + slot * objective_scratch_size(&self->objective);
}

/* What the network reads of x_t. */
static void scale_row(struct diffusion_trainer *self, const objective_sample *sample, size_t row)
{
    const float scale = (float)sample->input_scale;
    float *read = (float *)self->read.memory + row * self->model->dim;
    for (size_t j = 0; j < self->model->dim; j++)
        read[j] = scale * sample->xt[j];
}

static void draw_row(void *context, size_t row, size_t slot)
{
    const batch *of = context;
    struct diffusion_trainer *self = of->self;
    objective_sample sample = sample_at(of, row);
    objective_draw(&self->objective, &sample, of->step, of->first + row, rows_of(self, slot));
    ((double *)self->t.memory)[row] = sample.t;
    ((double *)self->time.memory)[row] = sample.time;
    if (scales_input(self))
        scale_row(self, &sample, row);
}

static int is_dropped(const batch *of, size_t row)
{
    double chance;
    rng_uniform(&chance, 1, (rng_stream){of->self->options.seed, RNG_CONDITION, of->step, of->first + row});
    return chance < of->self->options.condition_dropout;
}

static diffusion_status drop(const batch *of, const struct diffusion_condition *condition)
{
    const size_t width = condition->width;
    int32_t *labels = condition->labels != NULL ? buffer_reserve(&of->self->labels, of->n, sizeof *labels) : NULL;
    float *vectors =
        condition->vectors != NULL ? buffer_reserve(&of->self->vectors, of->n * width, sizeof *vectors) : NULL;
    if ((condition->labels != NULL && labels == NULL) || (condition->vectors != NULL && vectors == NULL))
        return DIFFUSION_E_MEMORY;
    struct diffusion_condition kept = {.n = of->n, .labels = labels, .vectors = vectors, .width = width};
    if (labels != NULL)
        memcpy(labels, condition->labels, of->n * sizeof *labels);
    if (vectors != NULL)
        memcpy(vectors, condition->vectors, of->n * width * sizeof *vectors);
    for (size_t i = 0; i < of->n; i++)
        if (is_dropped(of, i))
            condition_clear_row(&kept, i);
    return DIFFUSION_OK;
}

diffusion_status batch_condition(const batch *of, const struct diffusion_condition *condition, const int32_t **labels,
                                 const float **vectors)
{
    *labels = condition != NULL ? condition->labels : NULL;
    *vectors = condition != NULL ? condition->vectors : NULL;
    if (condition == NULL || of->self->options.condition_dropout == 0.0)
        return DIFFUSION_OK;
    diffusion_status status = drop(of, condition);
    *labels = *labels != NULL ? of->self->labels.memory : NULL;
    *vectors = *vectors != NULL ? of->self->vectors.memory : NULL;
    return status;
}

void batch_draw(batch *of)
{
    parallel_for(of->n, VALUE_COST * of->self->model->dim, draw_row, of);
}

static double share_of(const batch *of, double t)
{
    return times_weight(&of->self->objective.times, t, of->even) / (double)of->n;
}

static void loss_row(void *context, size_t row, size_t slot)
{
    const batch *of = context;
    struct diffusion_trainer *self = of->self;
    objective_sample sample = sample_at(of, row);
    ((double *)self->loss.memory)[row] =
        objective_loss(&self->objective, &sample, share_of(of, sample.t), rows_of(self, slot));
}

double batch_loss(batch *of)
{
    parallel_for(of->n, VALUE_COST * of->self->model->dim, loss_row, of);
    double sum = 0.0;
    const double *loss = of->self->loss.memory, *t = of->self->t.memory;
    for (size_t i = 0; i < of->n; i++)
        sum += times_weight(&of->self->objective.times, t[i], of->even) * loss[i];
    return sum / (double)of->n;
}
