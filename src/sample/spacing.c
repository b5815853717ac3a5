/* Which levels a chain visits: by time, by level, or as they are listed. */
#include "sample/plan.h"

#include "base/error.h"
#include "math/beta_quantile.h"

#include <math.h>

int plan_is_by_level(const plan_options *options)
{
    return options->spacing >= SPACING_KARRAS && options->list.count == 0;
}

int plan_asks_model(const plan_options *options)
{
    return options->spacing == SPACING_OPTIMAL && options->list.count == 0;
}

/* ---- how many ---- */

/* Steps whose half log SNR is below lambda_min are not visited. */
static int32_t last_visible(const struct diffusion_schedule *schedule, const plan_options *options)
{
    int32_t last = schedule->steps;
    while (last > 1 && options->lambda_min < 0.0 && 0.5 * schedule->levels[last].log_snr < options->lambda_min)
        last--;
    return last;
}

plan_layout plan_lay_out(const struct diffusion_schedule *schedule, const plan_options *options)
{
    const int32_t total = last_visible(schedule, options);
    int32_t steps = options->steps > 0 ? (int32_t)options->steps : schedule->steps;
    const double stride = (double)schedule->steps / (double)steps;
    if (options->list.count > 0)
        steps = (int32_t)options->list.count;
    else if (options->spacing == SPACING_TRAILING && total < schedule->steps) /* those above 0 */
        steps = (int32_t)ceil(total / stride);
    return (plan_layout){schedule, options, total, steps, stride};
}

/* ---- by time ---- */

static int is_whole(const plan_layout *of)
{
    const plan_options *options = of->options;
    return of->total == of->schedule->steps && of->steps == of->total && options->steps_offset == 0 &&
           !options->drop_lowest && options->list.count == 0 && !plan_is_by_level(options);
}

/* Halves go to the even number, as numpy's round() has them, on the peer's numbers: they count from 0. */
static double rounded(const plan_layout *of, double from_zero)
{
    return of->options->times == TIMES_WHOLE ? nearbyint(from_zero) : from_zero;
}

/* Value `index` of numpy.arange(total, 0, -stride), which takes the difference of its first two values for the stride.
 */
static double arange_at(double total, double stride, int32_t index)
{
    const double second = total - stride;
    return index == 1 ? second : total + index * (second - total);
}

/* Of point index = 1.., the lowest first. */
static double time_at(const plan_layout *of, int32_t index)
{
    const plan_options *options = of->options;
    const int32_t points = of->steps + options->drop_lowest, at = index + options->drop_lowest;
    if (options->list.count > 0)
        return options->list.values[options->list.count - (size_t)index];
    if (options->spacing == SPACING_OPTIMAL)
        return options->optimal[index - 1];
    switch ((spacing_kind)options->spacing) {
    case SPACING_LINSPACE:
        return 1.0 + rounded(of, (at - 1) * ((double)(of->total - 1) / (points - 1)));
    case SPACING_LEADING:
        return 1.0 + (at - 1) * (of->total / points) + (double)options->steps_offset;
    default:
        return rounded(of, arange_at(of->total, of->stride, of->steps - index));
    }
}

/* A time between two whole steps has the ratio between theirs, as the peers have it. */
static noise_level level_at_time(const struct diffusion_schedule *schedule, double t)
{
    if (t == floor(t))
        return schedule->levels[(int32_t)t];
    const noise_level *below = &schedule->levels[(int32_t)t];
    const double low = level_ratio(below), ratio = low + (t - below->t) * (level_ratio(below + 1) - low);
    return isfinite(ratio) && low > 0.0 ? schedule_level_at(schedule, -2.0 * log(ratio)) : schedule_level(schedule, t);
}

static diffusion_status check_times(const plan_layout *of)
{
    const plan_options *options = of->options;
    const int64_t points = of->steps + options->drop_lowest;
    const long long offset = options->steps_offset;
    const long long last = 1 + (points - 1) * (of->total / points) + offset;
    if (options->spacing == SPACING_LEADING && last > of->total)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: steps_offset=%lld makes step %lld the chain's first, expected at most %d", offset,
                         last, (int)of->total);
    if (plan_asks_model(options) && options->optimal == NULL)
        return error_set(DIFFUSION_E_SPEC, "sampler: spacing=optimal is a model's own: expected steps_list= here");
    if (options->spacing == SPACING_LINSPACE && points == 1)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=1 with spacing=linspace would visit the step 1 alone, "
                                           "expected at least 2");
    return DIFFUSION_OK;
}

static diffusion_status check_list(const plan_layout *of)
{
    const plan_options *options = of->options;
    if (options->steps > 0)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps=%lld and steps_list=, expected one of them",
                         (long long)options->steps);
    if (options->drop_lowest || options->lambda_min < 0.0 || options->steps_offset > 0)
        return error_set(DIFFUSION_E_SPEC, "sampler: steps_list says which times are visited: expected no %s",
                         options->drop_lowest        ? "drop_lowest=yes"
                         : options->lambda_min < 0.0 ? "lambda_min"
                                                     : "steps_offset");
    for (size_t i = 0; i < options->list.count; i++)
        if (!(options->list.values[i] > 0.0 && options->list.values[i] <= (double)of->schedule->steps))
            return error_set(DIFFUSION_E_SPEC, "sampler: steps_list has %g, expected times above 0 and at most %d",
                             options->list.values[i], (int)of->schedule->steps);
    return DIFFUSION_OK;
}

/* Times that are listed, that are all, or that are laid out. */
static diffusion_status check_by_time(const plan_layout *of)
{
    const plan_options *options = of->options;
    const int ends_list = options->list.count > 0 && options->final == FINAL_SIGMA_MIN;
    if ((options->sigma_min > 0.0 && !ends_list) || options->sigma_max > 0.0)
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: sigma_min and sigma_max are of spacing=karras, exponential, polyexponential and "
                         "beta, sigma_min also of steps_list with final=sigma_min");
    if (options->list.count > 0)
        return check_list(of);
    return is_whole(of) ? DIFFUSION_OK : check_times(of);
}

static diffusion_status fill_by_time(noise_level *levels, const plan_layout *of)
{
    diffusion_status status = check_by_time(of);
    const int listed = of->options->list.count > 0;
    for (int32_t i = 1; i <= of->steps && status == DIFFUSION_OK; i++)
        levels[i] = listed ? schedule_level(of->schedule, time_at(of, i))
                           : level_at_time(of->schedule, is_whole(of) ? i : time_at(of, i));
    return status;
}

/* ---- by level ---- */

static double rho_of(const plan_options *options)
{
    return options->rho > 0.0 ? options->rho : options->spacing == SPACING_KARRAS ? 7.0 : 1.0;
}

/* Of point index = 0.. of `points`, from high down to low. */
static double ratio_at(const plan_layout *of, int32_t index, int32_t points, double low, double high)
{
    const double part = points > 1 ? (double)index / (points - 1) : 0.0, rho = rho_of(of->options);
    switch ((spacing_kind)of->options->spacing) {
    case SPACING_KARRAS: {
        const double power = 1.0 / rho, unit = isnormal(pow(high, power)) ? 1.0 : high, top = pow(high / unit, power);
        return unit * pow(top + part * (pow(low / unit, power) - top), rho);
    }
    case SPACING_POLYEXPONENTIAL:
        return exp(log(low) + pow(1.0 - part, rho) * (log(high) - log(low)));
    case SPACING_BETA:
        return low + beta_quantile(1.0 - part, 0.6, 0.6) * (high - low);
    default:
        return exp(log(high) + part * (log(low) - log(high)));
    }
}

static diffusion_status check_sigmas(const plan_layout *of, double low, double high)
{
    const double least = level_ratio(&of->schedule->levels[1]), most = level_ratio(&of->schedule->levels[of->total]);
    const double slack = 1.0 + 1e-9; /* the ends as a caller computed them */
    if (!isfinite(high))
        return error_set(DIFFUSION_E_SPEC,
                         "sampler: nothing of x_0 is left at step %d, expected sigma_max with this "
                         "spacing",
                         (int)of->schedule->steps);
    if (!(low < high) || low * slack < least || high > most * slack)
        return error_set(DIFFUSION_E_SPEC, "sampler: sigma_min=%g and sigma_max=%g, expected two within %s %g..%g", low,
                         high, of->total < of->schedule->steps ? "lambda_min's" : "the schedule's", least, most);
    return DIFFUSION_OK;
}

static diffusion_status fill_by_level(noise_level *levels, const plan_layout *of)
{
    const plan_options *options = of->options;
    const int32_t points = of->steps + options->drop_lowest;
    const double low = options->sigma_min > 0.0 ? options->sigma_min : level_ratio(&of->schedule->levels[1]);
    const double high = options->sigma_max > 0.0 ? options->sigma_max : level_ratio(&of->schedule->levels[of->total]);
    diffusion_status status = check_sigmas(of, low, high);
    for (int32_t i = 0; i < of->steps && status == DIFFUSION_OK; i++)
        levels[of->steps - i] = schedule_level_at(of->schedule, -2.0 * log(ratio_at(of, i, points, low, high)));
    return status;
}

diffusion_status plan_fill(noise_level *levels, const plan_layout *of)
{
    return plan_is_by_level(of->options) ? fill_by_level(levels, of) : fill_by_time(levels, of);
}
