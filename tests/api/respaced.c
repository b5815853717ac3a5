/* Chains that leave steps out read every prediction as the x_0 that it implies. Data is N(1, 0.3^2), whose optimal x_0
 * estimate is linear in x_t, told to the library in each of five ways. */
#include "make.h"

enum { T = 100, SAMPLES = 4000 };

static const double mu = 1.0, s2 = 0.09; /* mean and variance of the data */

typedef struct process {
    diffusion_schedule *schedule;
    double beta[T + 1], alpha_bar[T + 1];
    const char *predict, *variance;
} process;

static int enter(void **state)
{
    static process self;
    self.schedule = make_schedule("cosine steps=100");
    self.alpha_bar[0] = 1.0;
    assert_ok(diffusion_schedule_values(self.schedule, "beta", self.beta + 1));
    assert_ok(diffusion_schedule_values(self.schedule, "alpha_bar", self.alpha_bar + 1));
    *state = &self;
    return 0;
}

static int leave(void **state)
{
    diffusion_schedule_free(((process *)*state)->schedule);
    return 0;
}

/* E[x_0 | x_t] = offset + factor x_t. */
typedef struct estimate {
    double offset, factor;
} estimate;

static estimate estimate_at(const process *q, int32_t t)
{
    double a = q->alpha_bar[t], factor = sqrt(a) * s2 / (a * s2 + 1.0 - a);
    return (estimate){mu * (1.0 - factor * sqrt(a)), factor};
}

/* Of q(x_s | x_t, x_0), any s < t. */
typedef struct posterior {
    double x0, xt, variance;
} posterior;

static posterior posterior_of(const process *q, int32_t s, int32_t t)
{
    double as = q->alpha_bar[s], at = q->alpha_bar[t], kept = at / as, rest = 1.0 - at;
    return (posterior){sqrt(as) * (1.0 - kept) / rest, sqrt(kept) * (1.0 - as) / rest,
                       (1.0 - kept) * (1.0 - as) / rest};
}

/* The variance that the network was trained with: that of the step to t - 1. */
static double own_variance(const process *q, int32_t t, double s)
{
    double small = posterior_of(q, t > 1 ? t - 1 : 1, t > 1 ? t : 2).variance, large = q->beta[t];
    if (strcmp(q->variance, "learned") == 0)
        return 1.0 / (1.0 + exp(-s) * (1.0 - large) / large);
    if (strcmp(q->variance, "learned_range") == 0)
        return exp(0.5 * (s + 1.0) * log(large) + 0.5 * (1.0 - s) * log(small));
    return strcmp(q->variance, "fixed_large") == 0 && t > 1 ? large : small;
}

static int32_t tell_denoised(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                             double *out, void *user)
{
    const process *q = user;
    const int learned = strncmp(q->variance, "learned", 7) == 0;
    (void)condition;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        const double signal = sqrt(q->alpha_bar[t]), sigma = sqrt(1.0 - q->alpha_bar[t]), s = -0.4 + 0.002 * t;
        const estimate of = estimate_at(q, t);
        const posterior own = posterior_of(q, t - 1, t);
        const double x0 = of.offset + of.factor * x[i], epsilon = (x[i] - signal * x0) / sigma;
        const double mean = own.x0 * x0 + own.xt * x[i], variance = own_variance(q, t, s);
        const double said[] = {epsilon, x0, signal * epsilon - sigma * x0, mean,
                               (mean - x[i] * (1.0 - variance)) / variance};
        const char *name = q->predict;
        size_t which = strcmp(name, "epsilon") == 0 ? 0
                       : strcmp(name, "x0") == 0    ? 1
                       : strcmp(name, "v") == 0     ? 2
                       : strcmp(name, "mean") == 0  ? 3
                                                    : 4;
        out[learned ? 2 * i : i] = said[which];
        if (learned)
            out[2 * i + 1] = s;
    }
    return 0;
}

static void draw(process *q, const char *predict, const char *variance, const char *spec, size_t n, float *x0)
{
    char model_spec[96];
    q->predict = predict;
    q->variance = variance;
    snprintf(model_spec, sizeof model_spec, "shape=1 predict=%s variance=%s", predict, variance);
    diffusion_model *model = make_callback_double(model_spec, tell_denoised, q);
    diffusion_sampler *sampler = make_sampler(model, q->schedule, spec);
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x0));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
}

static const char *const predictions[] = {"epsilon", "x0", "v", "mean", "perturbation"};

static void every_prediction_gives_the_same_chain(void **state)
{
    process *q = *state;
    enum { N = 40 };
    static const char *const variances[] = {"fixed_small", "fixed_large", "learned", "learned_range"};
    static const char *const specs[] = {"ancestral last=model steps=50 seed=3",
                                        "ancestral steps=10 spacing=leading seed=3",
                                        "ancestral steps=10 clip=1.2 seed=3",
                                        "ancestral last=model steps=4 spacing=linspace seed=3",
                                        "ddim steps=50 seed=3",
                                        "ddim steps=10 eta=0.5 seed=3"};
    for (size_t v = 0; v < 4; v++)
        for (size_t s = 0; s < sizeof specs / sizeof specs[0]; s++) {
            float truth[N], x0[N];
            draw(q, "x0", variances[v], specs[s], N, truth);
            for (size_t p = 0; p < 5; p++) {
                draw(q, predictions[p], variances[v], specs[s], N, x0);
                for (size_t i = 0; i < N; i++)
                    assert_close((double)x0[i], (double)truth[i], 1e-5, 1e-6);
            }
        }
}

/* The chain is linear: mean and variance of x_0 follow from those of x_T step by step. */
typedef struct moments {
    double mean, variance;
} moments;

static moments follow(const process *q, int32_t steps, const char *variance, int ddim)
{
    const int32_t stride = T / steps;
    moments at = {0.0, 1.0};
    for (int32_t i = steps; i >= 1; i--) {
        const int32_t t = 1 + (i - 1) * stride, s = i > 1 ? t - stride : 0;
        const estimate of = estimate_at(q, t);
        const posterior to = posterior_of(q, s, t), above = i < steps ? posterior_of(q, t, t + stride) : to;
        const double ratio = sqrt((1.0 - q->alpha_bar[s]) / (1.0 - q->alpha_bar[t]));
        const double by_x0 = ddim ? sqrt(q->alpha_bar[s]) - ratio * sqrt(q->alpha_bar[t]) : to.x0;
        const double factor = by_x0 * of.factor + (ddim ? ratio : to.xt);
        const double large = 1.0 - q->alpha_bar[t] / q->alpha_bar[s];
        const double drawn = ddim                                   ? 0.0
                             : i == 1                               ? above.variance
                             : strcmp(variance, "fixed_large") == 0 ? large
                                                                    : to.variance;
        at.mean = factor * at.mean + by_x0 * of.offset;
        at.variance = factor * factor * at.variance + drawn;
    }
    return at;
}

static moments moments_of(const float *x, size_t n)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += pow((double)x[i] - sum, 2) / (double)n;
    return (moments){sum, squares};
}

/* Allowed: 4 standard errors of the chain's own law. That law's distance from the data's is what the steps left out
 * cost, by the recursion above: mean within 0.0046 and deviation within 0.027 with 50 steps, 0.035 and 0.085 with 10.
 */
static void check(process *q, const char *predict, int32_t steps, const char *variance, int ddim)
{
    static float x0[SAMPLES];
    char spec[96];
    snprintf(spec, sizeof spec, "%s steps=%d spacing=leading seed=5", ddim ? "ddim" : "ancestral last=model",
             (int)steps);
    draw(q, predict, variance, spec, SAMPLES, x0);
    const moments truth = follow(q, steps, variance, ddim), got = moments_of(x0, SAMPLES);
    print_message("  %s, %s, %s: mean %.4f, chain's %.4f; deviation %.4f, chain's %.4f\n", spec, predict, variance,
                  got.mean, truth.mean, sqrt(got.variance), sqrt(truth.variance));
    assert_close(got.mean, truth.mean, 0, 4.0 * sqrt(truth.variance / SAMPLES));
    assert_close(got.variance, truth.variance, 4.0 * sqrt(2.0 / SAMPLES), 0);
    assert_close(truth.mean, mu, 0, steps == 50 ? 0.005 : 0.04);
    assert_close(sqrt(truth.variance), sqrt(s2), 0, steps == 50 ? 0.03 : 0.09);
}

static void fewer_steps_still_draw_the_data(void **state)
{
    static const int32_t steps[] = {50, 10};
    for (size_t p = 0; p < 5; p++)
        for (size_t s = 0; s < 2; s++) {
            check(*state, predictions[p], steps[s], "fixed_small", 0);
            check(*state, predictions[p], steps[s], "fixed_large", 0);
            check(*state, predictions[p], steps[s], "fixed_small", 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prediction_gives_the_same_chain),
        cmocka_unit_test(fewer_steps_still_draw_the_data),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
