/* The figures of the bound: they fit one another, and an error that nothing shows is NaN. */
#include "make.h"

enum { STEPS = 6, N = 4, DIM = 2 };

static const float data[N * DIM] = {0.5f, -1.0f, 1.0f, 1.0f, -0.25f, 0.0f, -1.0f, 0.75f};

static int make_world(void **state)
{
    return make_world_of(state, "linear steps=6 beta_start=0.05 beta_end=0.5",
                         "mlp shape=2 width=8 depth=2 time_features=4 classes=3 variance=learned_range");
}

static diffusion_evaluator *measure(const world *of, size_t n, const char *spec)
{
    diffusion_evaluator *elbo = make_evaluator(of->model, of->schedule, spec);
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, n));
    return elbo;
}

static double mean(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static double standard_error(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += pow(values[i] - mean(values, count), 2);
    return sqrt(sum / ((double)count - 1.0) / (double)count);
}

/* L_null of one sample: the log density of a standard normal, or its mass in the bins of so many levels. */
static double null_bits(size_t sample, int32_t levels)
{
    const double zero[DIM] = {0.0};
    double nats = 0.0, mass[DIM], x[DIM], one[DIM];
    for (size_t j = 0; j < DIM; j++) {
        x[j] = (double)data[sample * DIM + j];
        one[j] = 1.0;
    }
    if (levels > 0)
        assert_ok(diffusion_discretized_log_likelihood("normal", x, zero, one, DIM, levels, mass));
    for (size_t j = 0; j < DIM; j++)
        nats += levels > 0 ? mass[j] : -0.5 * (log(2.0 * acos(-1.0)) + x[j] * x[j]);
    return nats / log(2.0);
}

static void the_figures_fit_one_another(void **state)
{
    static const char *const specs[] = {"elbo draws=3 seed=2", "elbo draws=3 edge=model",
                                        "elbo draws=1 edge=discretized levels=16"};
    for (size_t which = 0; which < 3; which++) {
        double k[N], null[N], gain[N], terms[STEPS], errors[STEPS];
        diffusion_evaluator *elbo = measure(*state, N, specs[which]);
        assert_ok(diffusion_evaluator_samples(elbo, k, NULL, N));
        assert_ok(diffusion_evaluator_terms(elbo, terms, errors));
        for (size_t i = 0; i < N; i++) {
            null[i] = null_bits(i, which == 2 ? 16 : 0);
            gain[i] = k[i] - null[i];
        }
        assert_close(figure(elbo, "k_bits"), mean(k, N), 1e-12, 0);
        assert_close(figure(elbo, "null_bits"), mean(null, N), 1e-12, 0);
        assert_close(figure(elbo, "k_minus_null_bits"), mean(gain, N), 1e-12, 0);
        assert_close(figure(elbo, "standard_error_bits"), standard_error(k, N), 1e-12, 0);
        assert_close(figure(elbo, "null_standard_error_bits"), standard_error(null, N), 1e-12, 0);
        assert_close(figure(elbo, "k_minus_null_standard_error_bits"), standard_error(gain, N), 1e-12, 0);
        assert_close(figure(elbo, "edge_bits"), -terms[0], 1e-12, 0);
        assert_close(figure(elbo, "kl_bits"), mean(terms + 1, STEPS - 1) * (STEPS - 1), 1e-12, 0);
        assert_close(figure(elbo, "k_bits"), -mean(terms, STEPS) * STEPS - figure(elbo, "prior_bits"), 1e-12, 0);
        assert_close(figure(elbo, "k_bits_per_dimension"), mean(k, N) / DIM, 1e-12, 0);
        assert_close(figure(elbo, "bits_per_dimension"), -mean(k, N) / DIM, 1e-12, 0);
        for (size_t t = 0; t < STEPS; t++)
            assert_true(errors[t] >= 0.0 && (t == 0 || terms[t] >= 0.0));
        diffusion_evaluator_free(elbo);
    }
}

/* With one draw of one sample no spread is seen; with several draws of one sample it is theirs. */
/* With edge=discretized K is of masses already, which no width turns into others. */
static void the_code_length_counts_the_width_once(void **state)
{
    static const char *const specs[] = {"elbo", "elbo dequantize=0.125", "elbo edge=model dequantize=0.125",
                                        "elbo edge=discretized levels=17 dequantize=0.125"};
    static const double more[] = {0, 3, 3, 0};
    for (size_t i = 0; i < 4; i++) {
        diffusion_evaluator *elbo = measure(*state, N, specs[i]);
        assert_close(figure(elbo, "bits_per_dimension"), more[i] - figure(elbo, "k_bits_per_dimension"), 1e-12, 1e-12);
        diffusion_evaluator_free(elbo);
    }
}

static void an_error_that_nothing_shows_is_nan(void **state)
{
    diffusion_evaluator *elbo = measure(*state, 1, "elbo draws=1 seed=5");
    double term[STEPS], error[STEPS], first = figure(elbo, "k_bits"), k[2];
    assert_true(isnan(figure(elbo, "standard_error_bits")) && isnan(figure(elbo, "draw_error_bits")));
    assert_true(isnan(figure(elbo, "null_standard_error_bits")));
    assert_true(isnan(figure(elbo, "k_minus_null_standard_error_bits")));
    assert_ok(diffusion_evaluator_terms(elbo, term, error));
    assert_true(isnan(error[1]));
    assert_ok(diffusion_evaluator_terms(elbo, term, NULL));
    diffusion_evaluator_free(elbo);
    elbo = measure(*state, 1, "elbo draws=2 seed=5");
    k[0] = first;
    k[1] = 2.0 * figure(elbo, "k_bits") - first; /* the second draw's, the first being the same */
    assert_close(figure(elbo, "draw_error_bits"), standard_error(k, 2), 1e-9, 0);
    assert_close(figure(elbo, "standard_error_bits"), standard_error(k, 2), 1e-9, 0);
    diffusion_evaluator_free(elbo);
    elbo = measure(*state, N, "elbo draws=1");
    assert_true(isnan(figure(elbo, "draw_error_bits")) && !isnan(figure(elbo, "standard_error_bits")));
    diffusion_evaluator_free(elbo);
}

/* Knows x_0, and gives a variance that underflows to 0. */
static int see_without_variance(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                                double *out, void *user)
{
    (void)x, (void)time, (void)condition, (void)user;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < DIM; j++) {
            out[i * 2 * DIM + j] = (double)data[j];
            out[i * 2 * DIM + DIM + j] = -1e5;
        }
    return 0;
}

static void a_variance_that_underflows_makes_the_kl_infinite(void **state)
{
    (void)state;
    static const char *const specs[] = {"shape=2 predict=x0 variance=learned",
                                        "shape=2 predict=x0 variance=learned_range"};
    for (size_t i = 0; i < 2; i++) {
        diffusion_schedule *schedule = make_schedule("cosine steps=6");
        diffusion_model *model = make_callback_double(specs[i], see_without_variance, NULL);
        diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo");
        double terms[STEPS];
        assert_ok(diffusion_evaluator_run(elbo, data, NULL, 1));
        assert_ok(diffusion_evaluator_terms(elbo, terms, NULL));
        for (size_t t = 1; t < STEPS; t++)
            assert_true(terms[t] == INFINITY);
        assert_true(figure(elbo, "k_bits") == -INFINITY);
        diffusion_evaluator_free(elbo);
        elbo = make_evaluator(model, schedule, "elbo edge=discretized");
        assert_ok(diffusion_evaluator_run(elbo, data, NULL, 1));
        assert_true(figure(elbo, "k_bits") == -INFINITY && figure(elbo, "edge_bits") == 0.0);
        diffusion_evaluator_free(elbo);
        elbo = make_evaluator(model, schedule, "elbo edge=model");
        assert_refused(diffusion_evaluator_run(elbo, data, NULL, 1), DIFFUSION_E_NONFINITE,
                       "K is infinity less infinity");
        diffusion_evaluator_free(elbo);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

/* E[x_0 | x_t] of standard normal data, in the library's reading of levels. */
static int32_t see_normal_data(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                               double *out, void *user)
{
    (void)condition;
    for (size_t i = 0; i < n; i++) {
        double signal, sigma, log_snr;
        assert_ok(diffusion_schedule_level(user, time[i], &signal, &sigma, &log_snr));
        for (size_t j = 0; j < DIM; j++)
            out[i * DIM + j] = signal / (signal * signal + sigma * sigma) * x[i * DIM + j];
    }
    return 0;
}

/* Of a perfect model of N(0, 1), which L_null is too, K - L_null is 0 but for the length of the steps: whatever the
 * levels are, and at either edge. */
static void a_perfect_model_reaches_the_truth_on_every_schedule(void **state)
{
    (void)state;
    static const char *const schedules[] = {"linear steps=1000", "cosine steps=1000", "edm steps=1000",
                                            "flow steps=1000", "flow steps=1000 shift=3"};
    static const char *const edges[] = {"elbo draws=64", "elbo draws=64 edge=model"};
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++)
        for (size_t edge = 0; edge < 2; edge++) {
            diffusion_schedule *schedule = make_schedule(schedules[i]);
            diffusion_model *model =
                make_callback_double("shape=2 predict=x0 variance=fixed_large", see_normal_data, schedule);
            diffusion_evaluator *elbo = make_evaluator(model, schedule, edges[edge]);
            assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
            const double more = figure(elbo, "k_minus_null_bits"), least = edge == 0 ? -0.2 : -0.8;
            if (!(more > least && more < 0.05))
                fail_msg("%s, %s: K - L_null is %g, expected %g..0.05", schedules[i], edges[edge], more, least);
            diffusion_evaluator_free(elbo);
            diffusion_model_free(model);
            diffusion_schedule_free(schedule);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_fit_one_another),
        cmocka_unit_test(the_code_length_counts_the_width_once),
        cmocka_unit_test(an_error_that_nothing_shows_is_nan),
        cmocka_unit_test(a_variance_that_underflows_makes_the_kl_infinite),
        cmocka_unit_test(a_perfect_model_reaches_the_truth_on_every_schedule),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}
