/* The seam of curves: three toys in closed form, of which two do not preserve variance. */
#include "gaussian_data.h"
#include "help.h"
#include "two_points.h"

#include "process/gaussian.h"
#include "process/schedule/curve.h"

/* ---- signal 1, and the seventh root of sigma rises evenly (equation 5 of arXiv:2206.00364); linear before t = 1 ----
 */

typedef struct exploding_options {
    curve_steps common;
    double minimum, maximum;
} exploding_options;
SPEC_OWN(exploding_options);

static const spec_key exploding_keys[] = {
    CURVE_STEPS_KEY,
    {"minimum", SPEC_REAL, offsetof(exploding_options, minimum), "0.01", 1e-6, 1, NULL, "sigma at t = 1"},
    {"maximum", SPEC_REAL, offsetof(exploding_options, maximum), "80", 1, 1e6, NULL, "sigma at t = T"},
};

static double root(double x)
{
    return pow(x, 1.0 / 7.0);
}

static noise_level exploding_level(const void *chosen, double t)
{
    const exploding_options *options = chosen;
    const double low = root(options->minimum), high = root(options->maximum);
    const double weight = (t - 1.0) / ((double)options->common.steps - 1.0);
    const double sigma = t < 1.0 ? t * options->minimum : pow(low + weight * (high - low), 7.0);
    return level_from_signal_sigma(t, 1.0, sigma);
}

static double exploding_time(const void *chosen, double log_snr)
{
    const exploding_options *options = chosen;
    const double sigma = exp(-0.5 * log_snr), low = root(options->minimum), high = root(options->maximum);
    if (sigma < options->minimum)
        return sigma / options->minimum;
    return 1.0 + ((double)options->common.steps - 1.0) * (root(sigma) - low) / (high - low);
}

const curve exploding_curve = {
    .spec = {"exploding", "signal 1 (a test's toy)", exploding_keys, SPEC_COUNT(exploding_keys)},
    .level = exploding_level,
    .time = exploding_time,
};

/* ---- a straight line from the data to noise ---- */

static const spec_key steps_keys[] = {CURVE_STEPS_KEY};

static double share(const void *options, double t)
{
    return t / ((double)((const curve_steps *)options)->steps + 0.5);
}

static double time_of_share(const void *options, double part)
{
    return part * ((double)((const curve_steps *)options)->steps + 0.5);
}

static noise_level straight_level(const void *options, double t)
{
    return level_from_signal_sigma(t, 1.0 - share(options, t), share(options, t));
}

static double straight_time(const void *options, double log_snr)
{
    return time_of_share(options, 1.0 / (1.0 + exp(0.5 * log_snr)));
}

const curve straight_curve = {
    .spec = {"straight", "signal = 1 - sigma (a test's toy)", steps_keys, SPEC_COUNT(steps_keys)},
    .level = straight_level,
    .time = straight_time,
};

/* ---- a quarter of a circle: variance preserving ---- */

#define HALF_PI 1.5707963267948966192313216916398

static noise_level arc_level(const void *options, double t)
{
    const double angle = HALF_PI * share(options, t);
    return level_from_signal_sigma(t, cos(angle), sin(angle));
}

static double arc_time(const void *options, double log_snr)
{
    return time_of_share(options, atan(exp(-0.5 * log_snr)) / HALF_PI);
}

const curve arc_curve = {
    .spec = {"arc", "signal and sigma on a circle (a test's toy)", steps_keys, SPEC_COUNT(steps_keys)},
    .level = arc_level,
    .time = arc_time,
};

/* ---- the schedule ---- */

static const char *const toys[] = {"exploding steps=12", "straight steps=12", "arc steps=12"};
enum { TOYS = 3, STEPS = 12 };

static void level_and_time_are_inverse_at_any_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOYS; i++) {
        diffusion_schedule *schedule = make_schedule(toys[i]);
        double signal, sigma, log_snr, back;
        for (double t = 0.25; t <= STEPS; t += 0.25) {
            assert_ok(diffusion_schedule_level(schedule, t, &signal, &sigma, &log_snr));
            assert_close(log_snr, 2.0 * log(signal / sigma), 1e-12, 1e-12);
            assert_ok(diffusion_schedule_time(schedule, log_snr, &back));
            assert_close(back, t, 1e-11, 0.0);
        }
        diffusion_schedule_free(schedule);
    }
    diffusion_schedule *schedule = make_schedule("exploding steps=12 maximum=50");
    const noise_level last = *schedule_last(schedule);
    assert_close(last.signal, 1.0, 0.0, 0.0);
    assert_close(last.sigma, 50.0, 1e-14, 0.0);
    assert_help("schedule", "signal 1 (a test's toy)");
    assert_string_equal(diffusion_schedule_spec(schedule),
                        "exploding steps=12 minimum=0.01 maximum=50 kernel=gaussian zero_terminal_snr=no");
    diffusion_schedule_free(schedule);
}

/* By the rules of joint normal variables: x_t = a x_s + noise of this variance, and x_s = signal x_0 + sigma noise. */
static void steps_and_posteriors_are_those_of_joint_normal_variables(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOYS; i++) {
        diffusion_schedule *schedule = make_schedule(toys[i]);
        const noise_level *levels = schedule->levels;
        double beta[STEPS];
        assert_ok(diffusion_schedule_values(schedule, "beta", beta));
        for (int32_t t = 2; t <= STEPS; t++) {
            const long double s = levels[t - 1].sigma, a = (long double)levels[t].signal / levels[t - 1].signal;
            const long double sigma = levels[t].sigma, variance = sigma * sigma - a * a * s * s;
            const double x0 = 0.7, xt = -1.1;
            const long double gain = a * s * s / (sigma * sigma), before = levels[t - 1].signal * (long double)x0;
            double mean, spread;
            assert_close(beta[t - 1], (double)variance, 1e-11, 0.0);
            assert_ok(diffusion_posterior(schedule, t, &x0, &xt, 1, &mean, &spread));
            assert_close(mean, (double)(before + gain * (xt - a * before)), 1e-11, 1e-12);
            assert_close(spread, (double)(s * s * (1.0L - a * gain)), 1e-10, 0.0);
        }
        diffusion_schedule_free(schedule);
    }
}

/* ---- chains ---- */

static double flow_error(const char *curve_name, int steps)
{
    char spec[80];
    snprintf(spec, sizeof spec, "%s steps=%d", curve_name, steps);
    gaussian_data data = {make_schedule(spec), 0.3, 0.25};
    diffusion_model *model = make_callback_double("shape=1 predict=epsilon", gaussian_data_epsilon, &data);
    diffusion_sampler *sampler = make_sampler(model, data.schedule, "ddim");
    const noise_level *last = schedule_last(data.schedule), at_data = level_of_data();
    float first, x0;
    assert_ok(diffusion_sampler_set_noise(sampler, gaussian_data_probe, NULL));
    assert_ok(diffusion_sampler_begin(sampler, NULL, 1));
    assert_ok(diffusion_sampler_state(sampler, &first, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, 1, &x0));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    const double error = (double)x0 - gaussian_data_flow(&data, last, &at_data, (double)first);
    diffusion_schedule_free((diffusion_schedule *)data.schedule);
    return fabs(error);
}

static void ddim_goes_along_the_exact_flow(void **state)
{
    (void)state;
    static const char *const names[] = {"exploding", "straight", "arc"};
    for (size_t i = 0; i < TOYS; i++) {
        const double coarse = flow_error(names[i], 100), fine = flow_error(names[i], 200);
        if (!(fine < 0.02 && coarse / fine > 1.7))
            fail_msg("%s: errors %g and %g, expected no more than half", names[i], coarse, fine);
    }
}

/* Whatever x_T is drawn from, x_0 given x_T is normal. */
static void ancestral_sampling_gives_the_exact_moments(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOYS; i++) {
        gaussian_data data = {make_schedule(toys[i]), 0.3, 0.25};
        diffusion_model *model =
            make_callback_double("shape=1 predict=epsilon variance=learned_range", gaussian_data_reverse, &data);
        diffusion_sampler *sampler = make_sampler(model, data.schedule, "ancestral last=model");
        const noise_level *last = schedule_last(data.schedule);
        const double slope = gaussian_data_slope(&data, last);
        const double prior = i == 0 ? 1.0 + 80.0 * 80.0 : i == 1 ? 0.9232 : 1.0; /* (0.5 / 12.5)^2 + (12 / 12.5)^2 */
        float x0[STEPS + 2];
        double mean, variance;
        assert_ok(diffusion_sampler_set_noise(sampler, gaussian_data_probe, NULL));
        assert_ok(diffusion_sampler_run(sampler, NULL, STEPS + 2, x0));
        gaussian_data_moments(x0, STEPS + 2, &mean, &variance);
        assert_close(mean, gaussian_data_x0(&data, last, 0.0), 1e-6, 1e-6);
        assert_close(variance, gaussian_data_left(&data, last) + slope * slope * prior, 2e-6, 0.0);
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
        diffusion_schedule_free((diffusion_schedule *)data.schedule);
    }
}

/* An observation in Gaussian noise is a state of each of these processes. */
static void a_chain_from_an_observation_gives_the_posterior(void **state)
{
    (void)state;
    static const char *const fine[] = {"exploding steps=400", "straight steps=400", "arc steps=400"};
    for (size_t i = 0; i < TOYS; i++)
        for (double noise = 0.3; noise < 2e6; noise *= 4e6) { /* the second is more than there is at t = T */
            gaussian_data data = {make_schedule(fine[i]), 0.3, 0.25};
            diffusion_model *model =
                make_callback_double("shape=1 predict=epsilon variance=learned_range", gaussian_data_reverse, &data);
            diffusion_sampler *sampler = make_sampler(model, data.schedule, "ancestral last=model posterior=exact");
            const float y = 1.0f;
            float x0;
            assert_ok(diffusion_sampler_set_observed(sampler, &y, noise, 1));
            assert_ok(diffusion_sampler_set_noise(sampler, gaussian_data_probe, NULL));
            assert_ok(diffusion_sampler_run(sampler, NULL, 1, &x0)); /* the posterior's mean: no noise at all */
            assert_close((double)x0, 0.3 + 0.25 / (0.25 + noise) * (1.0 - 0.3), 0.0, 0.015);
            diffusion_sampler_free(sampler);
            diffusion_model_free(model);
            diffusion_schedule_free((diffusion_schedule *)data.schedule);
        }
}

/* ---- the bound ---- */

/* Means of squares over these two are those over normal noise. */
static int32_t plus_and_minus(double *noise, size_t count, int64_t draw, int32_t step, void *user)
{
    (void)count, (void)step, (void)user;
    *noise = draw % 2 == 0 ? 1.0 : -1.0;
    return 0;
}

static double k_bits(const gaussian_data *data, const diffusion_model *model, const char *spec, float x0)
{
    diffusion_evaluator *evaluator = NULL;
    double bits;
    assert_ok(diffusion_evaluator_create(&evaluator, model, data->schedule, spec));
    assert_ok(diffusion_evaluator_set_noise(evaluator, plus_and_minus, NULL));
    assert_ok(diffusion_evaluator_run(evaluator, &x0, NULL, 1));
    assert_ok(diffusion_evaluator_value(evaluator, "k_bits", &bits));
    diffusion_evaluator_free(evaluator);
    return bits;
}

/* The chain's reverse is exact, so that the bound is log p(x_0) but for the law of x_T that it begins at. */
static void elbo_gives_the_exact_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOYS; i++) {
        gaussian_data data = {make_schedule(toys[i]), 0.3, 0.25};
        diffusion_model *model =
            make_callback_double("shape=1 predict=epsilon variance=learned_range", gaussian_data_reverse, &data);
        const noise_level *first = &data.schedule->levels[1], *last = schedule_last(data.schedule);
        const float given = 0.9f;
        const double x0 = (double)given, signal = last->signal, noise = last->sigma * last->sigma;
        const double prior = signal * signal + noise, spread = gaussian_data_variance(&data, last);
        const double exact = gaussian_log_density(x0, data.mean, data.variance) +
                             gaussian_kl(signal * x0, noise, signal * data.mean, spread) -
                             gaussian_kl(signal * x0, noise, 0.0, prior);
        double by_model = 0.0, by_forward = 0.0;
        assert_close(k_bits(&data, model, "elbo draws=2 edge=model", given) * log(2.0), exact, 1e-9, 0.0);
        for (double z = -1.0; z <= 1.0; z += 2.0) {
            const double x1 = first->signal * x0 + first->sigma * z;
            by_model +=
                0.5 * gaussian_log_density(x0, gaussian_data_x0(&data, first, x1), gaussian_data_left(&data, first));
            if (schedule_preserves_variance(data.schedule))
                by_forward += 0.5 * gaussian_log_density(x0, first->signal * x1, first->sigma * first->sigma);
            else
                by_forward += 0.5 * gaussian_log_density(x0, x1 / first->signal, pow(first->sigma / first->signal, 2));
        }
        assert_close(k_bits(&data, model, "elbo draws=2 edge=forward", given) * log(2.0), exact - by_model + by_forward,
                     1e-9, 0.0);
        diffusion_model_free(model);
        diffusion_schedule_free((diffusion_schedule *)data.schedule);
    }
}

/* ---- training ---- */

static void a_network_learns_two_points_along_a_straight_line(void **state)
{
    (void)state;
    learn_two_points("straight steps=20", "mlp shape=1 width=64 depth=2 predict=x0", "ddim seed=3");
}

/* ---- what asks for variance that is preserved ---- */

static void what_has_no_meaning_is_refused(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("exploding steps=12"), *none = NULL;
    diffusion_model *model = make_model("mlp shape=1 predict=perturbation variance=learned", 1);
    diffusion_sampler *sampler = NULL;
    double values[STEPS];
    assert_refused(diffusion_schedule_create(&none, "exploding kernel=binomial"), DIFFUSION_E_SPEC,
                   "does not preserve variance");
    assert_refused(diffusion_schedule_create(&none, "straight zero_terminal_snr=yes"), DIFFUSION_E_SPEC,
                   "expected a curve of betas");
    assert_refused(diffusion_schedule_values(schedule, "alpha_bar", values), DIFFUSION_E_NAME, "schedule_level");
    assert_ok(diffusion_schedule_values(schedule, "snr", values));
    assert_close(values[STEPS - 1], 1.0 / 6400.0, 1e-12, 0.0);
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ancestral"), DIFFUSION_E_KERNEL,
                   "learned_range");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    schedule = make_schedule("arc steps=12 kernel=binomial rate=0.3");
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", values));
    assert_close(values[STEPS - 1], pow(cos(HALF_PI * 12.0 / 12.5), 2.0), 1e-11, 0.0);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_and_time_are_inverse_at_any_time),
        cmocka_unit_test(steps_and_posteriors_are_those_of_joint_normal_variables),
        cmocka_unit_test(ddim_goes_along_the_exact_flow),
        cmocka_unit_test(ancestral_sampling_gives_the_exact_moments),
        cmocka_unit_test(a_chain_from_an_observation_gives_the_posterior),
        cmocka_unit_test(elbo_gives_the_exact_bound),
        cmocka_unit_test(a_network_learns_two_points_along_a_straight_line),
        cmocka_unit_test(what_has_no_meaning_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
