/* How diffusion_model_predict() reads a network's output: every row of the two tables in model.h, from betas alone. */
#include "make.h"

enum { STEPS = 9 };

/* The forward process of a spec, worked out from its betas. */
typedef struct process {
    diffusion_schedule *schedule;
    double beta[STEPS + 1], alpha_bar[STEPS + 1];
} process;

static process make_process(const char *spec)
{
    process self = {.schedule = make_schedule(spec)};
    assert_int_equal(diffusion_schedule_steps(self.schedule), STEPS);
    assert_ok(diffusion_schedule_values(self.schedule, "beta", self.beta + 1));
    self.alpha_bar[0] = 1.0;
    for (int t = 1; t <= STEPS; t++)
        self.alpha_bar[t] = self.alpha_bar[t - 1] * (1.0 - self.beta[t]);
    return self;
}

/* A network that gives the same output whatever it is asked. */
static int32_t constant(const float *x, const double *time, const diffusion_condition *condition, size_t n, float *out,
                        void *user)
{
    (void)x, (void)time, (void)condition;
    const float *values = user; /* the output, and its second half */
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = values[0];
        out[2 * i + 1] = values[1];
    }
    return 0;
}

static int32_t constant_alone(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                              float *out, void *user)
{
    (void)x, (void)time, (void)condition;
    for (size_t i = 0; i < n; i++)
        out[i] = *(const float *)user;
    return 0;
}

static double posterior_variance(const process *q, int t)
{
    return (1.0 - q->alpha_bar[t - 1]) / (1.0 - q->alpha_bar[t]) * q->beta[t];
}

static double posterior_mean(const process *q, int t, double x0, double x)
{
    double noise = 1.0 - q->alpha_bar[t];
    return sqrt(q->alpha_bar[t - 1]) * q->beta[t] / noise * x0 +
           sqrt(1.0 - q->beta[t]) * (1.0 - q->alpha_bar[t - 1]) / noise * x;
}

static double true_variance(const process *q, int t, const char *kind, double s)
{
    double small = posterior_variance(q, t > 1 ? t : 2), large = q->beta[t], v = 0.5 * (s + 1.0);
    if (strcmp(kind, "fixed_small") == 0)
        return small;
    if (strcmp(kind, "fixed_large") == 0)
        return t > 1 ? large : small;
    if (strcmp(kind, "learned") == 0)
        return large == 1.0 ? 1.0 : 1.0 / (1.0 + exp(-s) * (1.0 - large) / large);
    return exp(v * log(large) + (1.0 - v) * log(small));
}

static double true_mean(const process *q, int t, const char *kind, double x, double o, double variance)
{
    double signal = sqrt(q->alpha_bar[t]), deviation = sqrt(1.0 - q->alpha_bar[t]);
    if (strcmp(kind, "epsilon") == 0)
        return posterior_mean(q, t, (x - deviation * o) / signal, x);
    if (strcmp(kind, "x0") == 0)
        return posterior_mean(q, t, o, x);
    if (strcmp(kind, "v") == 0)
        return posterior_mean(q, t, signal * x - deviation * o, x);
    return strcmp(kind, "perturbation") == 0 ? (x - o) * (1.0 - variance) + o : o;
}

static void check_reading(const process *q, const char *predict, const char *variance, double o, double s)
{
    char spec[96];
    float values[2] = {(float)o, (float)s}, x[STEPS], mean[STEPS], sigma[STEPS];
    int32_t t[STEPS];
    int learned = strcmp(variance, "learned") == 0 || strcmp(variance, "learned_range") == 0;
    snprintf(spec, sizeof spec, "shape=1 predict=%s variance=%s", predict, variance);
    diffusion_model *model = make_callback(spec, learned ? constant : constant_alone, values);
    assert_int_equal(diffusion_model_outputs(model), learned ? 2 : 1);
    for (int i = 0; i < STEPS; i++) {
        t[i] = STEPS - i;
        x[i] = 0.25f * (float)(i - 3);
    }
    assert_ok(diffusion_model_predict(model, q->schedule, x, t, NULL, STEPS, mean, sigma));
    for (int i = 0; i < STEPS; i++) {
        double truth = true_variance(q, t[i], variance, (double)values[1]);
        assert_close((double)sigma[i], truth, 1e-6, 0);
        assert_close((double)mean[i], true_mean(q, t[i], predict, (double)x[i], (double)values[0], truth), 1e-6, 1e-7);
    }
    diffusion_model_free(model);
}

static void check_all(const char *schedule, const char *const *predicts, size_t count)
{
    static const char *const variances[] = {"fixed_small", "fixed_large", "learned", "learned_range"};
    static const double outputs[][2] = {{0.5, 0.0}, {-1.25, 0.75}, {2.0, -1.0}, {0.0, 3.0}, {0.7, -8.0}};
    process q = make_process(schedule);
    for (size_t p = 0; p < count; p++)
        for (size_t v = 0; v < 4; v++)
            for (size_t o = 0; o < 5; o++)
                check_reading(&q, predicts[p], variances[v], outputs[o][0], outputs[o][1]);
    diffusion_schedule_free(q.schedule);
}

static void gaussian_means_and_variances_follow_the_formulas(void **state)
{
    (void)state;
    static const char *const predicts[] = {"epsilon", "x0", "v", "perturbation", "mean"};
    check_all("linear steps=9 beta_start=0.03 beta_end=0.6", predicts, 5);
    check_all("cosine steps=9", predicts, 5);
}

static void they_do_at_zero_terminal_snr_too(void **state)
{
    (void)state;
    static const char *const predicts[] = {"x0", "v", "perturbation", "mean"};
    check_all("linear steps=9 beta_start=0.03 beta_end=0.4 zero_terminal_snr=yes", predicts, 4);
}

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* q(x_t = to | x_s = from) with `kept` the product of 1 - beta of the steps between. */
static double bit(double kept, double rate, int from, int to)
{
    double one = kept * from + (1.0 - kept) * rate;
    return to ? one : 1.0 - one;
}

/* p(x_{t-1} = 1 | x_t) by adding up over x_0 (chance p of a 1) and both values of x_{t-1}. */
static double rate_of_x0(const process *q, int t, int x, double p, double rate)
{
    double sum = 0.0;
    for (int x0 = 0; x0 < 2; x0++) {
        double one = bit(q->alpha_bar[t - 1], rate, x0, 1) * bit(1.0 - q->beta[t], rate, 1, x);
        double zero = bit(q->alpha_bar[t - 1], rate, x0, 0) * bit(1.0 - q->beta[t], rate, 0, x);
        sum += (x0 ? p : 1.0 - p) * one / (one + zero);
    }
    return sum;
}

static void check_bit(const process *q, const char *predict, int x, float o, double rate)
{
    char spec[64];
    snprintf(spec, sizeof spec, "shape=1 predict=%s", predict);
    diffusion_model *model = make_callback(spec, constant_alone, &o);
    for (int32_t t = 1; t <= STEPS; t++) {
        float from = (float)x, got, variance;
        assert_ok(diffusion_model_predict(model, q->schedule, &from, &t, NULL, 1, &got, &variance));
        double forward = bit(1.0 - q->beta[t], rate, x, 1), truth = (double)o;
        if (strcmp(predict, "x0") == 0)
            truth = rate_of_x0(q, t, x, sigmoid((double)o), rate);
        else if (strcmp(predict, "perturbation") == 0)
            truth = sigmoid((double)o + log(forward / (1.0 - forward)));
        assert_close((double)got, truth, 1e-6, 0);
        assert_close((double)variance, truth * (1.0 - truth), 1e-6, 1e-9);
    }
    diffusion_model_free(model);
}

static void binomial_rates_follow_the_formulas(void **state)
{
    (void)state;
    process q = make_process("linear steps=9 beta_start=0.05 beta_end=0.5 kernel=binomial rate=0.2");
    for (int x = 0; x < 2; x++)
        for (float o = 0.125f; o < 1.0f; o += 0.25f) {
            check_bit(&q, "x0", x, 4.0f * o - 2.0f, 0.2);
            check_bit(&q, "perturbation", x, 8.0f * o - 4.0f, 0.2);
            check_bit(&q, "mean", x, o, 0.2);
        }
    diffusion_schedule_free(q.schedule);
}

static void a_rate_of_0_or_1_is_allowed(void **state)
{
    (void)state;
    process q = make_process("constant_rate steps=9 kernel=binomial rate=0.2");
    check_bit(&q, "mean", 1, 0.0f, 0.2);
    check_bit(&q, "mean", 0, 1.0f, 0.2);
    diffusion_schedule_free(q.schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_means_and_variances_follow_the_formulas),
        cmocka_unit_test(they_do_at_zero_terminal_snr_too),
        cmocka_unit_test(binomial_rates_follow_the_formulas),
        cmocka_unit_test(a_rate_of_0_or_1_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
