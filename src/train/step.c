/* One step: draw, forward, loss, backward, update. Each stage is parallel over samples, tiles or chunks of weights. */
#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "base/threads.h"
#include "base/vector.h"
#include "math/blas.h"
#include "train/batch.h"
#include "train/schedule_ends.h"

#include <math.h>

enum { CHUNK = 16 * 1024 /* weights of a task */, SUMS = 32 /* of squares, side by side */ };

static size_t chunk_count(const struct diffusion_trainer *self)
{
    return size_divide_up(model_size(self->model), CHUNK);
}

static int reads_dx(const struct diffusion_trainer *self)
{
    return learned_schedule_is_open(&self->learned) && self->learned.methods->by_x;
}

static diffusion_status reserve(const batch *of)
{
    struct diffusion_trainer *self = of->self;
    const struct diffusion_model *model = self->model;
    const network_class *methods = model->network->methods;
    const size_t n = of->n, values = model->dim * sizeof(float);
    diffusion_status status = blas_ready();
    if (status != DIFFUSION_OK)
        return status;
    int complete = batch_reserve(of) &&
                   buffer_reserve(&self->tape, methods->tape_size(model->network, n), sizeof(float)) != NULL &&
                   buffer_reserve(&self->scratch, methods->training_scratch_size(model->network, n, threads_count()),
                                  sizeof(float)) != NULL &&
                   (!reads_dx(self) || buffer_reserve(&self->learned.dx, n, values) != NULL) &&
                   buffer_reserve(&self->sums, chunk_count(self), sizeof(double)) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

/* ---- weights, by chunks ---- */

typedef struct chunk_job {
    struct diffusion_trainer *self;
    optimizer_step rule;
    double power[POWER_AVERAGES]; /* decays */
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

/* A chunk whose weights or moments the step would make infinite is counted in its sum. */
static void check_chunk(void *context, size_t task, size_t slot)
{
    (void)slot;
    const chunk_job *job = context;
    struct diffusion_trainer *self = job->self;
    size_t first = task * CHUNK, count = chunk_end(self, task) - first;
    int finite =
        optimizer_stays_finite(&job->rule, self->model->parameters + first, self->gradient + first,
                               self->moment1 + first, self->moment2 != NULL ? self->moment2 + first : NULL, count);
    ((double *)self->sums.memory)[task] = finite ? 0.0 : 1.0;
}

static diffusion_status check_update(struct diffusion_trainer *self, chunk_job *job, double norm)
{
    double overflowing = 0.0;
    if (optimizer_is_bounded(&job->rule, norm * job->rule.gradient_scale))
        return DIFFUSION_OK;
    parallel_for(chunk_count(self), CHUNK, check_chunk, job);
    for (size_t i = 0; i < chunk_count(self); i++)
        overflowing += ((const double *)self->sums.memory)[i];
    if (overflowing > 0.0)
        return error_set(DIFFUSION_E_NONFINITE,
                         "trainer: step %lld would make weights or moments that are not finite; the state of the step "
                         "before is kept (a lower rate may help)",
                         (long long)self->step);
    return DIFFUSION_OK;
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
    for (size_t i = 0; i < POWER_AVERAGES && self->power[i] != NULL; i++)
        optimizer_average(self->power[i] + first, self->model->parameters + first, job->power[i], count);
}

/* ---- the schedule, where it is learned ---- */

static diffusion_status schedule_gradient(struct diffusion_trainer *self, const batch *of, const int32_t *labels,
                                          const float *vectors)
{
    learned_batch learned = {.x0 = self->x0.memory,
                             .noise = self->aside.memory,
                             .out = self->out.memory,
                             .dx = self->learned.dx.memory,
                             .observed = of->observed,
                             .t = self->t.memory,
                             .loss = self->loss.memory,
                             .n = of->n,
                             .dim = self->model->dim,
                             .weight = (double)(self->schedule->steps - self->objective.first_step + 1)};
    diffusion_status status = DIFFUSION_OK;
    if (self->learned.methods->by_ends)
        status = schedule_ends_gradient(of, labels, vectors, learned.by_end);
    if (status == DIFFUSION_OK)
        status = learned_schedule_gradient(&self->learned, self->schedule, &learned, self->step);
    return status;
}

/* All that can fail comes first. */
static diffusion_status move_schedule(struct diffusion_trainer *self)
{
    struct diffusion_schedule *next = NULL;
    diffusion_status status = learned_schedule_next(&self->learned, self->schedule, &self->options, self->step, &next);
    reverse_step *steps = status == DIFFUSION_OK ? reverse_steps(&self->model->options, next) : NULL;
    if (status == DIFFUSION_OK)
        status = steps != NULL ? trainer_name_schedule(self, next) : DIFFUSION_E_MEMORY;
    if (status != DIFFUSION_OK) {
        memory_release(steps);
        schedule_release(next);
        return status;
    }
    learned_schedule_take(&self->learned);
    schedule_release(self->schedule);
    memory_release(self->objective.steps);
    self->schedule = self->objective.schedule = self->objective.times.schedule = next;
    self->objective.steps = steps;
    return DIFFUSION_OK;
}

/* ---- the step ---- */

diffusion_status trainer_gradient(struct diffusion_trainer *self, const float *x0,
                                  const struct diffusion_condition *condition, size_t n, double *loss, double *norm)
{
    const struct diffusion_model *model = self->model;
    const network_class *methods = model->network->methods;
    batch of;
    if (self->step >= TRAINER_STEPS_MAX)
        return error_set(DIFFUSION_E_STATE, "trainer: 10^15 steps have been taken, more than which are not counted");
    diffusion_status status = batch_open(&of, self, x0, condition, n);
    if (status == DIFFUSION_OK)
        status = reserve(&of);
    if (status != DIFFUSION_OK)
        return status;
    of.step = (uint64_t)self->step;
    const int32_t *labels;
    const float *vectors;
    status = batch_condition(&of, condition, &labels, &vectors);
    if (status != DIFFUSION_OK)
        return status;
    batch_draw(&of);
    network_batch input = {.x = batch_input(&of),
                           .time = self->time.memory,
                           .labels = labels,
                           .vectors = vectors,
                           .n = n,
                           .seed = self->options.seed,
                           .step = (uint64_t)self->step};
    methods->forward_keep(model->network, model->parameters, self->out.memory, input, self->tape.memory,
                          self->scratch.memory);
    double mean = batch_loss(&of);
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
    return learned_schedule_is_open(&self->learned) ? schedule_gradient(self, &of, labels, vectors) : DIFFUSION_OK;
}

diffusion_status trainer_step(struct diffusion_trainer *self, const float *x0,
                              const struct diffusion_condition *condition, size_t n, double *loss)
{
    double norm;
    diffusion_status status = trainer_gradient(self, x0, condition, n, loss, &norm);
    if (status != DIFFUSION_OK)
        return status;
    chunk_job job = {self, optimizer_step_at(&self->options, self->step, norm), {0}};
    for (size_t i = 0; i < POWER_AVERAGES && self->power[i] != NULL; i++)
        job.power[i] = power_decay(power_exponent(power_widths[i]), self->step + 1);
    status = check_update(self, &job, norm);
    if (status == DIFFUSION_OK && learned_schedule_is_open(&self->learned))
        status = move_schedule(self);
    if (status != DIFFUSION_OK)
        return status;
    parallel_for(chunk_count(self), CHUNK / 2, update_chunk, &job);
    model_changed(self->model);
    if (self->average != NULL)
        model_changed(self->average);
    if (loss_history_is_open(&self->objective.times.history))
        loss_history_add(&self->objective.times.history, self->t.memory, self->loss.memory, n);
    self->step++;
    return DIFFUSION_OK;
}
