/* A toy of the seam of kernels: categories (appendix A of arXiv:2107.03006), one-hot. A step keeps a category with a
 * chance, or draws it anew from the prior, the spec's rates; their number is that of the categories. */
#include "base/error.h"
#include "process/divergence.h"
#include "process/kernel.h"

#include <math.h>
#include <string.h>

/* ---- one group ---- */

typedef struct category_step {
    double kept, drawn;
} category_step;

static category_step category_step_of(const noise_level *s, const noise_level *t)
{
    const double signal = level_step_signal(s, t);
    return (category_step){signal * signal, level_step_variance(s, t)};
}

static double after(const kernel *self, category_step step, const double *x, size_t k)
{
    return step.kept * x[k] + step.drawn * self->rates[k];
}

static void fill_variance(law out, size_t dim)
{
    for (size_t j = 0; j < dim; j++)
        out.variance[j] = out.mean[j] * (1.0 - out.mean[j]);
}

/* q(x_s = k | x_t, x_0 = c) for all k, by Bayes' rule. */
static void bayes(const kernel *self, double *out, const noise_level *s, const noise_level *t, size_t c,
                  const double *xt)
{
    const noise_level data = level_of_data();
    const category_step to_s = category_step_of(&data, s), to_t = category_step_of(s, t);
    double seen_rate = 0.0, sum = 0.0;
    for (size_t k = 0; k < self->group; k++)
        seen_rate += self->rates[k] * xt[k];
    for (size_t k = 0; k < self->group; k++) {
        const double x0 = k == c ? 1.0 : 0.0;
        out[k] = (to_s.kept * x0 + to_s.drawn * self->rates[k]) * (to_t.kept * xt[k] + to_t.drawn * seen_rate);
        sum += out[k];
    }
    for (size_t k = 0; k < self->group; k++)
        out[k] /= sum;
}

static void group_posterior(const kernel *self, double *out, const noise_level *s, const noise_level *t,
                            const double *x0, const double *xt)
{
    double chance[LARGEST_GROUP], sum[LARGEST_GROUP] = {0};
    for (size_t c = 0; c < self->group; c++) {
        if (x0[c] == 0.0)
            continue;
        bayes(self, chance, s, t, c, xt);
        for (size_t k = 0; k < self->group; k++)
            sum[k] += x0[c] * chance[k];
    }
    memcpy(out, sum, self->group * sizeof *out);
}

/* ---- the class ---- */

static int is_value(double value)
{
    return value == 0.0 || value == 1.0;
}

static void prior(const kernel *self, law out, const noise_level *t, size_t dim)
{
    (void)t;
    for (size_t j = 0; j < dim; j++)
        out.mean[j] = self->rates[j % self->group];
    fill_variance(out, dim);
}

static void step(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *xs, size_t dim)
{
    const category_step by = category_step_of(s, t);
    for (size_t j = 0; j < dim; j += self->group)
        for (size_t k = 0; k < self->group; k++)
            out.mean[j + k] = after(self, by, xs + j, k);
    fill_variance(out, dim);
}

/* The category at which the chances' running sum passes the group's first noise. */
static void pick(double *x, const double *chance, double noise, size_t group)
{
    size_t at = 0;
    double sum = chance[0];
    while (at + 1 < group && noise >= sum)
        sum += chance[++at];
    for (size_t k = 0; k < group; k++)
        x[k] = k == at;
}

static void diffuse(const kernel *self, double *xt, const noise_level *s, const noise_level *t, const double *xs,
                    const double *noise, size_t dim)
{
    const category_step by = category_step_of(s, t);
    double chance[LARGEST_GROUP];
    for (size_t j = 0; j < dim; j += self->group) {
        for (size_t k = 0; k < self->group; k++)
            chance[k] = after(self, by, xs + j, k);
        pick(xt + j, chance, noise[j], self->group);
    }
}

static void posterior(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *x0,
                      const double *xt, size_t dim)
{
    for (size_t j = 0; j < dim; j += self->group) {
        if (s->t <= 0.0)
            memmove(out.mean + j, x0 + j, self->group * sizeof *x0);
        else
            group_posterior(self, out.mean + j, s, t, x0 + j, xt + j);
    }
    fill_variance(out, dim);
}

static void draw(const kernel *self, double *x, law from, const double *noise, size_t dim)
{
    double chance[LARGEST_GROUP];
    for (size_t j = 0; j < dim; j += self->group) {
        memcpy(chance, from.mean + j, self->group * sizeof *chance);
        pick(x + j, chance, noise[j], self->group);
    }
}

static void mode(const kernel *self, double *x, law from, size_t dim)
{
    for (size_t j = 0; j < dim; j += self->group) {
        size_t most = 0;
        for (size_t k = 1; k < self->group; k++)
            most = from.mean[j + k] > from.mean[j + most] ? k : most;
        for (size_t k = 0; k < self->group; k++)
            x[j + k] = k == most;
    }
}

/* What divergence() adds sums to 0 over a group. */
static double divergence_of(const kernel *self, law q, law p, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats += divergence(q.mean[j], p.mean[j], p.mean[j] - q.mean[j]);
    return nats;
}

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
        nats += x[j] > 0.5 ? log(p.mean[j]) : 0.0;
    return nats;
}

static double entropy(const kernel *self, law of, size_t dim)
{
    (void)self;
    double nats = 0.0;
    for (size_t j = 0; j < dim; j++)
        nats -= of.mean[j] > 0.0 ? of.mean[j] * log(of.mean[j]) : 0.0;
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
    const category_step by = category_step_of(&data, t);
    double nats = 0.0;
    for (size_t j = 0; j < dim; j += self->group)
        for (size_t k = 0; k < self->group; k++) {
            double rate = 0.0;
            for (size_t c = 0; c < self->group; c++)
                rate += x0[j + c] * (by.drawn * self->rates[c] + (c == k ? by.kept : 0.0));
            nats += after(self, by, x0 + j, k) * log(rate);
        }
    return nats;
}

/* The data follow the prior: means over x_0, and over x_t. */
static void entropy_bounds(const kernel *self, const noise_level *s, const noise_level *t, double *lower, double *upper)
{
    const noise_level data = level_of_data();
    const category_step whole = category_step_of(&data, t), last = category_step_of(s, t);
    double mean[LARGEST_GROUP], x0[LARGEST_GROUP] = {0}, xt[LARGEST_GROUP] = {0};
    *lower = *upper = 0.0;
    for (size_t c = 0; c < self->group; c++) {
        x0[c] = 1.0;
        for (size_t k = 0; k < self->group; k++)
            mean[k] = after(self, last, x0, k);
        *upper += self->rates[c] * entropy(self, (law){mean, NULL}, self->group) / (double)self->group;
        for (size_t k = 0; k < self->group && s->t > 0.0; k++) {
            xt[k] = 1.0;
            group_posterior(self, mean, s, t, x0, xt);
            *lower += self->rates[c] * after(self, whole, x0, k) * entropy(self, (law){mean, NULL}, self->group) /
                      (double)self->group;
            xt[k] = 0.0;
        }
        x0[c] = 0.0;
    }
}

/* ---- observations: with this chance y is another category ---- */

static int is_observation_noise(double noise)
{
    return noise > 0.0 && noise < 1.0;
}

static double seen(const kernel *self, const double *y, size_t k, double noise, double power)
{
    return power * log(y[k] > 0.5 ? 1.0 - noise : noise / ((double)self->group - 1.0));
}

static double multiply(const kernel *self, law p, const double *y, double noise, double power)
{
    double sum = 0.0;
    for (size_t k = 0; k < self->group; k++)
        sum += p.mean[k] *= exp(seen(self, y, k, noise, power));
    for (size_t k = 0; k < self->group; k++)
        p.mean[k] /= sum;
    fill_variance(p, self->group);
    return log(sum);
}

static double log_observed(const kernel *self, const double *x, const double *y, double noise, double power)
{
    double nats = 0.0;
    for (size_t k = 0; k < self->group; k++)
        nats += x[k] > 0.5 ? seen(self, y, k, noise, power) : 0.0;
    return nats;
}

/* ---- natural parameters: logits ---- */

static void from_natural(const kernel *self, double *mean, const double *natural, size_t dim)
{
    for (size_t j = 0; j < dim; j += self->group) {
        double most = natural[j], sum = 0.0;
        for (size_t k = 1; k < self->group; k++)
            most = fmax(most, natural[j + k]);
        for (size_t k = 0; k < self->group; k++)
            sum += mean[j + k] = exp(natural[j + k] - most);
        for (size_t k = 0; k < self->group; k++)
            mean[j + k] /= sum;
    }
}

static void to_natural(const kernel *self, double *natural, const double *mean, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        natural[j] = log(mean[j]);
}

static void slope_by_natural(const kernel *self, double *slope, law at, size_t dim)
{
    for (size_t j = 0; j < dim; j += self->group) {
        double sum = 0.0;
        for (size_t k = 0; k < self->group; k++)
            sum += at.mean[j + k] * slope[j + k];
        for (size_t k = 0; k < self->group; k++)
            slope[j + k] = at.mean[j + k] * (slope[j + k] - sum);
    }
}

/* Means sum to 1, so that any constant might be added. */
static void slope_by_mean(const kernel *self, double *slope, law at, size_t dim)
{
    (void)self;
    for (size_t j = 0; j < dim; j++)
        slope[j] = at.mean[j] > 0.0 ? slope[j] / at.mean[j] : 0.0;
}

static void posterior_backward(const kernel *self, double *dx0, const noise_level *s, const noise_level *t,
                               const double *x0, const double *xt, law after_step, const double *dposterior, size_t dim)
{
    double chance[LARGEST_GROUP], mean[LARGEST_GROUP], slope[LARGEST_GROUP];
    for (size_t j = 0; j < dim; j += self->group) {
        from_natural(self, mean, x0 + j, self->group);
        for (size_t c = 0; c < self->group; c++) {
            slope[c] = 0.0;
            bayes(self, chance, s, t, c, xt + j);
            for (size_t k = 0; k < self->group; k++)
                slope[c] += dposterior[j + k] / after_step.mean[j + k] * chance[k];
        }
        slope_by_natural(self, slope, (law){mean, NULL}, self->group);
        memcpy(dx0 + j, slope, self->group * sizeof *slope);
    }
}

/* ---- the spec ---- */

static diffusion_status settle(kernel *self)
{
    double sum = 0.0;
    for (size_t k = 0; k < self->rate_count; k++)
        sum += self->rates[k];
    if (self->rate_count < 2 || !(fabs(sum - 1.0) < 1e-9))
        return error_set(DIFFUSION_E_SPEC,
                         "schedule: rate with kernel=categorical, expected two or more chances whose sum is 1");
    self->group = self->rate_count;
    return DIFFUSION_OK;
}

const kernel_class categorical_kernel = {
    .name = "categorical",
    .title = "categorical kernel",
    .is_value = is_value,
    .values = "0 or 1",
    .mean_minimum = 0.0,
    .mean_maximum = 1.0 + 1e-12,
    .noise = rng_uniform_rows,
    .noise_maximum = 1.0,
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
