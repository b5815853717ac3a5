#include "model/parameterization.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/sort.h"

#include <math.h>

int parameterization_learns_variance(const model_options *options)
{
    return variance_is_learned((variance_kind)options->variance);
}

const prediction *parameterization_prediction(const model_options *options)
{
    return prediction_at((size_t)options->predict);
}

static prediction_target target_towards(const model_options *options, const struct diffusion_schedule *schedule,
                                        const noise_level *to)
{
    const prediction_step at = {&schedule->kernel, schedule_last(schedule), to, options->sigma_data,
                                {0.0, 0.0},        options->of_network};
    prediction_target slope;
    return parameterization_prediction(options)->target(&at, 1.0, &slope);
}

int parameterization_hangs_on_step(const model_options *options, const struct diffusion_schedule *schedule)
{
    if (parameterization_prediction(options)->target == NULL)
        return 0;
    const prediction_target whole = target_towards(options, schedule, &schedule->levels[0]);
    const prediction_target step = target_towards(options, schedule, &schedule->levels[schedule->steps - 1]);
    return whole.x0 != step.x0 || whole.epsilon != step.epsilon;
}

int parameterization_tells_step(const model_options *options)
{
    return options->time == TIME_STEP;
}

double parameterization_time(const model_options *options, const noise_level *at)
{
    switch ((time_kind)options->time) {
    case TIME_LOG_SNR:
        return at->log_snr;
    case TIME_EDM:
        return -0.125 * at->log_snr;
    case TIME_VE:
        return -0.5 * at->log_snr - 0.69314718055994530942; /* ln 2 */
    case TIME_STEP:
        break;
    }
    return at->t;
}

static const char *time_name(time_kind kind)
{
    return kind == TIME_EDM ? "edm" : kind == TIME_VE ? "ve" : "log_snr";
}

/* ---- checks ---- */

static diffusion_status check_additive(const model_options *options, const struct diffusion_schedule *schedule)
{
    const noise_level *last = schedule_last(schedule);
    if (!isfinite(last->log_snr) && options->time != TIME_STEP)
        return error_set(DIFFUSION_E_KERNEL, "model: time=%s is infinite at step %d, where nothing of x_0 is left",
                         time_name((time_kind)options->time), (int)schedule->steps);
    if (variance_is_chance((variance_kind)options->variance) && !schedule_preserves_variance(schedule))
        return error_set(DIFFUSION_E_KERNEL,
                         "model: variance=learned, a chance below 1, needs a schedule that preserves "
                         "variance; use learned_range or a fixed one");
    const reverse_step at = reverse_step_at(options, schedule, schedule->steps);
    if (isfinite(at.x0_x) && isfinite(at.x0_output))
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_KERNEL,
                     "model: predict=%s cannot tell x_0 at step %d, where alpha_bar is 0; use predict=v or x0",
                     at.prediction->name, (int)schedule->steps);
}

diffusion_status parameterization_check(const model_options *options, const struct diffusion_schedule *schedule)
{
    const prediction *read = parameterization_prediction(options);
    const kernel_class *methods = schedule->kernel.methods;
    if (!methods->additive && read->law == NULL)
        return error_set(DIFFUSION_E_KERNEL,
                         "model: predict=%s needs the Gaussian kernel; with the %s use x0, mean or perturbation",
                         read->name, methods->title);
    if (!methods->additive && parameterization_learns_variance(options))
        return error_set(DIFFUSION_E_KERNEL,
                         "model: variance=%s needs the Gaussian kernel; with the %s keep the default",
                         variance_name((variance_kind)options->variance), methods->title);
    if (methods->additive && read->target == NULL)
        return error_set(DIFFUSION_E_KERNEL, "model: predict=%s has no meaning with the %s", read->name,
                         methods->title);
    return methods->additive ? check_additive(options, schedule) : DIFFUSION_OK;
}

/* ---- steps ---- */

/* x_0 = x * x_t + output * o, from o = a x_0 + b noise and x_t = signal x_0 + sigma noise. */
typedef struct implied_x0 {
    double x, output;
} implied_x0;

static implied_x0 solve(const noise_level *at, prediction_target target)
{
    const double determinant = target.x0 * at->sigma - target.epsilon * at->signal;
    return (implied_x0){-target.epsilon / determinant, at->sigma / determinant};
}

static prediction_step own_step(const reverse_step *at)
{
    return (prediction_step){at->kernel, &at->from, &at->own, at->sigma_data, at->rise, at->of_network};
}

/* The network was trained on the whole schedule, whatever the chain leaves out: its own step has its own neighbours. */
static variance_ends own_ends_of(const reverse_step *at, variance_kind kind, const struct diffusion_schedule *schedule)
{
    const noise_level above = schedule_level(schedule, at->from.t + 1.0);
    return variance_ends_of(kind, &at->from, &at->own, at->from.t < (double)schedule->steps ? &above : NULL);
}

static void derive_additive(reverse_step *at, variance_kind kind, const struct diffusion_schedule *schedule,
                            const noise_level *above)
{
    const prediction_step own = own_step(at);
    prediction_target slope;
    at->posterior = level_posterior_of(&at->to, &at->from);
    at->ends = variance_ends_of(kind, &at->from, &at->to, above);
    at->own_ends = own_ends_of(at, kind, schedule);
    at->target = at->prediction->target(&own, at->own_ends.fixed, &slope);
    if (at->prediction->input_scale != NULL)
        at->input_scale = at->prediction->input_scale(&own);
    const implied_x0 implied = solve(&at->from, at->target);
    at->x0_x = implied.x;
    at->x0_output = implied.output;
    const double determinant = at->target.x0 * at->from.sigma - at->target.epsilon * at->from.signal;
    at->epsilon_x = at->target.x0 / determinant;
    at->epsilon_output = -at->from.signal / determinant;
}

static level_slope rise_of(const prediction *of, const struct diffusion_schedule *schedule, const noise_level *at)
{
    const double steps = (double)schedule->steps;
    if (!of->needs_rise)
        return (level_slope){0.0, 0.0};
    const level_slope slope = schedule_slope(schedule, at);
    return (level_slope){slope.signal * steps, slope.sigma * steps};
}

reverse_step reverse_step_between(const model_options *options, const struct diffusion_schedule *schedule,
                                  const noise_level *from, const noise_level *to, const noise_level *above)
{
    reverse_step at = {.kernel = &schedule->kernel,
                       .prediction = parameterization_prediction(options),
                       .learned = parameterization_learns_variance(options),
                       .sigma_data = options->sigma_data,
                       .rise = rise_of(parameterization_prediction(options), schedule, from),
                       .input_scale = 1.0,
                       .ratio = from->sigma / from->signal,
                       .of_network = options->of_network,
                       .from = *from,
                       .to = *to,
                       .own = schedule_level(schedule, from->t - 1.0),
                       .time = parameterization_time(options, from)};
    if (at.kernel->methods->additive)
        derive_additive(&at, (variance_kind)options->variance, schedule, above);
    return at;
}

void reverse_step_take_variance(reverse_step *at, variance_asked asked, const noise_moments *of,
                                const struct diffusion_schedule *schedule, const noise_level *above)
{
    if (!variance_is_asked(asked))
        return;
    const noise_level *levels = schedule->levels, *second = schedule->steps > 1 ? &levels[2] : NULL;
    const double first = variance_fixed_small(&levels[1], &levels[0], second);
    const double covariance =
        variance_reads_moments(asked) ? moments_covariance(of, &at->from, variance_is_ideal(asked)) : 0.0;
    at->ends = variance_ends_asked(asked, &at->from, &at->to, above, first, covariance);
}

reverse_step reverse_step_told(const reverse_step *read, const reverse_step *told)
{
    reverse_step at = *read;
    at.time = told->time;
    at.input_scale = told->input_scale;
    at.ratio = told->ratio;
    return at;
}

reverse_step reverse_step_at(const model_options *options, const struct diffusion_schedule *schedule, int32_t t)
{
    const noise_level *levels = schedule->levels;
    return reverse_step_between(options, schedule, &levels[t], &levels[t - 1],
                                t < schedule->steps ? &levels[t + 1] : NULL);
}

reverse_step *reverse_steps(const model_options *options, const struct diffusion_schedule *schedule)
{
    reverse_step *steps = memory_allocate((size_t)schedule->steps + 1, sizeof *steps);
    for (int32_t t = 1; steps != NULL && t <= schedule->steps; t++)
        steps[t] = reverse_step_at(options, schedule, t);
    return steps;
}

/* ---- rows of additive kernels ---- */

/* How x_0 follows where the transition's variance plays a part, and its derivative by the variance's logarithm. */
static implied_x0 implied_by(const reverse_step *at, double s, implied_x0 *slope)
{
    const prediction_step own = own_step(at);
    const double signal = at->from.signal, sigma = at->from.sigma;
    const double variance = variance_at(&at->own_ends, s);
    prediction_target by = {0.0, 0.0}, target = at->prediction->target(&own, variance, &by);
    const implied_x0 implied = solve(&at->from, target);
    if (slope != NULL) {
        const double determinant = target.x0 * sigma - target.epsilon * signal;
        const double shrinks = (by.x0 * sigma - by.epsilon * signal) / determinant;
        *slope = (implied_x0){-by.epsilon / determinant - implied.x * shrinks, -implied.output * shrinks};
    }
    return implied;
}

static double second_half(const reverse_step *at, const double *output, size_t dim, size_t j)
{
    return at->learned ? output[dim + j] : 0.0;
}

static void fill_x0(const reverse_step *at, double *x0, const double *x, const double *output, size_t dim)
{
    const double from_x = at->x0_x, from_output = at->x0_output;
    if (at->prediction->depends_on_variance && at->learned) {
        for (size_t j = 0; j < dim; j++) {
            implied_x0 implied = implied_by(at, output[dim + j], NULL);
            x0[j] = implied.x * x[j] + implied.output * output[j];
        }
        return;
    }
    for (size_t j = 0; j < dim; j++)
        x0[j] = from_x * x[j] + from_output * output[j];
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of |x_0|, linear between two ranks. */
static double threshold_of(const double *x0, size_t dim, const x0_limit *limit)
{
    double *sorted = limit->room;
    for (size_t j = 0; j < dim; j++)
        sorted[j] = fabs(x0[j]);
    sort_items(sorted, dim, sizeof *sorted, compare);
    const double rank = limit->quantile * (double)(dim - 1);
    const size_t below = (size_t)rank, above = below + 1 < dim ? below + 1 : below;
    const double found = sorted[below] + (rank - (double)below) * (sorted[above] - sorted[below]);
    return fmin(fmax(found, 1.0), limit->most);
}

/* The home of clip and threshold. A NaN stays one. */
static void hold_within(double *x0, size_t dim, const x0_limit *limit)
{
    if (limit == NULL || (limit->clip == 0.0 && limit->quantile == 0.0))
        return;
    const int thresholds = limit->quantile > 0.0;
    const double most = thresholds ? threshold_of(x0, dim, limit) : limit->clip, scale = thresholds ? 1.0 / most : 1.0;
    for (size_t j = 0; j < dim; j++)
        x0[j] = scale * (x0[j] > most ? most : x0[j] < -most ? -most : x0[j]);
}

static void fill_variance(const reverse_step *at, double *variance, const double *output, size_t dim)
{
    const int learned = variance_is_learned(at->ends.kind);
    for (size_t j = 0; j < dim; j++)
        variance[j] = learned ? variance_at(&at->ends, output[dim + j]) : at->ends.fixed;
}

static void additive_law(const reverse_step *at, law out, const double *x, const double *output, size_t dim,
                         const x0_limit *limit)
{
    const double of_x0 = at->posterior.x0, of_x = at->posterior.xt;
    fill_x0(at, out.mean, x, output, dim);
    hold_within(out.mean, dim, limit);
    for (size_t j = 0; j < dim; j++)
        out.mean[j] = of_x0 * out.mean[j] + of_x * x[j];
    fill_variance(at, out.variance, output, dim);
}

static void additive_backward(const reverse_step *at, double *doutput, law value, law_slope by, const double *x,
                              const double *output, size_t dim)
{
    const int moves_mean = at->prediction->depends_on_variance && at->learned;
    for (size_t j = 0; j < dim; j++) {
        const double dx0 = by.location[j] * at->posterior.x0;
        double from_output = at->x0_output, dlog_variance = by.log_variance != NULL ? by.log_variance[j] : 0.0;
        if (moves_mean) {
            implied_x0 slope, implied = implied_by(at, second_half(at, output, dim, j), &slope);
            from_output = implied.output;
            dlog_variance += dx0 * (slope.x * x[j] + slope.output * output[j]);
        }
        doutput[j] = dx0 * from_output;
        if (at->learned)
            doutput[dim + j] = dlog_variance * variance_log_slope(&at->ends, value.variance[j]);
    }
}

/* ---- rows ---- */

void reverse_step_law(const reverse_step *at, law out, const double *x, const double *output, size_t dim,
                      const x0_limit *limit)
{
    const prediction_step step = {at->kernel, &at->from, &at->to, at->sigma_data, at->rise, at->of_network};
    if (at->kernel->methods->additive)
        additive_law(at, out, x, output, dim, limit);
    else
        at->prediction->law(&step, out, x, output, dim);
}

void reverse_step_backward(const reverse_step *at, double *doutput, law value, law_slope by, const double *x,
                           const double *output, size_t dim)
{
    const prediction_step step = {at->kernel, &at->from, &at->to, at->sigma_data, at->rise, at->of_network};
    if (at->kernel->methods->additive)
        additive_backward(at, doutput, value, by, x, output, dim);
    else
        at->prediction->law_backward(&step, doutput, value, by.location, x, output, dim);
}

/* One formula for all: an epsilon predicted as such comes back but for the rounding of x over sigma. At the data, which
 * hold no noise, the output alone tells of it. */
void reverse_step_denoise(const reverse_step *at, double *x0, double *epsilon, const double *x, const double *output,
                          size_t dim, const x0_limit *limit)
{
    const double signal = at->from.signal, sigma = at->from.sigma;
    fill_x0(at, x0, x, output, dim);
    for (size_t j = 0; j < dim; j++)
        epsilon[j] =
            sigma > 0.0 ? (x[j] - signal * x0[j]) / sigma : at->epsilon_x * x[j] + at->epsilon_output * output[j];
    hold_within(x0, dim, limit);
}
