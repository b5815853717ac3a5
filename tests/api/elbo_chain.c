/* Bounds of chains that visit some steps alone, with variances other than the model's: against data of a normal law,
 * whose chain of any steps is exact with the analytic variance, and against the KLs that follow from moments. */
#include "make.h"

enum { DIM = 3, T = 30, N = 400 };

/* The best prediction for data of this deviation, spoilt by a factor. */
typedef struct known {
    const diffusion_schedule *schedule;
    double deviation, spoilt;
} known;

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const known *self = user;
    for (size_t i = 0; i < n * DIM; i++) {
        double signal, sigma, log_snr;
        assert_ok(diffusion_schedule_level(self->schedule, time[i / DIM], &signal, &sigma, &log_snr));
        const double data = self->deviation * self->deviation;
        out[i] = self->spoilt * sigma * x[i] / (signal * signal * data + sigma * sigma);
    }
    return 0;
}

static diffusion_model *make_known(known *self, const char *variance)
{
    char spec[96];
    double noise[T], error[T];
    snprintf(spec, sizeof spec, "shape=%d predict=epsilon variance=%s", DIM, variance);
    diffusion_model *model = make_callback_double(spec, predict, self);
    for (int t = 1; t <= T; t++) {
        double signal, sigma, log_snr;
        assert_ok(diffusion_schedule_level(self->schedule, t, &signal, &sigma, &log_snr));
        const double data = self->deviation * self->deviation,
                     share = sigma * sigma / (signal * signal * data + sigma * sigma);
        noise[t - 1] = self->spoilt * self->spoilt * share;
        error[t - 1] = 1.0 - 2.0 * self->spoilt * share + noise[t - 1];
    }
    assert_ok(diffusion_model_set_moments(model, self->schedule, noise, error, self->deviation * self->deviation));
    return model;
}

/* Normal, by sums of twelve, their variance made what it is said to be. */
static void fill_data(float *x0, double deviation)
{
    uint32_t random = 3;
    double squares = 0.0;
    for (size_t i = 0; i < N * DIM; i++) {
        x0[i] = 0.0f;
        for (int k = 0; k < 12; k++)
            x0[i] += make_number(&random);
        squares += (double)x0[i] * (double)x0[i] / (N * DIM);
    }
    for (size_t i = 0; i < N * DIM; i++)
        x0[i] *= (float)(deviation / sqrt(squares));
}

static diffusion_evaluator *measure(const diffusion_model *model, const diffusion_schedule *schedule, const char *spec,
                                    double deviation)
{
    static float x0[N * DIM];
    fill_data(x0, deviation);
    diffusion_evaluator *evaluator = make_evaluator(model, schedule, spec);
    assert_ok(diffusion_evaluator_run(evaluator, x0, NULL, N));
    return evaluator;
}

/* ---- exact ---- */

static void every_chain_of_normal_data_is_exact_with_the_analytic_variance(void **state)
{
    (void)state;
    static const char *const chains[] = {"chain=4", "chain=7 spacing=optimal", "steps_list=30,12,5,1", "chain=1", ""};
    diffusion_schedule *schedule = make_schedule("linear steps=30 beta_end=0.6");
    known self = {schedule, 1.0, 1.0};
    diffusion_model *model = make_known(&self, "fixed_small");
    static float x0[N * DIM];
    static double bits[N], error[N];
    fill_data(x0, 1.0);
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
        char spec[96];
        snprintf(spec, sizeof spec, "iwae samples=2 seed=%zu variance=analytic %s", i, chains[i]);
        diffusion_evaluator *evaluator = measure(model, schedule, spec, 1.0);
        assert_ok(diffusion_evaluator_samples(evaluator, bits, error, N));
        for (size_t sample = 0; sample < N; sample++) {
            double truth = 0.0;
            for (size_t j = 0; j < DIM; j++)
                truth -= 0.5 * (pow((double)x0[sample * DIM + j], 2.0) + log(4.0 * acos(0.0))) / log(2.0);
            assert_close(bits[sample], truth, 1e-9, 1e-9); /* of every trajectory */
            assert_close(error[sample], 0.0, 0.0, 1e-7);
        }
        diffusion_evaluator_free(evaluator);
        snprintf(spec, sizeof spec, "elbo draws=4 variance=analytic %s", chains[i]);
        evaluator = measure(model, schedule, spec, 1.0);
        assert_close(figure(evaluator, "k_bits"), figure(evaluator, "null_bits"), 0.0,
                     5.0 * figure(evaluator, "draw_error_bits"));
        diffusion_evaluator_free(evaluator);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- the KLs that follow from moments ---- */

static double expected_kl(const diffusion_schedule *schedule, const diffusion_model *model, const char *variance, int s,
                          int r)
{
    double noise[T], error[T], data, signal[2], sigma[2], log_snr[2];
    size_t steps;
    assert_ok(diffusion_model_moments(model, noise, error, &data, T, &steps));
    assert_ok(diffusion_schedule_level(schedule, s, &signal[0], &sigma[0], &log_snr[0]));
    assert_ok(diffusion_schedule_level(schedule, r, &signal[1], &sigma[1], &log_snr[1]));
    const double gained = exp(log_snr[0]) - exp(log_snr[1]), ratio = pow(sigma[1] / signal[1], 2.0);
    const double c = pow(sigma[0] / sigma[1], 2.0), off = gained * ratio * error[r - 1];
    const double ideal = fmin(fmax(ratio * (1.0 - noise[r - 1]), 0.0), data), best = fmin(ratio * error[r - 1], data);
    const double share = strcmp(variance, "fixed_small") == 0      ? 1.0
                         : strcmp(variance, "fixed_large") == 0    ? c
                         : strcmp(variance, "analytic_ideal") == 0 ? 1.0 / (1.0 + gained * ideal)
                                                                   : 1.0 / (1.0 + gained * best);
    return DIM * 0.5 * (share * (1.0 + off) - 1.0 - log(share)) / log(2.0);
}

static void kls_are_those_that_follow_from_moments(void **state)
{
    (void)state;
    static const char *const variances[] = {"fixed_small", "fixed_large", "analytic", "analytic_ideal"};
    static const int steps[] = {30, 21, 14, 6, 1};
    double kl_bits[4];
    diffusion_schedule *schedule = make_schedule("linear steps=30 beta_end=0.3");
    for (size_t i = 0; i < 4; i++) {
        known self = {schedule, 0.4, 0.9};
        diffusion_model *model = make_known(&self, "fixed_small");
        char spec[96];
        double truth = 0.0, terms[T];
        snprintf(spec, sizeof spec, "elbo draws=40 steps_list=30,21,14,6,1 variance=%s", variances[i]);
        diffusion_evaluator *evaluator = measure(model, schedule, spec, 0.4);
        assert_ok(diffusion_evaluator_terms(evaluator, terms, NULL));
        for (size_t k = 0; k + 1 < sizeof steps / sizeof steps[0]; k++) {
            const double kl = expected_kl(schedule, model, variances[i], steps[k + 1], steps[k]);
            assert_close(terms[steps[k] - 1], kl, 0.03, 0.0);
            truth += kl;
        }
        kl_bits[i] = figure(evaluator, "kl_bits");
        assert_close(kl_bits[i], truth, 0.02, 0.0);
        diffusion_evaluator_free(evaluator);
        diffusion_model_free(model);
    }
    for (size_t i = 0; i < 4; i++)
        assert_true(kl_bits[2] <= kl_bits[i]);
    diffusion_schedule_free(schedule);
}

static void optimal_steps_have_the_least_kls_of_all(void **state)
{
    (void)state;
    static const char *const variances[] = {"fixed_small", "fixed_large", "analytic"};
    diffusion_schedule *schedule = make_schedule("linear steps=30 beta_end=0.3");
    known self = {schedule, 0.4, 0.9};
    diffusion_model *model = make_known(&self, "fixed_small");
    for (size_t i = 0; i < 3; i++) {
        char spec[96];
        double least = INFINITY, best[T];
        int middle = 0;
        for (int t = 2; t < T; t++) {
            const double kl =
                expected_kl(schedule, model, variances[i], 1, t) + expected_kl(schedule, model, variances[i], t, T);
            middle = kl < least ? t : middle;
            least = fmin(kl, least);
        }
        snprintf(spec, sizeof spec, "elbo chain=3 spacing=optimal variance=%s", variances[i]);
        diffusion_evaluator *evaluator = measure(model, schedule, spec, 0.4);
        assert_ok(diffusion_evaluator_terms(evaluator, best, NULL));
        for (int t = 1; t <= T; t++)
            assert_int_equal(best[t - 1] != 0.0, t == 1 || t == T || t == middle);
        diffusion_evaluator *even = measure(model, schedule, "elbo chain=3", 0.4);
        assert_true(figure(evaluator, "kl_bits") < figure(even, "kl_bits"));
        diffusion_evaluator_free(even);
        diffusion_evaluator_free(evaluator);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- the same chain said in other words ---- */

static void the_whole_chain_has_the_same_bits_however_it_is_said(void **state)
{
    (void)state;
    static const char every[] = "steps_list=30,29,28,27,26,25,24,23,22,21,20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,"
                                "4,3,2,1";
    static const char *const words[] = {
        "", "chain=30", "chain=30 spacing=optimal", "variance=model", "variance=fixed_large", "clip=1e9", every};
    double first = 0.0;
    diffusion_schedule *schedule = make_schedule("cosine steps=30");
    known self = {schedule, 0.4, 0.9};
    diffusion_model *model = make_known(&self, "fixed_large");
    for (int sampled = 0; sampled < 2; sampled++)
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            char spec[256];
            snprintf(spec, sizeof spec, "elbo edge=model %s %s", words[i], sampled ? "terms=sampled steps=5" : "");
            diffusion_evaluator *evaluator = measure(model, schedule, spec, 0.4);
            const double k = figure(evaluator, "k_bits");
            if (i == 0)
                first = k;
            assert_memory_equal(&k, &first, sizeof k);
            diffusion_evaluator_free(evaluator);
        }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void terms_of_a_chain_add_up(void **state)
{
    (void)state;
    double terms[T], sum = 0.0;
    diffusion_schedule *schedule = make_schedule("cosine steps=30");
    known self = {schedule, 0.4, 0.9};
    diffusion_model *model = make_known(&self, "fixed_large");
    diffusion_evaluator *evaluator = measure(model, schedule, "elbo edge=model steps_list=25,9,3 clip=0.7", 0.4);
    assert_ok(diffusion_evaluator_terms(evaluator, terms, NULL));
    for (int t = 1; t <= T; t++) {
        assert_int_equal(terms[t - 1] != 0.0, t == 25 || t == 9 || t == 3);
        sum += terms[t - 1];
    }
    assert_close(figure(evaluator, "edge_bits"), -terms[2], 1e-12, 0.0);
    assert_close(figure(evaluator, "kl_bits"), terms[8] + terms[24], 1e-12, 0.0);
    assert_close(figure(evaluator, "k_bits"), -sum - figure(evaluator, "prior_bits"), 1e-12, 0.0);
    diffusion_evaluator_free(evaluator);
    evaluator = measure(model, schedule, "elbo edge=model chain=12 terms=sampled steps=4 draws=8", 0.4);
    diffusion_evaluator *all = measure(model, schedule, "elbo edge=model chain=12 draws=8", 0.4);
    assert_close(figure(evaluator, "k_bits"), figure(all, "k_bits"), 0.0,
                 5.0 * figure(evaluator, "draw_error_bits") + 5.0 * figure(all, "draw_error_bits"));
    diffusion_evaluator_free(all);
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *spec, *sentence;
    } cases[] = {
        {"elbo chain=31", "chain=31, expected at most the schedule's 30"},
        {"iwae chain=31", "chain=31, expected at most the schedule's 30"},
        {"elbo chain=3 steps_list=5,1", "chain=3 and steps_list="},
        {"elbo steps_list=1,5", "steps_list has 5, expected whole steps 30..1 that fall"},
        {"elbo steps_list=5,2.5", "steps_list has 2.5"},
        {"elbo steps_list=31", "steps_list has 31"},
        {"elbo steps_list=5,0", "steps_list has 0"},
        {"elbo spacing=trailing", "spacing=trailing, expected even|optimal"},
    };
    diffusion_schedule *schedule = make_schedule("cosine steps=30");
    diffusion_schedule *bits = make_schedule("linear steps=30 kernel=binomial");
    diffusion_model *model = make_model("mlp shape=3 width=5", 1);
    diffusion_model *bit_model = make_model("mlp shape=3 width=5 predict=x0", 1);
    diffusion_evaluator *evaluator = NULL;
    const double noise[T] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(diffusion_evaluator_create(&evaluator, model, schedule, cases[i].spec), DIFFUSION_E_SPEC,
                       cases[i].sentence);
    assert_refused(diffusion_evaluator_create(&evaluator, bit_model, bits, "elbo chain=3"), DIFFUSION_E_KERNEL,
                   "a chain of fewer steps needs the Gaussian kernel");
    assert_refused(diffusion_evaluator_create(&evaluator, bit_model, bits, "elbo clip=1"), DIFFUSION_E_KERNEL, "clip");
    assert_refused(diffusion_evaluator_create(&evaluator, bit_model, bits, "elbo variance=fixed_small"),
                   DIFFUSION_E_KERNEL, "needs the Gaussian kernel");
    assert_refused(diffusion_evaluator_create(&evaluator, model, schedule, "elbo variance=analytic"), DIFFUSION_E_STATE,
                   "needs the model's moments");
    assert_refused(diffusion_evaluator_create(&evaluator, model, schedule, "elbo chain=3 spacing=optimal"),
                   DIFFUSION_E_STATE, "needs the model's moments");
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0));
    assert_ok(diffusion_evaluator_create(&evaluator, model, schedule, "elbo variance=analytic"));
    assert_ok(diffusion_model_set_moments(model, NULL, NULL, NULL, 0.0));
    assert_refused(diffusion_evaluator_run(evaluator, (const float[DIM]){0}, NULL, 1), DIFFUSION_E_STATE,
                   "needs the model's moments");
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chain_of_normal_data_is_exact_with_the_analytic_variance),
        cmocka_unit_test(kls_are_those_that_follow_from_moments),
        cmocka_unit_test(optimal_steps_have_the_least_kls_of_all),
        cmocka_unit_test(the_whole_chain_has_the_same_bits_however_it_is_said),
        cmocka_unit_test(terms_of_a_chain_add_up),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
