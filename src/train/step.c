/* One step: draw, forward, loss, backward, update. Each stage is parallel over samples, tiles or chunks of weights. */
#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "base/threads.h"
#include "base/vector.h"
#include "train/trainer.h"

#include <math.h>

enum {
    VALUE_COST = 20,   /* nanoseconds to draw or to judge one value */
    CHUNK = 16 * 1024, /* weights of a task */
    SUMS = 32          /* of squares, side by side */
};

/* ---- the batch ---- */

static diffusion_status check(const struct diffusion_trainer *self, const float *x0, const int32_t *labels, size_t n)
{
    if (n == 0)
        return error_set(DIFFUSION_E_ARGUMENT, "trainer: n=0, expected at least one sample");
    int bits = self->schedule->kernel == KERNEL_BINOMIAL;
    for (size_t i = 0; i < n * self->model->dim; i++) {
        if (!isfinite(x0[i]))
            return error_set(DIFFUSION_E_NONFINITE, "trainer: x0[%zu]=%g, expected a finite number", i, (double)x0[i]);
        if (bits && x0[i] != 0.0f && x0[i] != 1.0f)
            return error_set(DIFFUSION_E_ARGUMENT, "trainer: x0[%zu]=%g, expected 0 or 1 (binomial kernel)", i,
                             (double)x0[i]);
    }
    return model_check_labels(self->model, "trainer", labels, n);
}

static size_t chunk_count(const struct diffusion_trainer *self)
{
    return size_divide_up(model_size(self->model), CHUNK);
}

static diffusion_status reserve(struct diffusion_trainer *self, size_t n)
{
    const struct diffusion_model *model = self->model;
    const network_class *methods = model->network->methods;
    size_t threads = threads_count(), values = model->dim * sizeof(float), outputs = model->outputs * sizeof(float);
    int complete =
        buffer_reserve(&self->x0, n, values) != NULL && buffer_reserve(&self->xt, n, values) != NULL &&
        buffer_reserve(&self->aside, n, values) != NULL && buffer_reserve(&self->out, n, outputs) != NULL &&
        buffer_reserve(&self->dout, n, outputs) != NULL && buffer_reserve(&self->loss, n, sizeof(double)) != NULL &&
        buffer_reserve(&self->t, n, sizeof(int32_t)) != NULL &&
        buffer_reserve(&self->tape, methods->tape_size(model->network, n), sizeof(float)) != NULL &&
        buffer_reserve(&self->scratch, methods->training_scratch_size(model->network, n, threads), sizeof(float)) !=
            NULL &&
        (!learned_schedule_is_open(&self->learned) || buffer_reserve(&self->learned.dx, n, values) != NULL) &&
        buffer_reserve(&self->noise, threads, model->dim * sizeof(double)) != NULL &&
        buffer_reserve(&self->sums, chunk_count(self), sizeof(double)) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

/* ---- draw and loss, by rows ---- */

typedef struct row_job {
    struct diffusion_trainer *self;
    const float *data;
    size_t n;
} row_job;

static objective_sample sample_at(const row_job *job, size_t i)
{
    const struct diffusion_trainer *self = job->self;
    size_t at = i * self->model->dim, out = i * self->model->outputs;
    return (objective_sample){.data = job->data + at,
                              .x0 = (float *)self->x0.memory + at,
                              .xt = (float *)self->xt.memory + at,
                              .aside = (float *)self->aside.memory + at,
                              .out = (float *)self->out.memory + out,
                              .dout = (float *)self->dout.memory + out,
                              .t = ((int32_t *)self->t.memory)[i]};
}

static void draw_row(void *context, size_t row, size_t slot)
{
    const row_job *job = context;
    struct diffusion_trainer *self = job->self;
    double *noise = (double *)self->noise.memory + slot * self->model->dim;
    objective_sample sample = sample_at(job, row);
    objective_draw(&self->objective, &sample, (uint64_t)self->step, row, noise);
    ((int32_t *)self->t.memory)[row] = sample.t;
}

static void loss_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const row_job *job = context;
    objective_sample sample = sample_at(job, row);
    ((double *)job->self->loss.memory)[row] = objective_loss(&job->self->objective, &sample, 1.0 / (double)job->n);
}

static double mean_loss(const struct diffusion_trainer *self, size_t n)
{
    double sum = 0.0;
    const double *loss = self->loss.memory;
    for (size_t i = 0; i < n; i++)
        sum += loss[i];
    return sum / (double)n;
}

/* ---- weights, by chunks ---- */

typedef struct chunk_job {
    struct diffusion_trainer *self;
    optimizer_step rule;
} chunk_job;

static size_t chunk_end(const struct diffusion_trainer *self, size_t task)
{
    size_t end = (task + 1) * CHUNK, size = model_size(self->model);
    return size_lesser(end, size);
}

VECTOR_CLONES static double sum_squares(const float *values, size_t count)
{
    double sums[SUMS] = {0}; /* side by side, so that the loop vectorises */
    size_t i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (size_t j = 0; j < SUMS; j++)
            sums[j] += (double)values[i + j] * (double)values[i + j];
    for (; i < count; i++)
        sums[0] += (double)values[i] * (double)values[i];
    double sum = 0.0;
    for (size_t j = 0; j < SUMS; j++)
        sum += sums[j];
    return sum;
}

static void square_chunk(void *context, size_t task, size_t slot)
{
    (void)slot;
    const struct diffusion_trainer *self = context;
    size_t first = task * CHUNK;
    ((double *)self->sums.memory)[task] = sum_squares(self->gradient + first, chunk_end(self, task) - first);
}

static double gradient_norm(struct diffusion_trainer *self)
{
    double sum = 0.0;
    parallel_for(chunk_count(self), CHUNK / 8, square_chunk, self);
    for (size_t i = 0; i < chunk_count(self); i++)
        sum += ((const double *)self->sums.memory)[i];
    return sqrt(sum);
}

static void update_chunk(void *context, size_t task, size_t slot)
{
    (void)slot;
    const chunk_job *job = context;
    struct diffusion_trainer *self = job->self;
    size_t first = task * CHUNK, count = chunk_end(self, task) - first;
    optimizer_update(&job->rule, self->model->parameters + first, self->gradient + first, self->moment1 + first,
                     self->moment2 != NULL ? self->moment2 + first : NULL,
                     self->average != NULL ? self->average->parameters + first : NULL, count);
}

/* ---- the schedule, where it is learned ---- */

static diffusion_status schedule_gradient(struct diffusion_trainer *self, size_t n)
{
    learned_batch batch = {self->x0.memory,         self->aside.memory, self->out.memory,
                           self->learned.dx.memory, self->t.memory,     n,
                           self->model->dim};
    learned_schedule_gradient(&self->learned, self->schedule, &batch);
    for (int32_t t = 2; t <= self->learned.steps; t++)
        if (!isfinite(self->learned.gradient[t]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "trainer: the gradient of beta_%d at step %lld is not finite; the "
                             "state of the step before is kept",
                             (int)t, (long long)self->step);
    return DIFFUSION_OK;
}

/* All that can fail comes first. */
static diffusion_status move_schedule(struct diffusion_trainer *self)
{
    struct diffusion_schedule *next = NULL;
    diffusion_status status = learned_schedule_next(&self->learned, self->schedule, &self->options, self->step, &next);
    reading *readings = status == DIFFUSION_OK ? objective_readings(self->model, next) : NULL;
    if (status == DIFFUSION_OK)
        status = readings != NULL ? trainer_name_schedule(self, next) : DIFFUSION_E_MEMORY;
    if (status != DIFFUSION_OK) {
        memory_release(readings);
        schedule_release(next);
        return status;
    }
    learned_schedule_take(&self->learned);
    schedule_release(self->schedule);
    memory_release(self->objective.readings);
    self->schedule = self->objective.schedule = next;
    self->objective.readings = readings;
    return DIFFUSION_OK;
}

/* ---- the step ---- */

diffusion_status trainer_gradient(struct diffusion_trainer *self, const float *x0, const int32_t *labels, size_t n,
                                  double *loss, double *norm)
{
    const struct diffusion_model *model = self->model;
    const network_class *methods = model->network->methods;
    diffusion_status status = check(self, x0, labels, n);
    if (status == DIFFUSION_OK)
        status = reserve(self, n);
    if (status != DIFFUSION_OK)
        return status;
    row_job job = {self, x0, n};
    parallel_for(n, VALUE_COST * model->dim, draw_row, &job);
    network_batch batch = {self->xt.memory, self->t.memory, labels, n, self->options.seed, (uint64_t)self->step};
    methods->forward_keep(model->network, model->parameters, self->out.memory, batch, self->tape.memory,
                          self->scratch.memory);
    parallel_for(n, VALUE_COST * model->dim, loss_row, &job);
    double mean = mean_loss(self, n);
    if (!isfinite(mean))
        return error_set(DIFFUSION_E_NONFINITE,
                         "trainer: the loss of step %lld is %g; the state of the step before "
                         "is kept (a lower rate or clip= may help)",
                         (long long)self->step, mean);
    methods->backward(model->network, model->parameters, self->gradient, self->learned.dx.memory, self->dout.memory, n,
                      self->tape.memory, self->scratch.memory);
    *norm = gradient_norm(self);
    if (!isfinite(*norm))
        return error_set(DIFFUSION_E_NONFINITE,
                         "trainer: the gradient of step %lld is not finite; the state of the "
                         "step before is kept (a lower rate may help)",
                         (long long)self->step);
    *loss = mean;
    return learned_schedule_is_open(&self->learned) ? schedule_gradient(self, n) : DIFFUSION_OK;
}

diffusion_status trainer_step(struct diffusion_trainer *self, const float *x0, const int32_t *labels, size_t n,
                              double *loss)
{
    double norm;
    diffusion_status status = trainer_gradient(self, x0, labels, n, loss, &norm);
    if (status == DIFFUSION_OK && learned_schedule_is_open(&self->learned))
        status = move_schedule(self);
    if (status != DIFFUSION_OK)
        return status;
    chunk_job job = {self, optimizer_step_at(&self->options, self->step, norm)};
    parallel_for(chunk_count(self), CHUNK / 2, update_chunk, &job);
    model_changed(self->model);
    if (self->average != NULL)
        model_changed(self->average);
    self->step++;
    return DIFFUSION_OK;
}
