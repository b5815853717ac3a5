#include "evaluate/elbo_times.h"

#include "base/memory.h"
#include "base/rng.h"
#include "base/sort.h"

#include <math.h>

enum { PILOT_PER_BIN = 8 }; /* draws that tell the root mean square of neighbouring steps */

/* The part of a chance that is spread evenly over the steps. It bounds the weight of what the pilot has not seen. */
static const double evenly_pilot = 0.3, evenly_drawn = 0.1;

/* For the pilot: no term counts as more than so many medians, lest a few samples unlike the others decide for all; and
 * so that the square is finite. */
static const double outlying = 10.0, largest = 1e140;

/* ---- chances ---- */

/* From chances in proportion to what stands in `chance`, a part of them even. */
static void settle(elbo_times *self, double evenly)
{
    const double even = 1.0 / (double)(self->last - 1);
    double sum = 0.0, up_to = 0.0;
    for (int32_t t = 2; t <= self->last; t++)
        sum += self->chance[t];
    for (int32_t t = 2; t <= self->last; t++) {
        self->chance[t] = evenly * even + (1.0 - evenly) * (sum > 0.0 ? self->chance[t] / sum : even);
        self->cumulative[t] = up_to += self->chance[t];
    }
}

/* How much of the data's variance is in x_{t-1}, and the part of its SNR that is lost in x_t. */
static double expected_kl(const noise_level *levels, int32_t t)
{
    const noise_level *above = &levels[t - 1];
    return level_lost(above, &levels[t]) * above->signal * above->signal / level_variance(above);
}

diffusion_status elbo_times_open(elbo_times *self, int64_t steps, int32_t draws, const noise_level *levels,
                                 int32_t last)
{
    *self = (elbo_times){.last = last, .draws = draws};
    if (steps == 0 || steps >= (int64_t)last - 1)
        return DIFFUSION_OK;
    self->strata = (size_t)steps;
    self->chance = memory_allocate((size_t)last + 1, sizeof *self->chance);
    self->cumulative = memory_allocate((size_t)last + 1, sizeof *self->cumulative);
    if (self->chance == NULL || self->cumulative == NULL)
        return DIFFUSION_E_MEMORY;
    for (int32_t t = 2; t <= last; t++)
        self->chance[t] = expected_kl(levels, t);
    settle(self, evenly_pilot);
    return DIFFUSION_OK;
}

void elbo_times_close(elbo_times *self)
{
    memory_release(self->chance);
    memory_release(self->cumulative);
    *self = (elbo_times){.last = 0};
}

/* ---- the pilot's terms ---- */

/* Steps of about equal chance in all, side by side, and the squares of term / chance met there. */
typedef struct bin {
    double squares;
    size_t count;
} bin;

static size_t bin_of(const elbo_times *self, size_t bins, int32_t t)
{
    const size_t at = (size_t)((self->cumulative[t] - 0.5 * self->chance[t]) * (double)bins);
    return at < bins ? at : bins - 1;
}

/* What is not a number counts as `largest`: draws must go where terms are not finite. */
static double ratio_of(const elbo_times *self, int32_t t, double nats)
{
    const double ratio = fabs(nats) / self->chance[t];
    return ratio < largest ? ratio : largest;
}

static int compare_ratios(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static diffusion_status find_limit(double *limit, const elbo_times *self, const int32_t *t, const double *nats,
                                   size_t count)
{
    double *ratios = memory_allocate(count, sizeof *ratios);
    if (ratios == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < count; i++)
        ratios[i] = ratio_of(self, t[i], nats[i]);
    sort_items(ratios, count, sizeof *ratios, compare_ratios);
    const double median = ratios[count / 2];
    *limit = median > 0.0 ? fmin(outlying * median, largest) : largest;
    memory_release(ratios);
    return DIFFUSION_OK;
}

static double root_mean_square(const bin *of)
{
    return of->count > 0 ? sqrt(of->squares / (double)of->count) : 0.0;
}

diffusion_status elbo_times_fit(elbo_times *self, const int32_t *t, const double *nats, size_t count)
{
    const size_t bins = count / PILOT_PER_BIN + 1;
    double limit;
    if (find_limit(&limit, self, t, nats, count) != DIFFUSION_OK)
        return DIFFUSION_E_MEMORY;
    bin all = {0}, *of = memory_allocate(bins, sizeof *of);
    if (of == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < count; i++) {
        bin *own = &of[bin_of(self, bins, t[i])];
        const double one = pow(fmin(ratio_of(self, t[i], nats[i]), limit), 2.0);
        own->squares += one;
        own->count++;
        all.squares += one;
        all.count++;
    }
    for (int32_t at = 2; at <= self->last; at++) {
        const bin *own = &of[bin_of(self, bins, at)];
        self->chance[at] *= root_mean_square(own->count > 0 ? own : &all);
    }
    settle(self, evenly_drawn);
    memory_release(of);
    return DIFFUSION_OK;
}

/* ---- draws ---- */

/* The least t with a cumulative chance of `at` or more. */
static int32_t find(const elbo_times *self, double at)
{
    int32_t low = 2, high = self->last;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (self->cumulative[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Multiples of the golden ratio: their fractions are spread evenly, however many there are. */
int32_t elbo_times_pilot(const elbo_times *self, size_t draw)
{
    const double turns = (double)draw * 0.61803398874989484820;
    return find(self, turns - floor(turns));
}

int32_t elbo_times_draw(const elbo_times *self, uint64_t seed, size_t draw, size_t stratum)
{
    const int second = self->draws == ELBO_TIMES_ANTITHETIC && stratum % 2 == 1;
    double uniform;
    rng_uniform(&uniform, 1, (rng_stream){seed, RNG_BOUND_TIME, second ? stratum - 1 : stratum, draw});
    if (self->draws == ELBO_TIMES_INDEPENDENT)
        return find(self, uniform);
    return find(self, ((double)stratum + (second ? 1.0 - uniform : uniform)) / (double)self->strata);
}

double elbo_times_weight(const elbo_times *self, int32_t t)
{
    return 1.0 / ((double)self->strata * self->chance[t]);
}
