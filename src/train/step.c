/* One step: draw, forward, loss, backward, update. Each stage is parallel over samples, tiles or pieces of weights. */
#include "base/error.h"
#include "base/memory.h"
#include "base/threads.h"
#include "math/blas.h"
#include "train/batch.h"
#include "train/schedule_ends.h"
#include "train/update.h"

#include <math.h>

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
                   (!reads_dx(self) || buffer_reserve(&self->learned.dx, n, values) != NULL) && update_reserve(self);
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
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
    *norm = update_norm(self);
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
    const weight_update update = update_of_step(self, norm);
    status = update_check(&update);
    if (status == DIFFUSION_OK && learned_schedule_is_open(&self->learned))
        status = move_schedule(self);
    if (status != DIFFUSION_OK)
        return status;
    update_weights(&update);
    model_changed(self->model);
    if (self->average != NULL)
        model_changed(self->average);
    if (loss_history_is_open(&self->objective.times.history))
        loss_history_add(&self->objective.times.history, self->t.memory, self->loss.memory, n);
    self->step++;
    return DIFFUSION_OK;
}
