/* The schedule's gradient against finite differences of KL_t, which the library's own schedule and reading give. */
#include "stencil.h"

#include "model/parameterization.h"
#include "process/gaussian.h"
#include "process/schedule_gradient.h"

/* A network of one unit, so that its output changes with x_t as the schedule moves it. */
static double output_z(double x)
{
    return 0.3 * sin(1.3 * x) + 0.2;
}

static double output_s(double x)
{
    return 0.5 * cos(0.7 * x);
}

/* Step 2 of the schedule (first, beta), by the mathematics of process/ and model/: the law of x_1, the posterior that
 * it is compared with, and the place of both. */
typedef struct second_step {
    diffusion_schedule *schedule;
    model_options options;
    reverse_step at;
    double x, output[2], p_mean, p_variance, q_mean, q_variance;
} second_step;

static void open_step(second_step *self, double first, double beta, double x0, double noise)
{
    const double betas[2] = {first, beta};
    assert_ok(
        spec_parse(model_callback_grammar(), "shape=1 predict=perturbation variance=learned", &self->options, NULL));
    assert_ok(diffusion_schedule_create_from_betas(&self->schedule, betas, 2, NULL));
    self->at = reverse_step_at(&self->options, self->schedule, 2);
    self->x = self->at.from.signal * x0 + self->at.from.sigma * noise;
    self->output[0] = output_z(self->x);
    self->output[1] = output_s(self->x);
    reverse_step_law(&self->at, (law){&self->p_mean, &self->p_variance}, &self->x, self->output, 1, NULL);
    const level_posterior q = level_posterior_of(&self->at.to, &self->at.from);
    self->q_mean = q.x0 * x0 + q.xt * self->x;
    self->q_variance = q.variance;
}

static double divergence(double first, double beta, double x0, double noise)
{
    second_step step;
    open_step(&step, first, beta, x0, noise);
    diffusion_schedule_free(step.schedule);
    return gaussian_kl(step.q_mean, step.q_variance, step.p_mean, step.p_variance);
}

/* What the network sends back to x: dKL/dz dz/dx + dKL/ds ds/dx. */
static double from_network(double first, double beta, double x0, double noise)
{
    second_step step;
    double back[2], location, log_variance;
    open_step(&step, first, beta, x0, noise);
    const law p = {&step.p_mean, &step.p_variance}, q = {&step.q_mean, &step.q_variance};
    const law_slope by = {&location, &log_variance};
    gaussian_kernel.divergence_slope(step.at.kernel, by, q, p, 1);
    reverse_step_backward(&step.at, back, p, by, &step.x, step.output, 1);
    diffusion_schedule_free(step.schedule);
    return back[0] * 0.3 * 1.3 * cos(1.3 * step.x) - back[1] * 0.5 * 0.7 * sin(0.7 * step.x);
}

/* A schedule and a draw, of which one beta moves. */
typedef struct place {
    double first, beta, x0, noise;
} place;

static double moved_first(double by, void *user)
{
    const place *at = user;
    return divergence(at->first + by, at->beta, at->x0, at->noise);
}

static double moved_beta(double by, void *user)
{
    const place *at = user;
    return divergence(at->first, at->beta + by, at->x0, at->noise);
}

static void check(double first, double beta, double x0, double noise)
{
    schedule_point point = schedule_point_at(beta, log1p(-first));
    double x = point.signal.value * x0 + point.deviation.value * noise, by_beta = 0.0, by_log = 0.0;
    schedule_component at = {x0, noise, output_z(x), output_s(x), from_network(first, beta, x0, noise)};
    schedule_gradient_add(&point, at, &by_beta, &by_log);
    place here = {first, beta, x0, noise};
    assert_close(by_beta, stencil(moved_beta, &here, 1e-5 * beta), 1e-6, 1e-8);
    double truth = stencil(moved_first, &here, 1e-5 * first); /* L = log(1 - first): dL = -dfirst / (1 - first) */
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

/* The prior's KL at alpha_bar and x_0, as the logarithm of alpha_bar moves. */
static double moved_prior(double by, void *user)
{
    const double *at = user, bar = at[0] * exp(by);
    return gaussian_kl(sqrt(bar) * at[1], 1.0 - bar, 0.0, 1.0);
}

static void the_priors_divergence_too(void **state)
{
    (void)state;
    for (double bar = 0.01; bar < 1.0; bar += 0.13)
        for (double x0 = -2.0; x0 <= 2.0; x0 += 0.8) {
            double at[2] = {bar, x0};
            assert_close(schedule_prior_gradient(log(bar), x0), stencil(moved_prior, at, 1e-4), 1e-8, 1e-10);
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
