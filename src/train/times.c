#include "train/times.h"

#include "base/error.h"
#include "base/rng.h"
#include "math/normal_quantile.h"

#include <math.h>

diffusion_status times_open(trained_times *self, const struct diffusion_schedule *schedule,
                            const trainer_options *options, int32_t first)
{
    *self = (trained_times){.methods = times_class_at((size_t)options->times),
                            .schedule = schedule,
                            .options = options,
                            .first = first,
                            .last = schedule->steps,
                            .draws = options->time_draws,
                            .seed = options->seed};
    diffusion_status status = self->methods->settle != NULL ? self->methods->settle(self) : DIFFUSION_OK;
    self->options = NULL;
    if (status == DIFFUSION_OK && self->methods->by_losses)
        status = loss_history_open(&self->history, first, schedule->steps);
    return status;
}

void times_close(trained_times *self)
{
    loss_history_close(&self->history);
}

/* ---- draws ---- */

static double uniform_of(const trained_times *self, uint64_t step, uint64_t index)
{
    double u;
    rng_uniform(&u, 1, (rng_stream){self->seed, RNG_TIME, step, index});
    return u;
}

/* Multiples of the golden ratio, shifted by one number of the step: evenly spread, however many there are. */
static double spread(const trained_times *self, uint64_t step, uint64_t index)
{
    const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15); /* its fraction, of 2^64 */
    const double u = uniform_of(self, step, 0) + (double)((index * golden) >> 11) * 0x1p-53;
    return u < 1.0 ? u : fmax(u - 1.0, 0x1p-54);
}

static double draw(const trained_times *self, uint64_t step, uint64_t index)
{
    switch ((time_draws_kind)self->draws) {
    case TIME_DRAWS_ANTITHETIC: {
        const double u = uniform_of(self, step, index / 2);
        return index % 2 == 0 ? u : 1.0 - u;
    }
    case TIME_DRAWS_LOW_DISCREPANCY:
        return spread(self, step, index);
    case TIME_DRAWS_INDEPENDENT:
        break;
    }
    return uniform_of(self, step, index);
}

/* What law is drawn from while losses play no part. */
static const times_class *law_of(const trained_times *self, int even)
{
    return self->methods->by_losses && (even || !loss_history_is_full(&self->history)) ? times_class_at(0)
                                                                                       : self->methods;
}

double times_draw(const trained_times *self, uint64_t step, uint64_t index, int even)
{
    return law_of(self, even)->quantile(self, draw(self, step, index));
}

double times_weight(const trained_times *self, double t, int even)
{
    if (!law_of(self, even)->by_losses)
        return 1.0;
    return loss_history_weight(&self->history, (int32_t)t);
}

/* ---- normal laws ---- */

/* Where a tenth of it cannot be drawn, it is not the law that was asked for. */
diffusion_status normal_law_open(normal_law *self, const trained_times *of, double first, double last, const char *what)
{
    self->low = normal_chance((first - self->mean) / self->deviation);
    self->high = normal_chance((last - self->mean) / self->deviation);
    if (self->high - self->low >= 0.9)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_SPEC,
                     "trainer: times=%s: only %.3g %% of the normal law of mean %g and deviation %g lies between %.3g "
                     "and %.3g, %s at steps 1 and %d, expected at least 90 %%",
                     of->methods->name, 100.0 * (self->high - self->low), self->mean, self->deviation, first, last,
                     what, (int)of->last);
}

double normal_law_quantile(const normal_law *self, double u)
{
    return self->mean + self->deviation * normal_quantile(self->low + u * (self->high - self->low));
}
