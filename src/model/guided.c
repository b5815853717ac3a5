#include "model/guided.h"

#include "base/threads.h"

#include <math.h>
#include <string.h>

void guided_memory_release(guided_memory *self)
{
    buffer *own[] = {&self->x, &self->time, &self->scale, &self->raw};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        buffer_release(own[i]);
}

static const double unlimited = 1e300; /* the default of `high`, below the ratio where nothing of x_0 is left */

static int acts_at(const guiding *self, double ratio)
{
    return self->scale != 1.0 && ratio >= self->low && fmin(ratio, unlimited) <= self->high;
}

static int acts(const guiding *self, const double *ratio, forward_input input)
{
    int any = 0;
    for (size_t i = 0; i < input.n && input.condition != NULL && !any; i++)
        any = acts_at(self, ratio[i]);
    return any;
}

/* Every row twice, the second time without its condition. */
static diffusion_status double_rows(guided_memory *room, const struct diffusion_model *model, const double *x,
                                    forward_input input, forward_input *twice, struct diffusion_condition **condition)
{
    const size_t dim = model->dim, n = input.n;
    double *xs = buffer_reserve(&room->x, 2 * n * dim, sizeof *xs);
    double *time = buffer_reserve(&room->time, 2 * n, sizeof *time);
    double *scale = buffer_reserve(&room->scale, 2 * n, sizeof *scale);
    if (xs == NULL || time == NULL || scale == NULL ||
        buffer_reserve(&room->raw, 2 * n * model->outputs, sizeof(double)) == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = condition_repeat(condition, input.condition, 2);
    for (size_t i = 0; i < 2 * n && status == DIFFUSION_OK; i++) {
        memcpy(xs + i * dim, x + i / 2 * dim, dim * sizeof *xs);
        time[i] = input.time[i / 2];
        scale[i] = input.scale != NULL ? input.scale[i / 2] : 1.0;
        if (i % 2 == 1)
            condition_clear_row(*condition, i);
    }
    *twice = (forward_input){time, *condition, 2 * n, input.scale != NULL ? scale : NULL};
    return status;
}

static double deviation(const double *values, size_t count)
{
    double mean = 0.0, square = 0.0;
    for (size_t j = 0; j < count; j++)
        mean += values[j] / (double)count;
    for (size_t j = 0; j < count; j++)
        square += (values[j] - mean) * (values[j] - mean);
    return sqrt(square);
}

typedef struct combine_job {
    const guiding *self;
    const double *twice, *ratio;
    double *raw;
    size_t dim, outputs;
} combine_job;

/* A learned variance, the second half of an output, is the condition's own. */
static void combine_row(void *context, size_t row, size_t slot)
{
    (void)slot;
    const combine_job *job = context;
    const double *with = job->twice + 2 * row * job->outputs, *without = with + job->outputs;
    double *out = job->raw + row * job->outputs, factor = 1.0;
    memcpy(out, with, job->outputs * sizeof *out);
    if (!acts_at(job->self, job->ratio[row]))
        return;
    for (size_t j = 0; j < job->dim; j++)
        out[j] = without[j] + job->self->scale * (with[j] - without[j]);
    const double spread = job->self->rescale > 0.0 ? deviation(out, job->dim) : 0.0;
    if (spread > 0.0)
        factor = 1.0 + job->self->rescale * (deviation(with, job->dim) / spread - 1.0);
    for (size_t j = 0; j < job->dim && factor != 1.0; j++)
        out[j] *= factor;
}

enum { VALUE_COST = 4 /* nanoseconds */ };

diffusion_status guided_forward(const guiding *self, guided_memory *room, const struct diffusion_model *model,
                                forward_memory *memory, double *raw, const double *x, const double *ratio,
                                forward_input input)
{
    if (!acts(self, ratio, input))
        return model_forward_double(model, memory, raw, x, input);
    struct diffusion_condition *condition = NULL;
    forward_input twice;
    diffusion_status status = double_rows(room, model, x, input, &twice, &condition);
    if (status == DIFFUSION_OK)
        status = model_forward_double(model, memory, room->raw.memory, room->x.memory, twice);
    condition_free(condition);
    if (status != DIFFUSION_OK)
        return status;
    combine_job job = {self, room->raw.memory, ratio, raw, model->dim, model->outputs};
    parallel_for(input.n, VALUE_COST * model->outputs, combine_row, &job);
    return DIFFUSION_OK;
}
