#include "train/learned_schedule.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "train/optimizer.h"
#include "train/schedule_gradient.h"

#include <math.h>
#include <string.h>

enum { ARRAYS = 9, SAVED = 3 };

/* The arrays in the order of their declaration, so that one loop serves them all. */
static void list_arrays(learned_schedule *self, double **arrays[ARRAYS])
{
    double **const all[ARRAYS] = {&self->logit,      &self->moment1,      &self->moment2,
                                  &self->gradient,   &self->by_beta,      &self->by_log,
                                  &self->next_logit, &self->next_moment1, &self->next_moment2};
    memcpy(arrays, all, sizeof all);
}

/* ---- making one ---- */

static diffusion_status check(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                              const trainer_options *options)
{
    if (schedule->kernel != KERNEL_GAUSSIAN)
        return error_set(DIFFUSION_E_KERNEL, "trainer: learn_schedule=yes needs the Gaussian kernel");
    if (options->objective != OBJECTIVE_BOUND)
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs objective=bound");
    if (model->options.predict != PREDICT_MEAN || model->options.variance != VARIANCE_LEARNED)
        return error_set(DIFFUSION_E_SPEC,
                         "trainer: learn_schedule=yes needs a model with predict=mean variance=learned");
    if (!model->network->gives_dx)
        return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs a network that gives the gradient at its "
                                           "input: mlp or rbf");
    for (int32_t t = 1; t <= schedule->steps; t++)
        if (!(schedule->beta[t] < 1.0))
            return error_set(DIFFUSION_E_SPEC, "trainer: learn_schedule=yes needs betas below 1, but beta_%d is 1",
                             (int)t);
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
    for (int32_t t = 1; t <= schedule->steps; t++)
        self->logit[t] = log(schedule->beta[t]) - log1p(-schedule->beta[t]);
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

/* The trainer's loss weighs a sample's KL by (T - 1) / (n dim); dx has that weight already. */
static void add_sample(learned_schedule *self, const struct diffusion_schedule *schedule, const learned_batch *batch,
                       size_t i)
{
    const int32_t t = batch->t[i];
    const double weight = ((double)self->steps - 1.0) / (double)(batch->n * batch->dim);
    const schedule_point point = schedule_point_at(schedule->beta[t], schedule->log_alpha_bar[t - 1]);
    double by_beta = 0.0, by_log = 0.0;
    for (size_t j = 0; j < batch->dim; j++) {
        size_t at = i * batch->dim + j, out = 2 * i * batch->dim + j;
        schedule_component component = {(double)batch->x0[at], (double)batch->noise[at], (double)batch->out[out],
                                        (double)batch->out[out + batch->dim], (double)batch->dx[at] / weight};
        schedule_gradient_add(&point, component, &by_beta, &by_log);
    }
    self->by_beta[t] += weight * by_beta;
    self->by_log[t - 1] += weight * by_log;
}

static void add_prior(learned_schedule *self, const struct diffusion_schedule *schedule, const learned_batch *batch)
{
    double sum = 0.0;
    for (size_t i = 0; i < batch->n * batch->dim; i++)
        sum += schedule_prior_gradient(schedule->log_alpha_bar[self->steps], (double)batch->x0[i]);
    self->by_log[self->steps] += sum / (double)(batch->n * batch->dim);
}

void learned_schedule_gradient(learned_schedule *self, const struct diffusion_schedule *schedule,
                               const learned_batch *batch)
{
    size_t bytes = ((size_t)self->steps + 1) * sizeof(double);
    memset(self->by_beta, 0, bytes);
    memset(self->by_log, 0, bytes);
    memset(self->gradient, 0, bytes);
    for (size_t i = 0; i < batch->n; i++)
        add_sample(self, schedule, batch, i);
    add_prior(self, schedule, batch);
    /* log alpha_bar_s holds log(1 - beta_t) for every s >= t; beta = sigmoid(logit). */
    double beyond = 0.0;
    for (int32_t t = self->steps; t >= 2; t--) {
        double beta = schedule->beta[t];
        beyond += self->by_log[t];
        self->gradient[t] = (self->by_beta[t] - beyond / (1.0 - beta)) * beta * (1.0 - beta);
    }
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
    double *betas = memory_allocate((size_t)self->steps, sizeof *betas);
    if (betas == NULL)
        return DIFFUSION_E_MEMORY;
    betas[0] = schedule->beta[1];
    for (int32_t t = 2; t <= self->steps; t++)
        betas[t - 1] = 1.0 / (1.0 + exp(-self->next_logit[t]));
    diffusion_status status = schedule_create_from_betas(out, betas, self->steps, NULL);
    memory_release(betas);
    return status;
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
