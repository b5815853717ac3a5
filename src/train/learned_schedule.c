#include "train/learned_schedule.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "train/optimizer.h"

#include <math.h>
#include <string.h>

enum { ARRAYS = 9, SAVED = 3 };

/* The arrays in the order of their declaration, so that one loop serves them all. */
static void list_arrays(learned_schedule *self, double **arrays[ARRAYS])
{
    double **const all[ARRAYS] = {&self->value, &self->moment1,    &self->moment2,      &self->gradient,    &self->sum1,
                                  &self->sum2,  &self->next_value, &self->next_moment1, &self->next_moment2};
    memcpy(arrays, all, sizeof all);
}

/* ---- making one ---- */

static const learned_class *class_of(const trainer_options *options)
{
    static const learned_class *const classes[] = {&learned_betas, &learned_log_snr};
    return classes[options->learn_schedule - 1];
}

diffusion_status learned_schedule_open(learned_schedule *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule, const trainer_options *options)
{
    double **arrays[ARRAYS];
    const learned_class *methods = class_of(options);
    diffusion_status status = methods->check(model, schedule, options);
    if (status != DIFFUSION_OK)
        return status;
    *self = (learned_schedule){.methods = methods, .count = methods->count(schedule)};
    list_arrays(self, arrays);
    for (size_t i = 0; i < ARRAYS; i++) {
        *arrays[i] = memory_allocate(self->count, sizeof(double));
        if (*arrays[i] == NULL) {
            learned_schedule_close(self);
            return DIFFUSION_E_MEMORY;
        }
    }
    methods->begin(self->value, schedule);
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
    buffer *buffers[] = {&self->dx,          &self->ends.x,       &self->ends.out,
                         &self->ends.labels, &self->ends.vectors, &self->ends.row};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        buffer_release(buffers[i]);
}

int learned_schedule_is_open(const learned_schedule *self)
{
    return self->value != NULL;
}

/* ---- gradient ---- */

diffusion_status learned_schedule_gradient(learned_schedule *self, const struct diffusion_schedule *schedule,
                                           const learned_batch *batch, int64_t step)
{
    memset(self->gradient, 0, self->count * sizeof(double));
    self->methods->gradient(self, schedule, batch);
    for (size_t i = self->methods->first; i < self->count; i++)
        if (!isfinite(self->gradient[i]))
            return error_set(DIFFUSION_E_NONFINITE,
                             "trainer: the schedule's gradient at step %lld is not finite; the state of the step "
                             "before is kept",
                             (long long)step);
    return DIFFUSION_OK;
}

/* ---- step ---- */

diffusion_status learned_schedule_next(learned_schedule *self, const struct diffusion_schedule *schedule,
                                       const trainer_options *options, int64_t step, struct diffusion_schedule **out)
{
    trainer_options own = *options;
    own.optimizer = OPTIMIZER_ADAM;
    own.rate = options->schedule_rate;
    own.weight_decay = own.clip = 0.0;
    const size_t bytes = self->count * sizeof(double);
    const optimizer_step rule = optimizer_step_at(&own, step, 0.0);
    memcpy(self->next_value, self->value, bytes);
    memcpy(self->next_moment1, self->moment1, bytes);
    memcpy(self->next_moment2, self->moment2, bytes);
    optimizer_update_double(&rule, self->next_value, self->gradient, self->next_moment1, self->next_moment2, NULL,
                            self->count);
    if (self->methods->hold != NULL)
        self->methods->hold(self->next_value);
    const diffusion_status status = self->methods->schedule(out, schedule, self->next_value, self->count);
    if (status == DIFFUSION_OK || status == DIFFUSION_E_MEMORY)
        return status;
    return error_set(DIFFUSION_E_NONFINITE,
                     "trainer: step %lld would make a schedule whose steps take nothing or all of what is left; the "
                     "state of the step before is kept (a lower schedule_rate may help)",
                     (long long)step);
}

void learned_schedule_take(learned_schedule *self)
{
    const size_t bytes = self->count * sizeof(double);
    memcpy(self->value, self->next_value, bytes);
    memcpy(self->moment1, self->next_moment1, bytes);
    memcpy(self->moment2, self->next_moment2, bytes);
}

/* ---- checkpoint ---- */

size_t learned_schedule_size(const learned_schedule *self)
{
    return SAVED * (self->count - self->methods->first);
}

void learned_schedule_write(const learned_schedule *self, text_buffer *out)
{
    const double *saved[SAVED] = {self->value, self->moment1, self->moment2};
    for (size_t i = 0; i < SAVED; i++)
        for (size_t k = self->methods->first; k < self->count; k++)
            text_append_real(out, i > 0 || k > self->methods->first ? "," : "", saved[i][k]);
}

int learned_schedule_read(learned_schedule *self, const char *text)
{
    double *saved[SAVED] = {self->value, self->moment1, self->moment2};
    for (size_t i = 0; i < SAVED; i++)
        for (size_t k = self->methods->first; k < self->count; k++) {
            size_t length = strcspn(text, ",");
            if (!number_parse_real(&saved[i][k], text, length))
                return 0;
            text += length;
            if (*text == ',')
                text++;
            else if (i + 1 < SAVED || k + 1 < self->count)
                return 0;
        }
    return *text == '\0';
}
