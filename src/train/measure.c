/* The loss of samples that are not trained on, by draws that stay the same. */
#include "base/error.h"
#include "model/forward.h"
#include "train/batch.h"

#include <math.h>

/* No step of training has this number, so none of its draws are a step's. */
static const uint64_t no_step = UINT64_MAX;

diffusion_status trainer_loss(struct diffusion_trainer *self, const float *x0,
                              const struct diffusion_condition *condition, size_t n, uint64_t first, double *loss)
{
    batch of;
    diffusion_status status = batch_open(&of, self, x0, condition, n);
    if (status == DIFFUSION_OK && !batch_reserve(&of))
        status = DIFFUSION_E_MEMORY;
    if (status != DIFFUSION_OK)
        return status;
    of.step = no_step;
    of.first = first;
    of.even = 1;
    batch_draw(&of);
    const struct diffusion_model *model = trainer_model(self);
    forward_memory memory = forward_memory_open(model);
    status = model_forward(model, &memory, self->out.memory, batch_input(&of),
                           (forward_input){self->time.memory, condition, n, NULL});
    forward_memory_close(&memory, model);
    if (status != DIFFUSION_OK)
        return status;
    double mean = batch_loss(&of);
    if (!isfinite(mean))
        return error_set(DIFFUSION_E_NONFINITE, "trainer: the loss of the samples measured is %g", mean);
    *loss = mean;
    return DIFFUSION_OK;
}
