/* The importance-weighted bound between K and the truth: of a chain of linear steps, whose p(x_0) is a normal law, and
 * of bits, by adding up all trajectories. */
#include "make.h"

enum { STEPS = 10, COPIES = 400 };

/* ---- linear steps ---- */

typedef struct chain {
    double beta[STEPS + 1], slope[STEPS + 1], variance[STEPS + 1];
} chain;

/* mean = slope_t x_t and Sigma = variance_t, told as the header says: sigmoid(s + logit(beta_t)). */
static int32_t linear(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                      void *user)
{
    (void)condition;
    const chain *self = user;
    for (size_t i = 0; i < n; i++) {
        const int t = (int)time[i];
        const double v = self->variance[t], b = self->beta[t];
        out[2 * i] = self->slope[t] * x[i];
        out[2 * i + 1] = log(v / (1.0 - v)) - log(b / (1.0 - b));
    }
    return 0;
}

/* The best reverse steps for data of deviation 0.6, spoilt. */
static diffusion_model *open_chain(chain *self, const diffusion_schedule *schedule)
{
    double alpha_bar[STEPS + 1] = {1.0};
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", alpha_bar + 1));
    assert_ok(diffusion_schedule_values(schedule, "beta", self->beta + 1));
    for (int t = 1; t <= STEPS; t++) {
        const double above = 0.36 * alpha_bar[t] + 1.0 - alpha_bar[t];
        const double below = 0.36 * alpha_bar[t - 1] + 1.0 - alpha_bar[t - 1];
        self->slope[t] = 1.05 * sqrt(1.0 - self->beta[t]) * below / above;
        self->variance[t] = fmin(0.9 * self->beta[t] * below / above, 0.99);
    }
    return make_callback_double("shape=1 predict=mean variance=learned", linear, self);
}

/* log2 p(x_0): variances add up on the way down. */
static double true_bits(const chain *self, double x0)
{
    double variance = 1.0;
    for (int t = STEPS; t >= 1; t--)
        variance = self->slope[t] * self->slope[t] * variance + self->variance[t];
    return -0.5 * (x0 * x0 / variance + log(2.0 * acos(-1.0) * variance)) / log(2.0);
}

static void more_trajectories_come_closer_from_below(void **state)
{
    (void)state;
    static const float points[] = {0.2f, -0.9f, 1.6f};
    chain self;
    diffusion_schedule *schedule = make_schedule("cosine steps=10");
    diffusion_model *model = open_chain(&self, schedule);
    print_message("x_0     elbo");
    for (int k = 1; k <= 256; k *= 4)
        print_message("  iwae(%d)", k);
    print_message("    truth (bits)\n");
    for (size_t p = 0; p < sizeof points / sizeof points[0]; p++) {
        float x0[COPIES];
        for (size_t i = 0; i < COPIES; i++)
            x0[i] = points[p];
        diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo edge=model draws=16");
        assert_ok(diffusion_evaluator_run(elbo, x0, NULL, COPIES));
        const double truth = true_bits(&self, (double)points[p]), lowest = figure(elbo, "k_bits");
        const double elbo_error = figure(elbo, "standard_error_bits");
        double before = lowest, before_error = elbo_error;
        print_message("%4.1f  %8.4f", (double)points[p], lowest);
        for (int k = 1; k <= 256; k *= 4) {
            char spec[64];
            snprintf(spec, sizeof spec, "iwae samples=%d edge=model seed=3", k);
            diffusion_evaluator *iwae = make_evaluator(model, schedule, spec);
            assert_ok(diffusion_evaluator_run(iwae, x0, NULL, COPIES));
            const double bits = figure(iwae, "log_likelihood_bits"), error = figure(iwae, "standard_error_bits");
            print_message("  %8.4f", bits);
            assert_true(bits > before - 4.0 * hypot(error, before_error));
            assert_true(bits < truth + 4.0 * error);
            if (k == 1)
                assert_true(fabs(bits - lowest) < 4.0 * hypot(error, elbo_error));
            if (k == 256)
                assert_true(fabs(bits - truth) < 4.0 * error + 0.01 * (truth - lowest));
            before = bits;
            before_error = error;
            diffusion_evaluator_free(iwae);
        }
        print_message("  %8.4f\n", truth);
        assert_true(truth - lowest > 0.05);
        diffusion_evaluator_free(elbo);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* Each sample's error is what its figure spreads by. */
static void the_standard_error_of_a_sample_is_its_spread(void **state)
{
    (void)state;
    chain self;
    diffusion_schedule *schedule = make_schedule("cosine steps=10");
    diffusion_model *model = open_chain(&self, schedule);
    diffusion_evaluator *iwae = make_evaluator(model, schedule, "iwae samples=300 edge=model");
    float x0[COPIES];
    double bits[COPIES], error[COPIES], mean = 0.0, spread = 0.0, claimed = 0.0;
    for (size_t i = 0; i < COPIES; i++)
        x0[i] = 0.4f;
    assert_ok(diffusion_evaluator_run(iwae, x0, NULL, COPIES));
    assert_ok(diffusion_evaluator_samples(iwae, bits, error, COPIES));
    for (size_t i = 0; i < COPIES; i++)
        mean += bits[i] / COPIES;
    for (size_t i = 0; i < COPIES; i++) {
        spread += (bits[i] - mean) * (bits[i] - mean) / (COPIES - 1);
        claimed += error[i] * error[i] / COPIES;
    }
    assert_close(sqrt(claimed), sqrt(spread), 0.2, 0);
    const double effective = figure(iwae, "effective_samples");
    assert_true(effective > 1.0 && effective < 300.0);
    diffusion_evaluator_free(iwae);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- bits ---- */

enum { BITS = 2, STATES = 4, BIT_STEPS = 3 };

static double rate_of(int t, int from, int bit)
{
    return 1.0 / (1.0 + exp(-(0.4 * t - 0.7 * bit + 1.3 * (from & 1) - 0.9 * (from >> 1) + 0.3 * bit * from)));
}

static int32_t rates(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                     void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n; i++)
        for (int j = 0; j < BITS; j++)
            out[i * BITS + (size_t)j] = rate_of((int)time[i], (int)(x[i * BITS] + 2 * x[i * BITS + 1]), j);
    return 0;
}

static double chance(double rate0, double rate1, int state)
{
    return ((state & 1) != 0 ? rate0 : 1.0 - rate0) * ((state & 2) != 0 ? rate1 : 1.0 - rate1);
}

static void bits_have_the_sum_over_all_trajectories(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("betas values=0.4,0.5,0.7 kernel=binomial rate=0.3,0.6");
    diffusion_model *model = make_callback_double("shape=2 predict=mean", rates, NULL);
    diffusion_evaluator *iwae = make_evaluator(model, schedule, "iwae samples=40000 edge=model");
    double p[STATES], bits[STATES], error[STATES];
    const float data[STATES * BITS] = {0, 0, 1, 0, 0, 1, 1, 1};
    for (int s = 0; s < STATES; s++)
        p[s] = chance(0.3, 0.6, s);
    for (int t = BIT_STEPS; t >= 1; t--) {
        double next[STATES] = {0};
        for (int from = 0; from < STATES; from++)
            for (int s = 0; s < STATES; s++)
                next[s] += p[from] * chance(rate_of(t, from, 0), rate_of(t, from, 1), s);
        memcpy(p, next, sizeof p);
    }
    assert_ok(diffusion_evaluator_run(iwae, data, NULL, STATES));
    assert_ok(diffusion_evaluator_samples(iwae, bits, error, STATES));
    for (int s = 0; s < STATES; s++) {
        print_message("bits %d%d: %.5f +- %.5f, by enumeration %.5f\n", s & 1, s >> 1, bits[s], error[s], log2(p[s]));
        assert_true(error[s] < 0.05 && fabs(bits[s] - log2(p[s])) < 4.0 * error[s]);
    }
    diffusion_evaluator_free(iwae);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- batches ---- */

static void any_batch_and_threads_give_the_same_bits(void **state)
{
    (void)state;
    enum { N = 70, DIM = 3, K = 37 };
    float x0[N * DIM];
    double bits[N], again[N];
    make_numbers(x0, N * DIM, 4);
    diffusion_schedule *schedule = make_schedule("cosine steps=6");
    diffusion_model *model = make_model("mlp shape=3 width=16 depth=2 variance=learned_range", 2);
    fill_weights(model, 2);
    for (int edge = 0; edge < 3; edge++) {
        static const char *const specs[] = {"iwae samples=37", "iwae samples=37 edge=discretized levels=9",
                                            "iwae samples=37 edge=model dequantize=0.1 seed=9"};
        diffusion_evaluator *iwae = make_evaluator(model, schedule, specs[edge]);
        assert_ok(diffusion_set_threads(3));
        assert_ok(diffusion_evaluator_run(iwae, x0, NULL, N));
        assert_ok(diffusion_evaluator_samples(iwae, bits, NULL, N));
        assert_ok(diffusion_set_threads(1));
        assert_ok(diffusion_evaluator_run(iwae, x0, NULL, N / 2));
        assert_ok(diffusion_evaluator_samples(iwae, again, NULL, N / 2));
        assert_ok(diffusion_set_threads(0));
        assert_memory_equal(bits, again, N / 2 * sizeof *bits);
        diffusion_evaluator_free(iwae);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_trajectories_come_closer_from_below),
        cmocka_unit_test(the_standard_error_of_a_sample_is_its_spread),
        cmocka_unit_test(bits_have_the_sum_over_all_trajectories),
        cmocka_unit_test(any_batch_and_threads_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
