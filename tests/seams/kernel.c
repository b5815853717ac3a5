/* The seam of kernels: categories in groups, categorical_kernel.c. */
#include "help.h"
#include "make.h"

#include "process/schedule.h"

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
