#include "train/trainer.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"

/* ---- making one ---- */

diffusion_status trainer_check_options(const trainer_options *options)
{
    if (options->decay != DECAY_NONE && options->steps == 0)
        return error_set(DIFFUSION_E_SPEC, "trainer: decay=%s needs steps=, the planned length of the training",
                         options->decay == DECAY_LINEAR ? "linear" : "cosine");
    return DIFFUSION_OK;
}

static diffusion_status allocate(struct diffusion_trainer *self)
{
    size_t size = model_size(self->model);
    int moments = self->options.optimizer == OPTIMIZER_SGD ? 1 : 2;
    int complete = (self->spec = spec_format(trainer_grammar(), 0, &self->options)) != NULL &&
                   (self->gradient = memory_allocate(size, sizeof(float))) != NULL &&
                   (self->moment1 = memory_allocate(size, sizeof(float))) != NULL &&
                   (moments == 1 || (self->moment2 = memory_allocate(size, sizeof(float))) != NULL);
    for (size_t i = 0; i < POWER_AVERAGES && self->options.post_hoc_ema && complete; i++)
        complete = (self->power[i] = memory_allocate(size, sizeof(float))) != NULL;
    return complete ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

diffusion_status trainer_name_schedule(struct diffusion_trainer *self, const struct diffusion_schedule *schedule)
{
    diffusion_status status = DIFFUSION_OK;
    if (self->average != NULL)
        status = metadata_set(&self->average->metadata, "schedule", schedule->spec);
    if (status == DIFFUSION_OK) /* the caller's model last, as then nothing can fail */
        status = metadata_set(&self->model->metadata, "schedule", schedule->spec);
    return status;
}

static diffusion_status set_up(struct diffusion_trainer *self, struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec, spec_parse_fn *parse)
{
    diffusion_status status = parse(trainer_grammar(), spec, &self->options, NULL);
    if (status == DIFFUSION_OK && model->network == NULL)
        status = error_set(DIFFUSION_E_STATE, "trainer: a callback model cannot be trained by the library");
    if (status == DIFFUSION_OK)
        status = trainer_check_options(&self->options);
    if (status == DIFFUSION_OK && self->options.optimizer == OPTIMIZER_MUON && model->network->last_step > 0)
        status = error_set(DIFFUSION_E_SPEC, "trainer: optimizer=muon moves all of a matrix in each step, but the "
                                             "network has weights of each step's own; use adam or adamw");
    if (status == DIFFUSION_OK)
        status = objective_open(&self->objective, model, schedule, &self->options);
    if (status == DIFFUSION_OK && self->options.learn_schedule)
        status = learned_schedule_open(&self->learned, model, schedule, &self->options);
    if (status != DIFFUSION_OK)
        return status;
    self->model = (struct diffusion_model *)model_retain(model);
    self->schedule = schedule_retain(schedule);
    status = allocate(self);
    if (status == DIFFUSION_OK && self->options.ema > 0.0)
        status = model_copy(&self->average, model);
    return status == DIFFUSION_OK ? trainer_name_schedule(self, schedule) : status;
}

diffusion_status trainer_create(struct diffusion_trainer **out, struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec, spec_parse_fn *parse)
{
    struct diffusion_trainer *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = set_up(self, model, schedule, spec, parse);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        trainer_free(self);
    return status;
}

void trainer_free(struct diffusion_trainer *self)
{
    if (self == NULL)
        return;
    objective_close(&self->objective);
    learned_schedule_close(&self->learned);
    model_release(self->average);
    model_release(self->model);
    schedule_release(self->schedule);
    metadata_release(&self->texts);
    void *arrays[] = {self->spec, self->gradient, self->moment1, self->moment2, self->power[0], self->power[1]};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    buffer *buffers[] = {&self->x0,      &self->xt,   &self->read, &self->labels,    &self->vectors, &self->aside,
                         &self->out,     &self->dout, &self->loss, &self->t,         &self->time,    &self->tape,
                         &self->scratch, &self->rows, &self->sums, &self->directions};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buffer_release(buffers[i]);
    memory_release(self);
}

const struct diffusion_model *trainer_model(const struct diffusion_trainer *self)
{
    return self->average != NULL ? self->average : self->model;
}

/* ---- which samples ---- */

diffusion_status trainer_draw(const struct diffusion_trainer *self, int64_t count, size_t n, int64_t *indices)
{
    if (count < 1 || count > INT64_C(1) << 32)
        return error_set(DIFFUSION_E_ARGUMENT, "trainer_draw: count=%lld, expected 1..2^32", (long long)count);
    if (n < 1)
        return error_set(DIFFUSION_E_ARGUMENT, "trainer_draw: n=0, expected at least 1");
    diffusion_status status = array_check_size("trainer_draw", n, 1, sizeof *indices);
    if (status != DIFFUSION_OK)
        return status;
    /* Whole batches to an epoch; where a batch is larger than the data set, it is an epoch and wraps around. */
    uint64_t size = (uint64_t)count, per_epoch = size / n > 0 ? size / n : 1, step = (uint64_t)self->step;
    rng_stream stream = {self->options.seed, RNG_SHUFFLE, step / per_epoch, 0};
    for (size_t i = 0; i < n; i++)
        indices[i] = (int64_t)rng_permute((step % per_epoch * n + i) % size, size, stream);
    return DIFFUSION_OK;
}
