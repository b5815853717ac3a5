#include "coding/coder.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/predictor.h"

/* ---- making one ---- */

static diffusion_status check_pair(const struct diffusion_coder *self)
{
    predictor trial;
    diffusion_status status = predictor_open(&trial, self->model, self->schedule);
    if (status == DIFFUSION_OK)
        predictor_close(&trial);
    if (status == DIFFUSION_OK && self->options.steps > 0 && self->options.steps < self->schedule->steps)
        status = schedule_check_additive(self->schedule, "coder", "a chain of fewer steps");
    return status;
}

static diffusion_status set_up(struct diffusion_coder *self, const struct diffusion_model *model,
                               const struct diffusion_schedule *schedule, const char *spec)
{
    diffusion_status status = spec_parse(coder_grammar(), spec, &self->options, NULL);
    if (status != DIFFUSION_OK)
        return status;
    self->model = model_retain(model);
    self->schedule = schedule_retain(schedule);
    self->spec = spec_format(coder_grammar(), 0, &self->options);
    self->table = memory_allocate(1, sizeof *self->table);
    if (self->spec == NULL || self->table == NULL)
        return DIFFUSION_E_MEMORY;
    chance_table_fill(self->table);
    status = check_pair(self);
    return status == DIFFUSION_OK ? coding_chain_open(&self->chain, model, schedule, &self->options) : status;
}

diffusion_status coder_create(struct diffusion_coder **out, const struct diffusion_model *model,
                              const struct diffusion_schedule *schedule, const char *spec)
{
    struct diffusion_coder *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = set_up(self, model, schedule, spec);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        coder_free(self);
    return status;
}

void coder_free(struct diffusion_coder *self)
{
    if (self == NULL)
        return;
    coding_chain_close(&self->chain);
    stack_release(&self->content.stack);
    memory_release(self->table);
    memory_release(self->spec);
    model_release(self->model);
    schedule_release(self->schedule);
    memory_release(self);
}
