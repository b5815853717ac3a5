#include "process/level.h"

#include <math.h>

noise_level level_of_data(void)
{
    return (noise_level){.t = 0.0, .signal = 1.0, .sigma = 0.0, .log_snr = INFINITY};
}

/* A long double to its last digit. */
static accurate_sum exact(long double value)
{
    accurate_sum sum = {(double)value, 0.0};
    if (isfinite(sum.sum))
        sum.lost = (double)(value - (long double)sum.sum);
    return sum;
}

/* log signal^2 = -log(1 + 1 / SNR), from the side where nothing overflows. */
static accurate_sum log_logistic(long double x)
{
    accurate_sum sum = exact(fminl(x, 0.0L));
    const accurate_sum rest = exact(-log1pl(expl(-fabsl(x))));
    accurate_add(&sum, rest.sum);
    accurate_add(&sum, rest.lost);
    return sum;
}

noise_level level_from_log_snr(double t, long double log_snr)
{
    const accurate_sum log_signal_square = log_logistic(log_snr);
    return (noise_level){.t = t,
                         .signal = exp(0.5 * accurate_value(&log_signal_square)),
                         .sigma = (double)sqrtl(1.0L / (1.0L + expl(log_snr))),
                         .log_snr = (double)log_snr,
                         .log_signal_square = log_signal_square};
}

/* sigma^2 by expm1, which keeps its digits where the signal is almost 1. */
noise_level level_from_log_signal_square(double t, accurate_sum log_signal_square)
{
    const long double log = (long double)log_signal_square.sum + (long double)log_signal_square.lost;
    const long double variance = -expm1l(log);
    return (noise_level){.t = t,
                         .signal = exp(0.5 * accurate_value(&log_signal_square)),
                         .sigma = (double)sqrtl(variance),
                         .log_snr = (double)(log - logl(variance)),
                         .log_signal_square = log_signal_square};
}

noise_level level_from_signal_sigma(double t, double signal, double sigma)
{
    const long double log_signal = logl(signal);
    return (noise_level){.t = t,
                         .signal = signal,
                         .sigma = sigma,
                         .log_snr = (double)(2.0L * (log_signal - logl(sigma))),
                         .log_signal_square = exact(2.0L * log_signal),
                         .excess = sigma * sigma - (1.0 - signal) * (1.0 + signal)};
}

level_slope level_slope_preserving(const noise_level *at, double log_signal_square)
{
    return (level_slope){0.5 * log_signal_square * at->signal,
                         -0.5 * log_signal_square * at->signal * at->signal / at->sigma};
}

double level_ratio(const noise_level *of)
{
    return exp(-0.5 * of->log_snr);
}

double level_lambda(const noise_level *of)
{
    return 0.5 * of->log_snr;
}

double level_variance(const noise_level *of)
{
    return fabs(of->excess) < 1e-14 ? 1.0 : 1.0 + of->excess; /* a curve may come by cosine and sine, which round */
}

double level_log_signal_square(const noise_level *of)
{
    return accurate_value(&of->log_signal_square);
}

double level_log_signal_change(const noise_level *s, const noise_level *t)
{
    const accurate_sum *from = &s->log_signal_square, *to = &t->log_signal_square;
    return (to->sum - from->sum) + (to->lost - from->lost);
}

/* From the data, of which marginals are drawn in every training step, without a logarithm. */
double level_step_signal(const noise_level *s, const noise_level *t)
{
    if (s->sigma == 0.0)
        return t->signal;
    return exp(0.5 * level_log_signal_change(s, t));
}

/* sigma_t^2 - r^2 sigma_s^2, r the step's signal. Where variance is preserved it is 1 - r^2, in which nothing cancels.
 */
double level_step_variance(const noise_level *s, const noise_level *t)
{
    if (s->sigma == 0.0)
        return t->sigma * t->sigma;
    if (s->excess == 0.0 && t->excess == 0.0)
        return -expm1(level_log_signal_change(s, t));
    const double kept = level_step_signal(s, t) * s->sigma;
    return (t->sigma - kept) * (t->sigma + kept);
}

double level_lost(const noise_level *s, const noise_level *t)
{
    if (s->sigma == 0.0)
        return t->sigma > 0.0 ? 1.0 : 0.0;
    return level_step_variance(s, t) / (t->sigma * t->sigma);
}

level_posterior level_posterior_of(const noise_level *s, const noise_level *t)
{
    const double lost = level_lost(s, t), ratio = s->sigma / t->sigma;
    return (level_posterior){
        .x0 = s->signal * lost,
        .xt = level_step_signal(s, t) * ratio * ratio,
        .variance = s->sigma * s->sigma * lost,
    };
}
