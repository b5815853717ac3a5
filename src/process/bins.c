#include "process/bins.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

#define SQRT_HALF 0.70710678118654752440084436210485
#define LOG_SQRT_TWO_PI 0.91893853320467274178032973640562

const char bins_cdf_names[] = "normal|tanh";

diffusion_status bins_find_cdf(int32_t *out, const char *function, const char *name)
{
    *out = name != NULL && strcmp(name, "tanh") == 0 ? BINS_TANH : BINS_NORMAL;
    if (name == NULL || *out == BINS_TANH || strcmp(name, "normal") == 0)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_NAME, "%s: cdf='%.80s', expected normal or tanh", function, name);
}

double bins_half(bins of)
{
    return 1.0 / ((double)of.levels - 1.0);
}

diffusion_status bins_check_values(bins of, const char *function, const char *name, const float *values, size_t count)
{
    const double most = 1.0 + bins_half(of);
    for (size_t i = 0; i < count; i++)
        if (fabs((double)values[i]) > most)
            return error_set(DIFFUSION_E_ARGUMENT,
                             "%s: %s[%zu]=%g, expected -1..1 and half a bin more (edge=discretized)", function, name, i,
                             (double)values[i]);
    return DIFFUSION_OK;
}

/* A bin's ends in standard deviations from the mean: -INFINITY or INFINITY where it is open. */
typedef struct ends {
    double low, high, width;
} ends;

static double log_density(double z)
{
    return -0.5 * z * z - LOG_SQRT_TWO_PI;
}

/* ---- the normal distribution ---- */

/* log of the mass above z; far out by its asymptotic series (Abramowitz and Stegun, 26.2.12). */
static double log_above(double z)
{
    if (z < 20.0)
        return z < -1.0 ? log1p(-0.5 * erfc(-z * SQRT_HALF)) : log(0.5 * erfc(z * SQRT_HALF));
    const double y = 1.0 / (z * z);
    double series = 1.0;
    for (int k = 15; k >= 1; k -= 2)
        series = 1.0 - k * y * series;
    return isinf(z) ? -INFINITY : log_density(z) - log(z) + log(series);
}

/* Of a narrow bin about m: the density there, and the first terms of its integral's series in the width. */
static double log_narrow(double m, double width)
{
    const double m2 = m * m, w2 = width * width;
    const double more = w2 * ((m2 - 1.0) / 24.0 + w2 * (m2 * m2 - 6.0 * m2 + 3.0) / 1920.0);
    return log_density(m) + log(width) + log1p(more);
}

/* On the side where the masses beyond both ends are small, so that their difference keeps its digits. */
static double log_between(ends at)
{
    if (at.high < 0.0)
        at = (ends){-at.high, -at.low, at.width};
    if (!isinf(at.low) && !isinf(at.high) && at.width * (1.0 + fabs(at.low)) < 0.02)
        return log_narrow(0.5 * (at.low + at.high), at.width);
    if (at.low <= 0.0)
        return log(0.5 * (erf(at.high * SQRT_HALF) + erf(-at.low * SQRT_HALF)));
    const double above = log_above(at.low);
    return above + log1p(-exp(log_above(at.high) - above));
}

/* The density at an end times f, over the bin's mass. */
static double end_share(double z, double f, double log_mass)
{
    return !isinf(z) ? f * exp(log_density(z) - log_mass) : 0.0;
}

/* Whether the mean lies so far off on one side that a double cannot hold the square of it: nor then the logarithm. */
static int is_beyond(ends at)
{
    return (at.low > 0.0) == (at.high > 0.0) && fmin(fabs(at.low), fabs(at.high)) > 1e154;
}

static double normal_log_mass(ends at, double scale, bins_slope *slope)
{
    const double log_mass = is_beyond(at) ? -INFINITY : log_between(at);
    if (slope != NULL)
        *slope = (bins_slope){
            scale * (end_share(at.low, 1.0, log_mass) - end_share(at.high, 1.0, log_mass)),
            0.5 * (end_share(at.low, at.low, log_mass) - end_share(at.high, at.high, log_mass)),
        };
    return log_mass;
}

/* ---- its approximation, (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2: the logistic function of twice that ---- */

#define LOGISTIC_SCALE 1.5957691216057307117597842397375 /* 2 sqrt(2/pi) */
#define CUBIC 0.044715

static double argument(double z)
{
    return LOGISTIC_SCALE * (z + CUBIC * z * z * z);
}

static double argument_slope(double z)
{
    return LOGISTIC_SCALE * (1.0 + 3.0 * CUBIC * z * z);
}

/* log of the logistic function, from the side where nothing overflows. */
static double log_logistic(double of)
{
    return of >= 0.0 ? -log1p(exp(-of)) : of - log1p(exp(of));
}

static double logistic(double of)
{
    return 1.0 / (1.0 + exp(-of));
}

/* log(1 - exp(-gap)) for gap > 0. */
static double log_gap(double gap)
{
    return gap < 1.0 ? log(-expm1(-gap)) : log1p(-exp(-gap));
}

/* The mass between two points of the distribution function F is F(high) (1 - F(low)) (1 - exp(-gap)) with gap the
 * difference of their arguments: the small difference of two distribution functions never appears. */
static double tanh_log_mass(ends at, double scale, bins_slope *slope)
{
    const double least = log(1e-12);
    double log_mass = 0.0, by_low = 0.0, by_high = 0.0;
    if (!isinf(at.low) && !isinf(at.high)) {
        const double low = at.low, high = at.high;
        const double gap = LOGISTIC_SCALE * at.width * (1.0 + CUBIC * (high * high + high * low + low * low));
        const double falls = 1.0 / expm1(gap);
        log_mass = log_gap(gap);
        by_low -= falls * argument_slope(low);
        by_high += falls * argument_slope(high);
    }
    if (!isinf(at.high)) {
        log_mass += log_logistic(argument(at.high));
        by_high += logistic(-argument(at.high)) * argument_slope(at.high);
    }
    if (!isinf(at.low)) {
        log_mass += log_logistic(-argument(at.low));
        by_low -= logistic(argument(at.low)) * argument_slope(at.low);
    }
    const int cut = log_mass < least;
    if (slope != NULL) {
        const double low = !isinf(at.low) ? at.low : 0.0, high = !isinf(at.high) ? at.high : 0.0;
        *slope = cut ? (bins_slope){0.0, 0.0}
                     : (bins_slope){-scale * (by_low + by_high), -0.5 * (low * by_low + high * by_high)};
    }
    return cut ? least : log_mass; /* a NaN stays one */
}

double bins_log_mass(bins of, double x, double mean, double variance, bins_slope *slope)
{
    const double half = bins_half(of);
    const double scale = fmin(1.0 / sqrt(variance), 1e100); /* a variance of 0: all mass in the mean's bin */
    const ends at = {x > half - 1.0 ? scale * (x - mean - half) : -INFINITY,
                     x < 1.0 - half ? scale * (x - mean + half) : INFINITY, 2.0 * half * scale};
    return of.cdf == BINS_TANH ? tanh_log_mass(at, scale, slope) : normal_log_mass(at, scale, slope);
}
