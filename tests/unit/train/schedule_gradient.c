/* The schedule's gradient against finite differences of KL_t, which the library's own schedule and reading give. */
#include "test.h"

#include "model/reading.h"
#include "process/gaussian.h"
#include "train/schedule_gradient.h"

/* A network of one unit, so that its output changes with x_t as the schedule moves it. */
static double output_z(double x)
{
    return 0.3 * sin(1.3 * x) + 0.2;
}

static double output_s(double x)
{
    return 0.5 * cos(0.7 * x);
}

/* KL of step 2 of the schedule (first, beta), by the mathematics of process/ and model/. */
static double divergence(double first, double beta, double x0, double noise)
{
    const double betas[2] = {first, beta};
    const model_options options = {.predict = PREDICT_MEAN, .variance = VARIANCE_LEARNED};
    diffusion_schedule *schedule;
    assert_ok(diffusion_schedule_create_from_betas(&schedule, betas, 2, NULL));
    reading at = reading_at(&options, schedule, 2);
    double x = sqrt(schedule->alpha_bar[2]) * x0 + sqrt(schedule->noise[2]) * noise;
    reverse_value p = reading_gaussian(&at, x, output_z(x), output_s(x), 0.0);
    double kl = gaussian_kl(at.posterior_x0 * x0 + at.posterior_x * x, at.posterior_variance, p.mean, p.variance);
    diffusion_schedule_free(schedule);
    return kl;
}

/* What the network sends back to x: dKL/dz dz/dx + dKL/ds ds/dx, the outer two by differences in the output alone. */
static double from_network(double first, double beta, double x0, double noise)
{
    const double betas[2] = {first, beta};
    const model_options options = {.predict = PREDICT_MEAN, .variance = VARIANCE_LEARNED};
    diffusion_schedule *schedule;
    assert_ok(diffusion_schedule_create_from_betas(&schedule, betas, 2, NULL));
    reading at = reading_at(&options, schedule, 2);
    double x = sqrt(schedule->alpha_bar[2]) * x0 + sqrt(schedule->noise[2]) * noise, dz, ds;
    double mean = at.posterior_x0 * x0 + at.posterior_x * x;
    reverse_value p = reading_gaussian(&at, x, output_z(x), output_s(x), 0.0);
    double off = p.mean - mean;
    reading_gaussian_backward(&at, x, output_z(x), p, off / p.variance,
                              0.5 * (1.0 - (at.posterior_variance + off * off) / p.variance), &dz, &ds);
    diffusion_schedule_free(schedule);
    return dz * 0.3 * 1.3 * cos(1.3 * x) - ds * 0.5 * 0.7 * sin(0.7 * x);
}

static void check(double first, double beta, double x0, double noise)
{
    schedule_point point = schedule_point_at(beta, log1p(-first));
    double x = point.signal.value * x0 + point.deviation.value * noise, by_beta = 0.0, by_log = 0.0;
    schedule_component at = {x0, noise, output_z(x), output_s(x), from_network(first, beta, x0, noise)};
    schedule_gradient_add(&point, at, &by_beta, &by_log);
    double h = 1e-5 * beta;
    double truth = (8.0 * (divergence(first, beta + h, x0, noise) - divergence(first, beta - h, x0, noise)) -
                    (divergence(first, beta + 2 * h, x0, noise) - divergence(first, beta - 2 * h, x0, noise))) /
                   (12.0 * h);
    assert_close(by_beta, truth, 1e-6, 1e-8);
    h = 1e-5 * first; /* L = log(1 - first): dL = -dfirst / (1 - first) */
    truth = (8.0 * (divergence(first + h, beta, x0, noise) - divergence(first - h, beta, x0, noise)) -
             (divergence(first + 2 * h, beta, x0, noise) - divergence(first - 2 * h, beta, x0, noise))) /
            (12.0 * h);
    assert_close(-by_log / (1.0 - first), truth, 1e-6, 1e-8);
}

static void divergence_changes_with_the_schedule_as_the_gradient_says(void **state)
{
    (void)state;
    static const double firsts[] = {1e-3, 0.05, 0.4, 0.9}, betas[] = {1e-3, 0.02, 0.3, 0.8};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            check(firsts[i], betas[j], 0.7, -1.1);
            check(firsts[i], betas[j], -1.4, 0.3);
        }
}

static void the_priors_divergence_too(void **state)
{
    (void)state;
    for (double bar = 0.01; bar < 1.0; bar += 0.13)
        for (double x0 = -2.0; x0 <= 2.0; x0 += 0.8) {
            double h = 1e-5, value[2];
            for (int k = 0; k < 2; k++) {
                double moved = bar * exp(k == 0 ? h : -h);
                value[k] = gaussian_kl(sqrt(moved) * x0, 1.0 - moved, 0.0, 1.0);
            }
            assert_close(schedule_prior_gradient(log(bar), x0), (value[0] - value[1]) / (2.0 * h), 1e-6, 1e-8);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divergence_changes_with_the_schedule_as_the_gradient_says),
        cmocka_unit_test(the_priors_divergence_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
