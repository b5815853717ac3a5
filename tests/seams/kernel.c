/* The seam of kernels: categories (appendix A of arXiv:2107.03006), one-hot. A step keeps a category with a chance, or
 * draws it anew from the prior, the spec's rates; their number is that of the categories. */
#include "help.h"
#include "make.h"

#include "base/error.h"
#include "process/divergence.h"
#include "process/schedule.h"

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
    .noise = rng_uniform,
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

/* ---- by enumeration ---- */

enum { K = 3, STEPS = 6 };
static const double rates[K] = {0.5, 0.3, 0.2};
#define SPEC "linear steps=6 beta_start=0.05 beta_end=0.6 kernel=categorical rate=0.5,0.3,0.2"

/* to[c][k]: the chance of k after steps s+1..t from c, a product of the steps' matrices. */
static void chances(double to[K][K], const diffusion_schedule *schedule, int32_t s, int32_t t)
{
    double beta[STEPS];
    assert_ok(diffusion_schedule_values(schedule, "beta", beta));
    for (size_t c = 0; c < K; c++)
        for (size_t k = 0; k < K; k++)
            to[c][k] = c == k;
    for (int32_t at = s + 1; at <= t; at++) {
        double before[K][K];
        memcpy(before, to, sizeof before);
        for (size_t c = 0; c < K; c++)
            for (size_t k = 0; k < K; k++) {
                to[c][k] = 0.0;
                for (size_t i = 0; i < K; i++)
                    to[c][k] += before[c][i] * ((i == k ? 1.0 - beta[at - 1] : 0.0) + beta[at - 1] * rates[k]);
            }
    }
}

static void one_hot(double *x, size_t k)
{
    for (size_t i = 0; i < K; i++)
        x[i] = i == k;
}

static void laws_are_those_of_the_steps_matrices(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule(SPEC);
    double to[K][K], to_s[K][K], last[K][K], x0[K], xt[K], mean[K], variance[K], nats, truth;
    for (int32_t t = 1; t <= STEPS; t++) {
        chances(to, schedule, 0, t);
        chances(to_s, schedule, 0, t - 1);
        chances(last, schedule, t - 1, t);
        for (size_t c = 0; c < K; c++) {
            one_hot(x0, c);
            assert_ok(diffusion_marginal(schedule, t, x0, K, mean, variance));
            for (size_t k = 0; k < K; k++) {
                assert_close(mean[k], to[c][k], 1e-13, 0.0);
                assert_close(variance[k], to[c][k] * (1.0 - to[c][k]), 1e-13, 0.0);
            }
            for (size_t seen_at = 0; seen_at < K; seen_at++) {
                one_hot(xt, seen_at);
                assert_ok(diffusion_posterior(schedule, t, x0, xt, K, mean, variance));
                assert_ok(diffusion_entropy(schedule, "posterior", t, x0, xt, K, &nats));
                truth = 0.0;
                for (size_t k = 0; k < K; k++) {
                    const double chance = to_s[c][k] * last[k][seen_at] / to[c][seen_at];
                    assert_close(mean[k], chance, 1e-12, 0.0);
                    truth -= chance > 0.0 ? chance * log(chance) : 0.0;
                }
                assert_close(nats, truth, 1e-12, 1e-14);
            }
        }
    }
    diffusion_schedule_free(schedule);
}

/* H(X_{t-1} | X_t) itself lies between: the prior's chain is stationary. */
static void entropy_bounds_hold_and_are_sums_over_all_cases(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule(SPEC);
    double to[K][K], to_s[K][K], last[K][K], lower, upper;
    for (int32_t t = 2; t <= STEPS; t++) {
        double given_data = 0.0, forward = 0.0;
        chances(to, schedule, 0, t);
        chances(to_s, schedule, 0, t - 1);
        chances(last, schedule, t - 1, t);
        for (size_t c = 0; c < K; c++)
            for (size_t k = 0; k < K; k++) {
                forward -= rates[c] * last[c][k] * log(last[c][k]);
                for (size_t i = 0; i < K; i++)
                    given_data -= rates[c] * to_s[c][i] * last[i][k] * log(to_s[c][i] * last[i][k] / to[c][k]);
            }
        assert_ok(diffusion_entropy_bounds(schedule, t, &lower, &upper));
        assert_close(lower, given_data / K, 1e-12, 0.0);
        assert_close(upper, forward / K, 1e-12, 0.0);
        assert_true(lower < upper);
    }
    diffusion_schedule_free(schedule);
}

/* Draws of many groups at once, across the blocks that the library works in. */
static void draws_follow_the_marginal(void **state)
{
    (void)state;
    enum { GROUPS = 30000 };
    diffusion_schedule *schedule = make_schedule(SPEC);
    static float x0[GROUPS * K], noise[GROUPS * K], xt[GROUPS * K];
    static double draws[GROUPS * K];
    const int32_t t = 3;
    double to[K][K], count[K] = {0};
    chances(to, schedule, 0, t);
    rng_uniform(draws, GROUPS * K, (rng_stream){1, RNG_SHUFFLE, 0, 0});
    for (size_t i = 0; i < GROUPS * K; i++) {
        x0[i] = i % K == 1;
        noise[i] = (float)draws[i];
    }
    assert_ok(diffusion_forward_sample(schedule, &t, x0, noise, 1, GROUPS * K, xt));
    for (size_t i = 0; i < GROUPS; i++) {
        assert_true(xt[K * i] + xt[K * i + 1] + xt[K * i + 2] == 1.0f);
        for (size_t k = 0; k < K; k++)
            count[k] += (double)xt[K * i + k];
    }
    for (size_t k = 0; k < K; k++)
        assert_close(count[k] / GROUPS, to[1][k], 0.0, 4.0 * sqrt(to[1][k] * (1.0 - to[1][k]) / GROUPS));
    diffusion_schedule_free(schedule);
}

/* ---- exact reverse process of one group with these chances of x_0 ---- */

static const double data_chances[K] = {0.1, 0.7, 0.2};

static int32_t reverse(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const diffusion_schedule *schedule = user;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        double to_s[K][K], last[K][K], sum = 0.0;
        chances(to_s, schedule, 0, t - 1);
        chances(last, schedule, t - 1, t);
        for (size_t k = 0; k < K; k++) {
            double before = 0.0, seen_chance = 0.0;
            for (size_t c = 0; c < K; c++) {
                before += data_chances[c] * to_s[c][k];
                seen_chance += last[k][c] * x[K * i + c];
            }
            sum += out[K * i + k] = before * seen_chance;
        }
        for (size_t k = 0; k < K; k++)
            out[K * i + k] /= sum;
    }
    return 0;
}

enum { DRAWS = 10000 };

/* Chances come out to 1 / DRAWS. */
static int32_t strata(double *noise, size_t count, int64_t draw_index, int32_t t, void *user)
{
    (void)t, (void)user;
    for (size_t i = 0; i < count; i++)
        noise[i] = ((double)(draw_index % DRAWS) + 0.5) / DRAWS;
    return 0;
}

static double exact_bound(const diffusion_schedule *schedule, size_t c)
{
    double to[K][K], nats = log(data_chances[c]);
    chances(to, schedule, 0, STEPS);
    for (size_t k = 0; k < K; k++) {
        double marginal = 0.0;
        for (size_t i = 0; i < K; i++)
            marginal += data_chances[i] * to[i][k];
        nats += to[c][k] * log(rates[k] / marginal);
    }
    return nats;
}

static void elbo_of_the_exact_reverse_is_log_p_but_for_the_prior(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule(SPEC);
    diffusion_model *model = make_callback_double("shape=3 predict=mean", reverse, schedule);
    diffusion_evaluator *evaluator = NULL;
    assert_ok(diffusion_evaluator_create(&evaluator, model, schedule, "elbo draws=10000 edge=model"));
    assert_ok(diffusion_evaluator_set_noise(evaluator, strata, NULL));
    for (size_t c = 0; c < K; c++) {
        const float x0[K] = {c == 0, c == 1, c == 2};
        double bits;
        assert_ok(diffusion_evaluator_run(evaluator, x0, NULL, 1));
        assert_ok(diffusion_evaluator_value(evaluator, "k_bits", &bits));
        assert_close(bits * log(2.0), exact_bound(schedule, c), 0.0, 2e-3);
        assert_ok(diffusion_evaluator_value(evaluator, "null_bits", &bits));
        assert_close(bits * log(2.0), log(rates[c]), 1e-12, 0.0);
    }
    diffusion_evaluator_free(evaluator);
    evaluator = NULL;
    assert_ok(diffusion_evaluator_create(&evaluator, model, schedule, "elbo edge=forward"));
    for (size_t c = 0; c < K; c++) {
        const float x0[K] = {c == 0, c == 1, c == 2};
        double bits, first[K][K], truth = 0.0;
        chances(first, schedule, 0, 1);
        for (size_t k = 0; k < K; k++)
            truth += first[c][k] * log(first[k][c]);
        assert_ok(diffusion_evaluator_run(evaluator, x0, NULL, 1));
        assert_ok(diffusion_evaluator_value(evaluator, "edge_bits", &bits));
        assert_close(bits * log(2.0), truth, 1e-12, 0.0);
    }
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* With many particles: p(x_0) p(y | x_0), normalised; x_T is drawn from the prior. */
static void samples_and_posteriors_are_exact(void **state)
{
    (void)state;
    enum { N = 20000 };
    diffusion_schedule *schedule = make_schedule(SPEC);
    diffusion_model *model = make_callback_double("shape=3 predict=mean", reverse, schedule);
    static float x0[N * K];
    double whole[K] = {0};
    for (int observed = 0; observed < 2; observed++) {
        const float y[K] = {1, 0, 0};
        const double noise = 0.3;
        double truth[K], sum = 0.0, last[K][K], count[K] = {0};
        chances(last, schedule, 0, STEPS);
        for (size_t c = 0; c < K; c++) { /* the chain's own law of x_0 */
            truth[c] = 0.0;
            for (size_t k = 0; k < K; k++) {
                double marginal = 0.0;
                for (size_t i = 0; i < K; i++)
                    marginal += data_chances[i] * last[i][k];
                truth[c] += rates[k] * data_chances[c] * last[c][k] / marginal;
            }
            whole[c] = truth[c];
            truth[c] *= !observed ? 1.0 : c == 0 ? 1.0 - noise : noise / 2.0;
            sum += truth[c];
        }
        diffusion_sampler *sampler = make_sampler(
            model, schedule, observed ? "ancestral last=model seed=3 particles=64" : "ancestral last=model seed=3");
        if (observed)
            assert_ok(diffusion_sampler_set_observed(sampler, y, noise, 1));
        const size_t n = observed ? N / 4 : N;
        assert_ok(diffusion_sampler_run(sampler, NULL, n, x0));
        for (size_t i = 0; i < n * K; i++)
            count[i % K] += (double)x0[i];
        for (size_t c = 0; c < K; c++)
            assert_close(count[c] / (double)n, truth[c] / sum, 0.0,
                         4.0 * sqrt(truth[c] / sum / (double)n) + (observed ? 0.01 : 0.0));
        diffusion_sampler_free(sampler);
    }
    assert_close(whole[0] + whole[1] + whole[2], 1.0, 1e-12, 0.0);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- training ---- */

static void the_gradient_is_that_of_the_loss(const char *predict, const char *objective_name, const uint8_t *observed)
{
    enum { N = 4, DIM = 2 * K };
    char model_spec[120], trainer_spec[80];
    snprintf(model_spec, sizeof model_spec, "mlp shape=2,3 width=4 depth=1 time_features=2 predict=%s", predict);
    snprintf(trainer_spec, sizeof trainer_spec, "objective=%s seed=3", objective_name);
    diffusion_schedule *schedule = make_schedule(SPEC);
    diffusion_model *model = make_model(model_spec, 1);
    fill_weights(model, 5);
    diffusion_trainer *trainer = make_trainer(model, schedule, trainer_spec);
    diffusion_condition *condition = NULL;
    static float gradient[1024];
    float x0[N * DIM] = {0}, bias[DIM];
    double loss, up, down;
    const size_t count = model_parameters(model);
    for (size_t i = 0; i < N * 2; i++)
        x0[i * K + i * i % K] = 1.0f;
    assert_ok(diffusion_condition_create(&condition, N));
    assert_ok(diffusion_condition_set_observed(condition, observed, DIM));
    assert_ok(diffusion_trainer_gradient(trainer, x0, condition, N, &loss, gradient, count));
    assert_ok(diffusion_model_parameter(model, "output.bias", bias, DIM));
    for (size_t j = 0; j < DIM; j++) {
        const float before = bias[j], by = 0x1p-6f;
        bias[j] = before + by;
        assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, DIM));
        assert_ok(diffusion_trainer_gradient(trainer, x0, condition, N, &up, NULL, 0));
        bias[j] = before - by;
        assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, DIM));
        assert_ok(diffusion_trainer_gradient(trainer, x0, condition, N, &down, NULL, 0));
        bias[j] = before;
        assert_ok(diffusion_model_set_parameter(model, "output.bias", bias, DIM));
        assert_close((double)gradient[count - DIM + j], (up - down) / (2.0 * (double)by), 1e-3, 1e-4 * loss);
    }
    diffusion_condition_free(condition);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void gradients_are_those_of_the_losses(void **state)
{
    (void)state;
    static const uint8_t part[4 * 2 * K] = {1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1};
    static const char *const predict[] = {"x0", "perturbation"};
    for (size_t i = 0; i < 2; i++) {
        the_gradient_is_that_of_the_loss(predict[i], "bound", NULL);
        the_gradient_is_that_of_the_loss(predict[i], "pair", NULL);
        the_gradient_is_that_of_the_loss(predict[i], "bound", part);
    }
}

/* Two groups that are alike: category k twice with chance data_chances[k]. */
static void a_network_trained_by_the_bound_draws_the_data(void **state)
{
    (void)state;
    enum { N = 100, DIM = 2 * K, MANY = 4000 };
    diffusion_schedule *schedule = make_schedule("cosine steps=20 kernel=categorical rate=0.4,0.3,0.3");
    diffusion_model *model = make_model("mlp shape=2,3 width=64 depth=2 predict=x0", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound rate=2e-3 ema=0 seed=2");
    diffusion_evaluator *evaluator = NULL;
    static float data[N * DIM], x0[MANY * DIM];
    double count[K] = {0}, alike = 0.0, bits, entropy_bits = 0.0;
    for (size_t i = 0; i < N; i++) {
        const size_t k = i < 10 ? 0 : i < 80 ? 1 : 2;
        data[i * DIM + k] = data[i * DIM + K + k] = 1.0f;
    }
    for (int at = 0; at < 1500; at++)
        assert_ok(diffusion_trainer_step(trainer, data, NULL, N, NULL));
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral last=model seed=3");
    assert_ok(diffusion_sampler_run(sampler, NULL, MANY, x0));
    for (size_t i = 0; i < MANY; i++)
        for (size_t k = 0; k < K; k++) {
            count[k] += (double)x0[i * DIM + k] / MANY;
            alike += (double)(x0[i * DIM + k] * x0[i * DIM + K + k]) / MANY;
        }
    for (size_t k = 0; k < K; k++) {
        assert_close(count[k], data_chances[k], 0.0, 0.05);
        entropy_bits -= data_chances[k] * log2(data_chances[k]);
    }
    assert_true(alike > 0.93);
    assert_ok(diffusion_evaluator_create(&evaluator, model, schedule, "elbo draws=20 edge=model"));
    assert_ok(diffusion_evaluator_run(evaluator, data, NULL, N));
    assert_ok(diffusion_evaluator_value(evaluator, "k_bits", &bits));
    if (!(bits < -entropy_bits + 0.1 && bits > -entropy_bits - 0.5)) /* a lower bound, drawn */
        fail_msg("K is %g bits, the data's entropy %g", bits, entropy_bits);
    diffusion_evaluator_free(evaluator);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_does_not_suit_is_refused(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule(SPEC), *none = NULL;
    diffusion_model *model = make_model("mlp shape=4 predict=x0", 1), *epsilon = make_model("mlp shape=3", 1);
    diffusion_sampler *sampler = NULL;
    const double x[4] = {1, 0, 0, 0};
    double mean[4], variance[4];
    assert_refused(diffusion_schedule_create(&none, "linear kernel=categorical rate=0.5,0.6"), DIFFUSION_E_SPEC,
                   "sum is 1");
    assert_refused(diffusion_schedule_create(&none, "linear kernel=categorial"), DIFFUSION_E_SPEC, "categorical");
    assert_refused(diffusion_marginal(schedule, 1, x, 4, mean, variance), DIFFUSION_E_SHAPE, "multiple of 3");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ancestral"), DIFFUSION_E_SHAPE,
                   "multiple of 3");
    assert_refused(diffusion_sampler_create(&sampler, epsilon, schedule, "ancestral"), DIFFUSION_E_KERNEL,
                   "with the categorical kernel use");
    assert_help("schedule", "gaussian|binomial|categorical");
    assert_non_null(strstr(diffusion_schedule_spec(schedule), "kernel=categorical rate=0.5,0.3,0.2"));
    diffusion_model_free(epsilon);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_are_those_of_the_steps_matrices),
        cmocka_unit_test(entropy_bounds_hold_and_are_sums_over_all_cases),
        cmocka_unit_test(draws_follow_the_marginal),
        cmocka_unit_test(elbo_of_the_exact_reverse_is_log_p_but_for_the_prior),
        cmocka_unit_test(samples_and_posteriors_are_exact),
        cmocka_unit_test(gradients_are_those_of_the_losses),
        cmocka_unit_test(a_network_trained_by_the_bound_draws_the_data),
        cmocka_unit_test(what_does_not_suit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
