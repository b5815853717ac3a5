/* The bound against analytic truth: for Gaussian data of variance s^2 and the closed-form optimal reverse process, K
 * has a closed form. Every term of K is a polynomial of second degree in (x_0, noise), so the average over x_0 = -s, s
 * and noise = -1, 1 is its exact expectation: no Monte Carlo error is left. */
#include "make.h"

enum { STEPS_MOST = 1000 };

typedef struct gaussian_truth {
    double s2; /* variance of the data */
    double beta[STEPS_MOST], alpha_bar[STEPS_MOST];
    int32_t steps;
} gaussian_truth;

/* Variance of q(x_t); t = 0 is the data. */
static double variance_at(const gaussian_truth *truth, int32_t t)
{
    double abar = t == 0 ? 1.0 : truth->alpha_bar[t - 1];
    return abar * truth->s2 + 1.0 - abar;
}

/* q(x_{t-1} | x_t) = N(sqrt(alpha_t) m_{t-1} / m_t x_t, beta_t m_{t-1} / m_t), m_t the variance of q(x_t). */
static int32_t optimal(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const gaussian_truth *truth = user;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        double beta = truth->beta[t - 1], ratio = variance_at(truth, t - 1) / variance_at(truth, t);
        double variance = beta * ratio;
        out[2 * i] = sqrt(1.0 - beta) * ratio * x[i];
        out[2 * i + 1] = log(variance / (1.0 - variance)) - log(beta / (1.0 - beta));
    }
    return 0;
}

static int32_t both_signs(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step;
    (void)user;
    for (size_t j = 0; j < count; j++)
        values[j] = sample % 2 == 0 ? 1.0 : -1.0; /* two draws to a sample */
    return 0;
}

static double log2_2_pi(void)
{
    return log2(6.283185307179586476925286766559);
}

/* By the chain rule K = -H(X_0) - KL(q(x_T) || N(0, 1)) for the exact reverse process; the edge rule puts the forward
 * kernel in the place of q(x_0 | x_1). In bits. */
static double closed_form(const gaussian_truth *truth)
{
    const double log2_e = 1.442695040888963407359924681;
    double m_last = variance_at(truth, truth->steps), beta1 = truth->beta[0], m1 = variance_at(truth, 1);
    double exact = -0.5 * (log2_2_pi() + log2_e + log2(truth->s2)) - 0.5 * log2_e * (m_last - 1.0 - log(m_last));
    double optimal_edge = -0.5 * (log2_2_pi() + log2_e + log2(beta1 * truth->s2 / m1));
    double forward_edge = -0.5 * (log2_2_pi() + log2(beta1)) - 0.5 * log2_e * (beta1 * truth->s2 + 1.0 - beta1);
    return exact - optimal_edge + forward_edge;
}

/* K of data of two samples, s and -s. */
static double measure(const diffusion_model *model, const diffusion_schedule *schedule, float s, const char *spec)
{
    const float data[2] = {s, -s};
    diffusion_evaluator *elbo = make_evaluator(model, schedule, spec);
    assert_ok(diffusion_evaluator_set_noise(elbo, both_signs, NULL));
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, 2));
    double k = figure(elbo, "k_bits");
    diffusion_evaluator_free(elbo);
    return k;
}

static void check(const char *spec, float s, const char *model_spec, diffusion_predict_double_fn *predict)
{
    gaussian_truth truth = {.s2 = (double)s * (double)s};
    diffusion_schedule *schedule = make_schedule(spec);
    diffusion_model *model = make_callback_double(model_spec, predict, &truth);
    truth.steps = diffusion_schedule_steps(schedule);
    assert_ok(diffusion_schedule_values(schedule, "beta", truth.beta));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", truth.alpha_bar));
    assert_close(measure(model, schedule, s, "elbo draws=2"), closed_form(&truth), 0, 1e-9);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void k_of_gaussian_data_has_its_closed_form(void **state)
{
    (void)state;
    static const char *const schedules[] = {"linear steps=1000", "cosine steps=100", "sigmoid steps=300",
                                            "linear steps=40 beta_start=0.01 beta_end=0.3"};
    static const float deviations[] = {0.25f, 0.5f, 1.0f, 2.0f};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            if (j < 3 || i != 1) /* cosine's beta of 0.999 asks a variance over 1 of s = 2, which no sigmoid gives */
                check(schedules[i], deviations[j], "shape=1 predict=mean variance=learned", optimal);
}

/* For data of variance 1 the forward kernel is its own reverse; in the paper's perturbation z_mu is then
 * x - (x - sqrt(1 - beta) x) / beta. */
static int32_t stationary_mean(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                               double *out, void *user)
{
    (void)condition;
    const gaussian_truth *truth = user;
    for (size_t i = 0; i < n; i++) {
        double beta = truth->beta[(int32_t)time[i] - 1];
        out[2 * i] = x[i] * (1.0 - (1.0 - sqrt(1.0 - beta)) / beta);
        out[2 * i + 1] = 0.0;
    }
    return 0;
}

static void k_of_unit_variance_is_minus_the_entropy(void **state)
{
    (void)state;
    check("linear steps=1000", 1.0f, "shape=1 predict=perturbation variance=learned", stationary_mean);
}

/* Without edge rule: with edge=model K is the exact log likelihood, -H - KL(q(x_T) || N(0, 1)). */
static void the_models_own_edge_closes_the_gap(void **state)
{
    (void)state;
    gaussian_truth truth = {.s2 = 0.25, .steps = 200};
    diffusion_schedule *schedule = make_schedule("linear steps=200");
    diffusion_model *model = make_callback_double("shape=1 predict=mean variance=learned", optimal, &truth);
    assert_ok(diffusion_schedule_values(schedule, "beta", truth.beta));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", truth.alpha_bar));
    double m = variance_at(&truth, 200);
    assert_close(measure(model, schedule, 0.5f, "elbo draws=2 edge=model"),
                 -0.5 * (log2_2_pi() + 1.0 / log(2.0) + log2(0.25)) - 0.5 * (m - 1.0 - log(m)) / log(2.0), 0, 1e-9);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_of_gaussian_data_has_its_closed_form),
        cmocka_unit_test(k_of_unit_variance_is_minus_the_entropy),
        cmocka_unit_test(the_models_own_edge_closes_the_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
