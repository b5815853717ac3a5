/* The binomial kernel (Table App.1 of the paper): a step draws a bit anew from the prior with the chance beta, which is
 * the variance of the Gaussian kernel's step between the same levels. signal^2 is the chance that a bit is still x_0's.
 */
#include "process/binomial.h"

#include "base/error.h"
#include "base/memory.h"
#include "process/divergence.h"
#include "process/kernel.h"

#include <math.h>

/* The terms that divergence() adds, -p + q for either value of the bit, sum to 0. */
double bernoulli_kl(double rate1, double rate2)
{
    return divergence(rate1, rate2, rate2 - rate1) + divergence(1.0 - rate1, 1.0 - rate2, rate1 - rate2);
}

/* 0 log 0 is 0. */
double bernoulli_entropy(double rate)
{
    if (rate <= 0.0 || rate >= 1.0)
        return 0.0;
    return -rate * log(rate) - (1.0 - rate) * log1p(-rate);
}

double bernoulli_log_probability(double x, double rate)
{
    return x > 0.5 ? log(rate) : log1p(-rate);
}

/* ---- one bit ---- */

/* What a step between two levels does: keeps a bit with the chance `kept`, else draws it anew. */
typedef struct bit_step {
    double kept, drawn;
} bit_step;

static bit_step bit_step_of(const noise_level *s, const noise_level *t)
{
    double signal = level_step_signal(s, t);
    return (bit_step){signal * signal, level_step_variance(s, t)};
}

static double prior_rate(const kernel *self, size_t bit)
{
    return self->rates[self->rate_count == 1 ? 0 : bit];
}

/* A sum of positive terms, so that small rates keep their digits. */
static double rate_after(bit_step step, double x, double prior)
{
    return x * step.kept + prior * step.drawn;
}

/* The steps that lead from x_0 to x_s, and from there to x_t. */
typedef struct bit_path {
    int at_data; /* x_s is x_0 */
    bit_step to_s, to_t;
} bit_path;

static bit_path bit_path_of(const noise_level *s, const noise_level *t)
{
    const noise_level data = level_of_data();
    return (bit_path){s->t <= 0.0, bit_step_of(&data, s), bit_step_of(s, t)};
}

/* Bayes' rule for x_s = 1, given the bit x_0: q(x_t | x_s) q(x_s | x_0), normalised. Each factor and its complement are
 * sums of positive terms, so that none loses digits. */
static double posterior_of_bit(const bit_path *path, int x0, int xt, double prior)
{
    const double one = rate_after(path->to_s, x0, prior), zero = rate_after(path->to_s, 1 - x0, 1.0 - prior);
    const double from_one = xt ? path->to_t.kept + prior * path->to_t.drawn : (1.0 - prior) * path->to_t.drawn;
    const double from_zero = xt ? prior * path->to_t.drawn : path->to_t.kept + (1.0 - prior) * path->to_t.drawn;
    const double evidence = from_one * one + from_zero * zero;
    return evidence > 0.0 ? from_one * one / evidence : one; /* an x_t that x_0 rules out teaches nothing */
}

/* With a probability for x0 the mixture of the two posteriors: x_t does not weigh it again, it is the caller's. A NaN
 * stays one. */
static double posterior_rate(const bit_path *path, double x0, double xt, double prior)
{
    if (path->at_data)
        return x0;
    double rate = 0.0;
    if (!(x0 <= 0.0))
        rate += x0 * posterior_of_bit(path, 1, xt > 0.5, prior);
    if (!(x0 >= 1.0))
        rate += (1.0 - x0) * posterior_of_bit(path, 0, xt > 0.5, prior);
    return rate;
}

/* ---- the class ---- */

static int is_value(double value)
{
    return value == 0.0 || value == 1.0;
}

static void set_rate(law out, size_t j, double rate)
{
    out.mean[j] = rate;
    out.variance[j] = rate * (1.0 - rate);
}

static void prior(const kernel *self, law out, const noise_level *t, size_t dim)
{
    (void)t;
    for (size_t j = 0; j < dim; j++)
        set_rate(out, j, prior_rate(self, j));
}

static void step(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *xs, size_t dim)
{
    const bit_step step = bit_step_of(s, t);
    for (size_t j = 0; j < dim; j++)
        set_rate(out, j, rate_after(step, xs[j], prior_rate(self, j)));
}

static void diffuse(const kernel *self, double *xt, const noise_level *s, const noise_level *t, const double *xs,
                    const double *noise, size_t dim)
{
    const bit_step step = bit_step_of(s, t);
    for (size_t j = 0; j < dim; j++)
        xt[j] = noise[j] < rate_after(step, xs[j], prior_rate(self, j));
}

static void posterior(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *x0,
                      const double *xt, size_t dim)
{
    const bit_path path = bit_path_of(s, t);
    for (size_t j = 0; j < dim; j++)
        set_rate(out, j, posterior_rate(&path, x0[j], xt[j], prior_rate(self, j)));
}

static void draw(const kernel *self, double *x, law from, const double *noise, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        x[j] = noise[j] < from.mean[j];
}

static void mode(const kernel *self, double *x, law from, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        x[j] = from.mean[j] > 0.5;
}

static double divergence_of(const kernel *self, law q, law p, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += bernoulli_kl(q.mean[j], p.mean[j]);
    return nats;
}

/* By the log odds of p it is p - q, exact where p (1 - p) underflows. */
static void divergence_slope(const kernel *self, law_slope out, law q, law p, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++) {
        out.location[j] = p.mean[j] - q.mean[j];
        if (out.log_variance != NULL)
            out.log_variance[j] = 0.0;
    }
}

static double log_probability(const kernel *self, const double *x, law p, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += bernoulli_log_probability(x[j], p.mean[j]);
    return nats;
}

static double entropy(const kernel *self, law of, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += bernoulli_entropy(of.mean[j]);
    return nats;
}

static void edge_law(const kernel *self, law out, const noise_level *t, const double *xt, size_t dim)
{
    const noise_level data = level_of_data();
    step(self, out, &data, t, xt, dim);
}

static double edge(const kernel *self, const noise_level *t, const double *x0, size_t dim)
{
    const noise_level data = level_of_data();
    const bit_step step = bit_step_of(&data, t);
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++) {
        double rate = prior_rate(self, j), one = rate_after(step, x0[j], rate);
        if (one > 0.0)
            nats += one * bernoulli_log_probability(x0[j], rate_after(step, 1.0, rate));
        if (one < 1.0)
            nats += (1.0 - one) * bernoulli_log_probability(x0[j], rate_after(step, 0.0, rate));
    }
    return nats;
}

/* H(X_t | X_s) of a bit whose rate is the prior's at every t. */
static double step_entropy(bit_step step, double prior)
{
    return prior * bernoulli_entropy(rate_after(step, 1.0, prior)) +
           (1.0 - prior) * bernoulli_entropy(rate_after(step, 0.0, prior));
}

/* H(X_s | X_t, X_0) of such a bit: the mean over the four cases of x_0 and x_t. */
static double posterior_entropy(const bit_path *path, bit_step marginal, double prior)
{
    double sum = 0.0;
    for (int x0 = 0; x0 <= 1; x0++)
        for (int xt = 0; xt <= 1; xt++) {
            double chance_x0 = x0 ? prior : 1.0 - prior;
            double chance_xt = rate_after(marginal, x0 == xt, xt ? prior : 1.0 - prior);
            sum += chance_x0 * chance_xt * bernoulli_entropy(posterior_rate(path, x0, xt, prior));
        }
    return sum;
}

/* The data's bits follow the prior; the mean over bits. The lower bound by the chain rule, as for the Gaussian. */
static void entropy_bounds(const kernel *self, const noise_level *s, const noise_level *t, double *lower, double *upper)
{
    const noise_level data = level_of_data();
    const bit_path path = bit_path_of(s, t);
    const bit_step marginal = bit_step_of(&data, t);
    double lower_sum = 0.0, upper_sum = 0.0;
    for (size_t bit = 0; bit < self->rate_count; bit++) {
        lower_sum += posterior_entropy(&path, marginal, self->rates[bit]);
        upper_sum += step_entropy(path.to_t, self->rates[bit]);
    }
    *lower = lower_sum / (double)self->rate_count;
    *upper = upper_sum / (double)self->rate_count;
}

/* ---- observations: the chance that the bit was flipped ---- */

static int is_observation_noise(double noise)
{
    return noise > 0.0 && noise < 1.0;
}

/* The probability that r^power, made to sum to 1, gives to the bit x; never 0. */
static double probability(int x, double y, double flip, double power)
{
    double odds = power * log((1.0 - flip) / flip);
    return 1.0 / (1.0 + exp(x == (y > 0.5) ? -odds : odds));
}

/* c d / (c d + (1 - c)(1 - d)) for the rate c, with d the probability of a 1. */
static double multiply(const kernel *self, law p, const double *y, double noise, double power)
{
    (void)self;
    const double rate = *p.mean;
    double one = rate * probability(1, *y, noise, power), zero = (1.0 - rate) * probability(0, *y, noise, power);
    set_rate(p, 0, one / (one + zero));
    return log(one + zero);
}

static double log_observed(const kernel *self, const double *x, const double *y, double noise, double power)
{
    (void)self;
    return log(probability(*x > 0.5, *y, noise, power));
}

/* ---- natural parameters: log odds ---- */

static void from_natural(const kernel *self, double *mean, const double *natural, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        mean[j] = 1.0 / (1.0 + exp(-natural[j]));
}

static void to_natural(const kernel *self, double *natural, const double *mean, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        natural[j] = log(mean[j]) - log1p(-mean[j]);
}

/* The law's variance is the derivative of its mean by its log odds. */
static void slope_by_natural(const kernel *self, double *slope, law at, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        slope[j] *= at.variance[j];
}

static void slope_by_mean(const kernel *self, double *slope, law at, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        slope[j] /= at.variance[j];
}

/* The posterior's rate is linear in x_0's. */
static void posterior_backward(const kernel *self, double *dx0, const noise_level *s, const noise_level *t,
                               const double *x0, const double *xt, law posterior, const double *dposterior, size_t dim)
{
    const bit_path path = bit_path_of(s, t);
    for (size_t j = 0; j < dim; j++) {
        const double prior = prior_rate(self, j), rate = 1.0 / (1.0 + exp(-x0[j]));
        const double one = posterior_rate(&path, 1.0, xt[j], prior), zero = posterior_rate(&path, 0.0, xt[j], prior);
        const double slope = (one - zero) * rate * (1.0 - rate);
        dx0[j] = slope == 0.0 ? 0.0 : dposterior[j] / posterior.variance[j] * slope;
    }
}

/* ---- the spec ---- */

/* One rate of 0.5 if none is given. */
static diffusion_status settle(kernel *self)
{
    if (self->rate_count > 0)
        return DIFFUSION_OK;
    self->rates = memory_allocate(1, sizeof *self->rates);
    if (self->rates == NULL)
        return DIFFUSION_E_MEMORY;
    *self->rates = 0.5;
    self->rate_count = 1;
    return DIFFUSION_OK;
}

const kernel_class binomial_kernel = {
    .name = "binomial",
    .title = "binomial kernel",
    .is_value = is_value,
    .values = "0 or 1",
    .mean_minimum = 0.0,
    .mean_maximum = 1.0,
    .noise = rng_uniform_rows,
    .noise_minimum = 0.0,
    .noise_maximum = 1.0, /* to which float32 rounds a draw just below */
    .draws = "a uniform draw in 0..1",
    .prior = prior,
    .step = step,
    .diffuse = diffuse,
    .posterior = posterior,
    .draw = draw,
    .mode = mode,
    .divergence = divergence_of,
    .divergence_slope = divergence_slope,
    .log_probability = log_probability,
    .entropy = entropy,
    .edge_law = edge_law,
    .edge = edge,
    .entropy_bounds = entropy_bounds,
    .is_observation_noise = is_observation_noise,
    .observation_noise = "a probability above 0 and below 1",
    .multiply = multiply,
    .log_observed = log_observed,
    .from_natural = from_natural,
    .to_natural = to_natural,
    .slope_by_natural = slope_by_natural,
    .slope_by_mean = slope_by_mean,
    .posterior_backward = posterior_backward,
    .settle = settle,
};
