#include "training/held_out.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 4, MEASURES = 50, EVERY_LEAST = 10 };

void held_out_begin(held_out *out, const training_job *job, int64_t steps, int64_t batch)
{
    const dataset *data = &job->held;
    *out = (held_out){.batch = (size_t)batch, .every = steps / MEASURES > EVERY_LEAST ? steps / MEASURES : EVERY_LEAST};
    if (data->count == 0)
        return;
    size_t most = multiply(BATCHES, (size_t)batch, "batch");
    out->count = data->count < most ? data->count : most;
    out->x0 = allocate(multiply(out->count, data->dim, "hold_out"), sizeof *out->x0);
    memcpy(out->x0, data->scaled, out->count * data->dim * sizeof *out->x0);
    for (size_t i = 0; i < out->count * data->dim && job->scale.columns > 1; i++)
        out->x0[i] += scaling_noise(&job->scale, i % data->dim, UINT64_MAX, i); /* of no step */
    if (training_uses_labels(job)) {
        data_uses_labels(data, diffusion_trainer_model(job->trainer), job->path);
        out->labels = data->labels;
    }
}

void held_out_release(held_out *of)
{
    free(of->x0);
}

static double loss_of(const held_out *of, diffusion_trainer *trainer, size_t first, size_t count)
{
    double loss;
    diffusion_condition *condition = condition_of(of->labels != NULL ? of->labels + first : NULL, count);
    size_t dim = diffusion_model_dim(diffusion_trainer_model(trainer));
    check(diffusion_trainer_loss(trainer, of->x0 + first * dim, condition, count, first, &loss));
    diffusion_condition_free(condition);
    return loss;
}

void held_out_measure(const held_out *of, diffusion_trainer *trainer, int64_t steps, curve *to, double *loss)
{
    int64_t step = diffusion_trainer_steps(trainer);
    double sum = 0;
    *loss = NAN;
    if (of->count == 0 || (step % of->every != 0 && step != steps))
        return;
    for (size_t first = 0; first < of->count; first += of->batch) {
        size_t count = of->count - first < of->batch ? of->count - first : of->batch;
        sum += (double)count * loss_of(of, trainer, first, count);
    }
    *loss = sum / (double)of->count;
    curve_add_held(to, step, *loss);
}
