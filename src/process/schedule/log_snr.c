/* The log SNR falls from t = 1 to T, variance preserving: a straight line, or one through parts of other slopes. */
#include "process/schedule/log_snr.h"

#include "base/error.h"
#include "base/size.h"

#include <math.h>

SPEC_OWN(log_snr_options);

static const spec_key keys[] = {
    CURVE_STEPS_KEY,
    {"maximum", SPEC_REAL, offsetof(log_snr_options, maximum), "13.3", -700, 700, NULL,
     "log SNR at t = 1, natural logarithm of alpha_bar / (1 - alpha_bar)"},
    {"minimum", SPEC_REAL, offsetof(log_snr_options, minimum), "-5", -700, 700, NULL, "log SNR at t = T"},
    {"shares", SPEC_REALS, offsetof(log_snr_options, shares), "", LOG_SNR_SHARE_MIN, 1e6, NULL,
     "of the time from 1 to T, to their sum, in which the log SNR falls through the first, second, … of as many equal "
     "parts, such as 1,2,1 (default all alike; what learn_schedule=log_snr learns)"},
};

static diffusion_status settle(void *chosen)
{
    const log_snr_options *options = chosen;
    if (options->minimum >= options->maximum)
        return error_set(DIFFUSION_E_SPEC, "schedule: minimum=%g, expected less than maximum=%g", options->minimum,
                         options->maximum);
    if (options->shares.count > LOG_SNR_SHARES)
        return error_set(DIFFUSION_E_SPEC, "schedule: shares= has %zu numbers, expected %d at most",
                         options->shares.count, (int)LOG_SNR_SHARES);
    if (options->shares.count > 0 && options->common.steps < 2)
        return error_set(DIFFUSION_E_SPEC, "schedule: shares= with steps=1, expected at least 2 steps");
    return DIFFUSION_OK;
}

/* ---- parts ---- */

static long double sum_of(const spec_reals *shares, size_t count)
{
    long double sum = 0.0L;
    for (size_t k = 0; k < count; k++)
        sum += (long double)shares->values[k];
    return sum;
}

/* A part, and how much of the shares lies within it. */
typedef struct place {
    size_t part;
    long double within;
} place;

static place place_at(const spec_reals *shares, long double part)
{
    place at = {0, part * sum_of(shares, shares->count)};
    while (at.part + 1 < shares->count && at.within >= (long double)shares->values[at.part])
        at.within -= (long double)shares->values[at.part++];
    return at;
}

size_t log_snr_part_at(const spec_reals *shares, double part)
{
    return place_at(shares, (long double)part).part;
}

/* How much of its way the log SNR has fallen after `part` of the time, and the other way round. Both ends come out
 * exactly. */
static long double fallen_after(const spec_reals *shares, long double part)
{
    if (shares->count == 0 || part >= 1.0L)
        return part;
    const place at = place_at(shares, part);
    const long double of_part = fminl(at.within / (long double)shares->values[at.part], 1.0L);
    return ((long double)at.part + of_part) / (long double)shares->count;
}

static double part_after(const spec_reals *shares, double fallen)
{
    const double parts = fallen * (double)shares->count;
    if (shares->count == 0 || fallen >= 1.0)
        return fallen;
    const size_t part = size_lesser((size_t)fmax(parts, 0.0), shares->count - 1);
    const long double within = ((long double)parts - (long double)part) * (long double)shares->values[part];
    return (double)((sum_of(shares, part) + within) / sum_of(shares, shares->count));
}

/* ---- the curve ---- */

/* What falls from one step to the next where all do alike; a single step goes to the minimum at once. */
static double fall(const log_snr_options *options)
{
    return (options->minimum - options->maximum) / (double)(options->common.steps - 1);
}

/* How many times that it falls at t. */
static double steepness(const log_snr_options *options, double t)
{
    const spec_reals *shares = &options->shares;
    if (shares->count == 0)
        return 1.0;
    const size_t part = log_snr_part_at(shares, (t - 1.0) / (double)(options->common.steps - 1));
    return (double)(sum_of(shares, shares->count) / (long double)((double)shares->count * shares->values[part]));
}

static noise_level first_level(const log_snr_options *options, double t)
{
    return level_from_log_snr(t, (long double)(options->common.steps > 1 ? options->maximum : options->minimum));
}

/* Between the data and the first step log signal^2 is linear in t, as between betas. */
static noise_level level(const void *chosen, double t)
{
    const log_snr_options *options = chosen;
    const int64_t steps = options->common.steps;
    if (t < 1.0) {
        const noise_level first = first_level(options, 1.0);
        return level_from_log_signal_square(t, (accurate_sum){t * level_log_signal_square(&first), 0.0});
    }
    if (steps == 1)
        return first_level(options, t);
    const long double weight = fallen_after(&options->shares, ((long double)t - 1.0L) / (long double)(steps - 1));
    return level_from_log_snr(t,
                              (long double)options->maximum * (1.0L - weight) + (long double)options->minimum * weight);
}

static level_slope slope(const void *chosen, const noise_level *at)
{
    const log_snr_options *options = chosen;
    const noise_level first = first_level(options, 1.0);
    if (at->t < 1.0 || options->common.steps == 1)
        return level_slope_preserving(at, level_log_signal_square(&first));
    return level_slope_preserving(at, at->sigma * at->sigma * fall(options) * steepness(options, at->t));
}

static double time(const void *chosen, double log_snr)
{
    const log_snr_options *options = chosen;
    noise_level first = first_level(options, 1.0), at = level_from_log_snr(0.0, (long double)log_snr);
    if (log_snr > first.log_snr)
        return level_log_signal_square(&at) / level_log_signal_square(&first);
    if (options->common.steps == 1)
        return 1.0;
    if (options->shares.count == 0)
        return 1.0 + (log_snr - options->maximum) / fall(options);
    const double fallen = (options->maximum - log_snr) / (options->maximum - options->minimum);
    return 1.0 + part_after(&options->shares, fallen) * (double)(options->common.steps - 1);
}

const curve log_snr_curve = {
    .spec = {"log_snr", "the log SNR falls in equal steps, variance preserving", keys, SPEC_COUNT(keys)},
    .settle = settle,
    .level = level,
    .slope = slope,
    .time = time,
};
