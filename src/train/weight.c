#include "train/weight.h"

#include "base/error.h"

#include <math.h>

double weight_of_output(const weight_class *self, const weight_at *at)
{
    if (self->of_x0 == NULL)
        return 1.0;
    const double moves = at->step->x0_output;
    return self->of_x0(at) * moves * moves;
}

diffusion_status weight_check(const weight_class *self, const weight_at *of, const reverse_step *steps, int smooth)
{
    weight_at at = *of;
    for (int32_t t = 1; t <= of->schedule->steps; t++) {
        at.step = &steps[t];
        const double weight = weight_of_output(self, &at);
        const int may_be_0 = smooth && steps[t].from.signal == 0.0;
        if (!(weight > 0.0 || (weight == 0.0 && may_be_0)) || !isfinite(weight))
            return error_set(DIFFUSION_E_SPEC,
                             "trainer: weight=%s is %g at step %d of this schedule, expected a finite weight above 0",
                             self->name, weight, (int)t);
    }
    return DIFFUSION_OK;
}
