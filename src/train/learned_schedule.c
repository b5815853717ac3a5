#include "train/learned_schedule.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "train/objective.h"
#include "train/optimizer.h"

#include <string.h>

enum { ARRAYS = 9, SAVED = 3 };

/* The arrays in the order of their declaration, so that one loop serves them all. */
static void list_arrays(learned_schedule *self, double **arrays[ARRAYS])
{
    double **const all[ARRAYS] = {&self->logit,      &self->moment1,      &self->moment2,
                                  &self->gradient,   &self->sums.by_beta, &self->sums.by_log,
                                  &self->next_logit, &self->next_moment1, &self->next_moment2};
    memcpy(arrays, all, sizeof all);
}

/* ---- making one ---- */

static diffusion_status check(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                              const trainer_options *options)
{
    diffusion_status status = beta_logits_check(schedule, "trainer");
    if (status != DIFFUSION_OK)
        return status;
    if (objective_class_at((size_t)options->objective) != &bound_objective)
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs objective=bound");
    if (parameterization_prediction(&model->options) != &perturbation_prediction ||
        strcmp(model_variance(model), "learned") != 0)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: learn_schedule=yes needs a model with predict=perturbation variance=learned");
    return DIFFUSION_OK;
}

diffusion_status learned_schedule_open(learned_schedule *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule, const trainer_options *options)
{
    double **arrays[ARRAYS];
    diffusion_status status = check(model, schedule, options);
    if (status != DIFFUSION_OK)
        return status;
    *self = (learned_schedule){.steps = schedule->steps};
    list_arrays(self, arrays);
    for (size_t i = 0; i < ARRAYS; i++) {
        *arrays[i] = memory_allocate((size_t)schedule->steps + 1, sizeof(double));
        if (*arrays[i] == NULL) {
            learned_schedule_close(self);
            return DIFFUSION_E_MEMORY;
        }
    }
    beta_logits_of(self->logit, schedule);
    return DIFFUSION_OK;
}

void learned_schedule_close(learned_schedule *self)
{
    double **arrays[ARRAYS];
    list_arrays(self, arrays);
    for (size_t i = 0; i < ARRAYS; i++) {
        memory_release(*arrays[i]);
        *arrays[i] = NULL;
    }
    buffer_release(&self->dx);
}

int learned_schedule_is_open(const learned_schedule *self)
{
    return self->logit != NULL;
}

/* ---- gradient ---- */

/* The trainer's loss weighs a sample's KL by the number of steps drawn / (n dim), and the prior's by 1 / (n dim); dx
 * has its weight already. Step 1 depends on beta_1 alone, which is fixed. */
void learned_schedule_gradient(learned_schedule *self, const struct diffusion_schedule *schedule,
                               const learned_batch *batch)
{
    const size_t bytes = ((size_t)self->steps + 1) * sizeof(double), dim = batch->dim;
    const double share = 1.0 / (double)(batch->n * dim);
    memset(self->sums.by_beta, 0, bytes);
    memset(self->sums.by_log, 0, bytes);
    memset(self->gradient, 0, bytes);
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->t[i] == 1.0)
            continue;
        const beta_sample sample = {.t = (int32_t)batch->t[i],
                                    .x0 = batch->x0 + i * dim,
                                    .noise = batch->noise + i * dim,
                                    .output = batch->out + 2 * i * dim,
                                    .dx = batch->dx + i * dim,
                                    .observed = batch->observed != NULL ? batch->observed + i * dim : NULL,
                                    .dim = dim,
                                    .weight = batch->weight * share};
        beta_gradient_add(&self->sums, schedule, &sample);
    }
    beta_gradient_add_prior(&self->sums, schedule, batch->x0, batch->observed, batch->n * dim, share);
    beta_gradient_finish(self->gradient, &self->sums, schedule);
}

/* ---- step ---- */

diffusion_status learned_schedule_next(learned_schedule *self, const struct diffusion_schedule *schedule,
                                       const trainer_options *options, int64_t step, struct diffusion_schedule **out)
{
    trainer_options own = *options;
    own.optimizer = OPTIMIZER_ADAM;
    own.rate = options->schedule_rate;
    own.weight_decay = own.clip = 0.0;
    const size_t count = (size_t)self->steps + 1, bytes = count * sizeof(double);
    const optimizer_step rule = optimizer_step_at(&own, step, 0.0);
    memcpy(self->next_logit, self->logit, bytes);
    memcpy(self->next_moment1, self->moment1, bytes);
    memcpy(self->next_moment2, self->moment2, bytes);
    optimizer_update_double(&rule, self->next_logit, self->gradient, self->next_moment1, self->next_moment2, NULL,
                            count);
    return beta_logits_schedule(out, schedule, self->next_logit);
}

void learned_schedule_take(learned_schedule *self)
{
    size_t bytes = ((size_t)self->steps + 1) * sizeof(double);
    memcpy(self->logit, self->next_logit, bytes);
    memcpy(self->moment1, self->next_moment1, bytes);
    memcpy(self->moment2, self->next_moment2, bytes);
}

/* ---- checkpoint ---- */

void learned_schedule_write(const learned_schedule *self, text_buffer *out)
{
    const double *saved[SAVED] = {self->logit, self->moment1, self->moment2};
    char number[NUMBER_SIZE];
    for (size_t i = 0; i < SAVED; i++)
        for (int32_t t = 2; t <= self->steps; t++) {
            number_format_real(number, saved[i][t]);
            text_append(out, "%s%s", i > 0 || t > 2 ? "," : "", number);
        }
}

int learned_schedule_read(learned_schedule *self, const char *text)
{
    double *saved[SAVED] = {self->logit, self->moment1, self->moment2};
    for (size_t i = 0; i < SAVED; i++)
        for (int32_t t = 2; t <= self->steps; t++) {
            size_t length = strcspn(text, ",");
            if (!number_parse_real(&saved[i][t], text, length))
                return 0;
            text += length;
            if (*text == ',')
                text++;
            else if (i + 1 < SAVED || t < self->steps)
                return 0;
        }
    return *text == '\0';
}
