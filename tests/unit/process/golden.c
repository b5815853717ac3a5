/* Schedules and closed forms beside those of improved-diffusion (double) and diffusers (float32). */
#include "golden.h"
#include "schedule.h"

#include "process/bins.h"
#include "process/gaussian.h"

#define EPSILON 0x1p-53 /* half the distance from 1 to the next double */

static void check_betas(const char *spec, const char *file, const char *tensor, double relative, double absolute)
{
    if (!golden_has(file))
        return;
    struct diffusion_schedule *schedule = schedule_of(spec);
    size_t count;
    double *truth = golden_values(file, tensor, &count);
    assert_int_equal(count, schedule->steps);
    for (size_t i = 0; i < count; i++)
        assert_close(schedule->beta[i + 1], truth[i], relative, absolute);
    free(truth);
    schedule_release(schedule);
}

/* The reference takes 1 - cos^2 b / cos^2 a: two roundings to each cosine's square (twice) and its product, one to the
 * quotient, each at most EPSILON of a number near 1, make 7 EPSILON that a small beta cannot shrink. */
static void betas_are_those_of_improved_diffusion(void **state)
{
    (void)state;
    check_betas("linear", "process/linear-1000.safetensors", "betas", 1e-12, 0);
    check_betas("cosine steps=1000", "process/cosine-1000.safetensors", "betas", 1e-12, 7 * EPSILON);
    check_betas("cosine steps=50", "process/cosine-50.safetensors", "betas", 1e-12, 7 * EPSILON);
    golden_skip_if_none();
}

/* Everything after the betas, from the reference's own betas. */
static void check_chain(const char *file)
{
    if (!golden_has(file))
        return;
    size_t count;
    double *betas = golden_values(file, "betas", &count);
    double *alpha_bar = golden_values(file, "alphas_cumprod", NULL);
    double *variance = golden_values(file, "posterior_variance", NULL);
    double *log_variance = golden_values(file, "posterior_log_variance_clipped", NULL);
    double *mean_x0 = golden_values(file, "posterior_mean_coef1", NULL);
    double *mean_xt = golden_values(file, "posterior_mean_coef2", NULL);
    struct diffusion_schedule *schedule;
    assert_ok(schedule_create_from_betas(&schedule, betas, (int32_t)count, ""));
    for (int32_t t = 1; t <= schedule->steps; t++) {
        /* The reference's 1 - alpha_bar is off by the roundings in alpha_bar. */
        double now = EPSILON / noise_at(schedule, t), before = t > 1 ? EPSILON / noise_at(schedule, t - 1) : 0.0;
        level_posterior posterior = posterior_at(schedule, t);
        assert_close(alpha_bar_at(schedule, t), alpha_bar[t - 1], 1e-12, 0);
        assert_close(posterior.variance, variance[t - 1], 1e-12 + now + before, 0);
        assert_close(posterior.x0, mean_x0[t - 1], 1e-12 + now, 0);
        assert_close(posterior.xt, mean_xt[t - 1], 1e-12 + now + before, 0);
        if (t == 1) /* there the value of t = 2 */
            now = EPSILON / noise_at(schedule, 2), before = EPSILON / noise_at(schedule, 1);
        assert_close(posterior_log_variance_at(schedule, t), log_variance[t - 1], 1e-12, now + before);
    }
    schedule_release(schedule);
    free(betas);
    free(alpha_bar);
    free(variance);
    free(log_variance);
    free(mean_x0);
    free(mean_xt);
}

static void posteriors_are_those_of_improved_diffusion(void **state)
{
    (void)state;
    check_chain("process/linear-1000.safetensors");
    check_chain("process/cosine-1000.safetensors");
    check_chain("process/cosine-50.safetensors");
    golden_skip_if_none();
}

static void betas_are_those_of_diffusers(void **state)
{
    (void)state;
    check_betas("scaled_linear", "process/diffusers-scaled_linear.safetensors", "betas", 1e-6, 0);
    check_betas("sigmoid", "process/diffusers-sigmoid.safetensors", "betas", 1e-6, 0);
    check_betas("cosine", "process/diffusers-squaredcos_cap_v2.safetensors", "betas", 1e-6, 0);
    golden_skip_if_none();
}

/* diffusers rescales s = sqrt(alpha_bar) in float32: s_t - s_T is off by about one rounding of s_t (2^-24), of which
 * the quotient of two neighbours has two, its square four, and a few roundings of numbers near 1 follow. */
static void check_zero_snr(const char *spec, const char *rescaled_spec, const char *file)
{
    if (!golden_has(file))
        return;
    struct diffusion_schedule *plain = schedule_of(spec), *rescaled = schedule_of(rescaled_spec);
    double *truth = golden_values(file, "betas_zero_snr", NULL);
    const double last = sqrt(alpha_bar_at(plain, plain->steps));
    for (int32_t t = 1; t < plain->steps; t++) {
        double s = sqrt(alpha_bar_at(plain, t));
        assert_close(rescaled->beta[t], truth[t - 1], 1e-6, (4.0 * s / (s - last) + 4.0) * 0x1p-24);
    }
    assert_true(rescaled->beta[plain->steps] == 1.0 && truth[plain->steps - 1] == 1.0);
    assert_true(alpha_bar_at(rescaled, plain->steps) == 0.0);
    free(truth);
    schedule_release(plain);
    schedule_release(rescaled);
}

static void zero_terminal_snr_is_that_of_diffusers(void **state)
{
    (void)state;
    check_zero_snr("scaled_linear", "scaled_linear zero_terminal_snr=yes",
                   "process/diffusers-scaled_linear.safetensors");
    check_zero_snr("linear", "linear zero_terminal_snr=yes", "process/diffusers-sigmoid.safetensors");
    check_zero_snr("cosine", "cosine zero_terminal_snr=yes", "process/diffusers-squaredcos_cap_v2.safetensors");
    golden_skip_if_none();
}

static void kl_is_that_of_improved_diffusion(void **state)
{
    (void)state;
    static const char file[] = "process/kl.safetensors";
    size_t count;
    double *mean1 = golden_values(file, "mean1", &count), *logvar1 = golden_values(file, "logvar1", NULL);
    double *mean2 = golden_values(file, "mean2", NULL), *logvar2 = golden_values(file, "logvar2", NULL);
    double *truth = golden_values(file, "kl_nats", NULL);
    for (size_t i = 0; i < count; i++)
        assert_close(gaussian_kl(mean1[i], exp(logvar1[i]), mean2[i], exp(logvar2[i])), truth[i], 1e-12, 0);
    free(mean1);
    free(mean2);
    free(logvar1);
    free(logvar2);
    free(truth);
}

/* The reference subtracts two distribution functions, each rounded to about EPSILON a few times over (tanh, sum, half):
 * 4 EPSILON in the mass, which is 4 EPSILON / mass in its logarithm. */
static void discretized_likelihood_is_that_of_improved_diffusion(void **state)
{
    (void)state;
    static const char file[] = "process/kl.safetensors";
    size_t count;
    double *x = golden_values(file, "x", &count), *mean = golden_values(file, "means", NULL);
    double *log_scale = golden_values(file, "log_scales", NULL);
    double *truth = golden_values(file, "log_likelihood_nats", NULL);
    for (size_t i = 0; i < count; i++) {
        double got = bins_log_mass((bins){256, BINS_TANH}, x[i], mean[i], exp(2.0 * log_scale[i]), NULL);
        assert_close(got, truth[i], 1e-12, 4 * EPSILON / exp(truth[i]));
    }
    free(x);
    free(mean);
    free(log_scale);
    free(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(betas_are_those_of_improved_diffusion),
        cmocka_unit_test(posteriors_are_those_of_improved_diffusion),
        cmocka_unit_test(betas_are_those_of_diffusers),
        cmocka_unit_test(zero_terminal_snr_is_that_of_diffusers),
        cmocka_unit_test(kl_is_that_of_improved_diffusion),
        cmocka_unit_test(discretized_likelihood_is_that_of_improved_diffusion),
    };
    return golden_run(tests, NULL, NULL);
}
