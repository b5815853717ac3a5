#include "sample/path.h"

#include <math.h>

/* What half of log(1 + sigma^2) is at time u: of the curve vp, -log signal. */
static double vp_lost(const path_options *options, double u)
{
    return 0.5 * u * (options->beta_min + 0.5 * (options->beta_max - options->beta_min) * u);
}

/* The root of a quadratic, on the side where nothing cancels. A path whose ends were chosen may begin with a beta below
 * 0, and then comes to the data at 0 all the same. */
static double vp_time(const path_options *options, double ratio)
{
    const double lost = log1p(ratio * ratio), low = options->beta_min, rise = options->beta_max - low;
    const double root = sqrt(low * low + 2.0 * rise * lost);
    if (lost == 0.0)
        return 0.0;
    return low < 0.0 ? (root - low) / rise : 2.0 * lost / (low + root);
}

static double time_of(const path_options *options, double ratio)
{
    switch ((path_kind)options->kind) {
    case PATH_FLOW:
        return ratio / (1.0 + ratio);
    case PATH_VARIANCE:
        return ratio * ratio;
    case PATH_VP:
        return vp_time(options, ratio);
    case PATH_SIGMA:
        break;
    }
    return ratio;
}

double path_ratio(const path_options *options, double time)
{
    switch ((path_kind)options->kind) {
    case PATH_FLOW:
        return time / (1.0 - time);
    case PATH_VARIANCE:
        return sqrt(time);
    case PATH_VP:
        return sqrt(expm1(2.0 * vp_lost(options, time)));
    case PATH_SIGMA:
        break;
    }
    return time;
}

/* d ratio / d time. */
static double speed_of(const path_options *options, double ratio, double time)
{
    switch ((path_kind)options->kind) {
    case PATH_FLOW:
        return (1.0 + ratio) * (1.0 + ratio);
    case PATH_VARIANCE:
        return 0.5 / ratio;
    case PATH_VP:
        return 0.5 * (options->beta_min + (options->beta_max - options->beta_min) * time) * (ratio + 1.0 / ratio);
    case PATH_SIGMA:
        break;
    }
    return 1.0;
}

static path_scaling scaling_of(const path_options *options)
{
    if (options->scaling != SCALING_OWN)
        return (path_scaling)options->scaling;
    return options->kind == PATH_VP ? SCALING_VP : SCALING_NONE;
}

static int is_flow(const path_options *options)
{
    return options->kind == PATH_FLOW && options->scaling == SCALING_OWN;
}

/* Of a flow nothing is divided by the signal, which may be 0. */
path_place path_place_of(const path_options *options, const noise_level *at)
{
    if (is_flow(options))
        return (path_place){at->signal + at->sigma, at->sigma / (at->signal + at->sigma), -1.0, 1.0};
    const double ratio = at->sigma / at->signal, time = time_of(options, ratio);
    const double speed = speed_of(options, ratio, time);
    if (scaling_of(options) == SCALING_NONE)
        return (path_place){at->signal, time, 0.0, speed};
    const double s = 1.0 / sqrt(1.0 + ratio * ratio), cube = s * s * s;
    return (path_place){at->signal / s, time, -ratio * cube * speed, cube * speed};
}

int path_divides(const path_options *options)
{
    return !is_flow(options);
}

int path_is_straight(const path_options *options)
{
    return is_flow(options) || (options->kind == PATH_SIGMA && scaling_of(options) == SCALING_NONE);
}
