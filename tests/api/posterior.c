/* Samples of p(x) r(x) / Z against exact posteriors: a correlated Gaussian and a mixture of two, whose reverse process
 * is a closed form.
 *
 * Allowed: 4 standard errors, and for discretisation what halving the steps showed with 200 000 samples. Denoising with
 * posterior=exact: mean within 0.003 and variance low by 0.0094, 0.0038, 0.0027 at T = 25, 50, 100 (correlated
 * Gaussian, whose single steps are not independent in the coordinates), by 0.0019, 0.0010, 0.0008 (mixture). */
#include "mixture.h"

static const mixture correlated = {.parts = {{1, {0, 0}, {1, 1}, 0.8}}, .count = 1};
static const mixture two = {.parts = {{0.6, {1, 0.6}, {0.15, 0.15}, 0}, {0.4, {-1, -0.6}, {0.15, 0.15}, 0}},
                            .count = 2};
static const mixture standard = {.parts = {{1, {0, 0}, {1, 1}, 0}}, .count = 1};

/* What a sampler is told before it runs. */
typedef struct told {
    double y[2], noise[2]; /* of infinite noise: not seen; of noise 0: known */
    diffusion_guidance_fn *guidance;
} told;

static float x0[2 * 8000];

static void draw(const mixture *data, int32_t steps, const char *sampler_spec, told *seen, size_t n)
{
    static mixture q; /* too large for a stack */
    char spec[32];
    float y[2] = {(float)seen->y[0], (float)seen->y[1]};
    uint8_t mask[2] = {seen->noise[0] == 0, seen->noise[1] == 0};
    q = *data;
    snprintf(spec, sizeof spec, "cosine steps=%d", (int)steps);
    diffusion_schedule *schedule = make_schedule(spec);
    diffusion_model *model = mixture_model(&q, schedule);
    diffusion_sampler *sampler = make_sampler(model, schedule, sampler_spec);
    if (mask[0] || mask[1])
        assert_ok(diffusion_sampler_set_known(sampler, y, mask, 1));
    else if (seen->guidance != NULL)
        assert_ok(diffusion_sampler_set_guidance(sampler, seen->guidance, seen));
    else
        assert_ok(diffusion_sampler_set_observed(sampler, y, seen->noise[0], 1));
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x0));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void assert_moments(const double *mean, const double *variance, size_t n, double allowance)
{
    for (int j = 0; j < 2; j++) {
        moments got = moments_of(x0, n, j);
        print_message("  x%d: mean %.4f, truth %.4f +- %.4f; variance %.4f, truth %.4f +- %.4f\n", j, got.mean, mean[j],
                      got.mean_error, got.variance, variance[j], got.variance_error);
        assert_close(got.mean, mean[j], 0, 4 * got.mean_error + allowance);
        assert_close(got.variance, variance[j], 0, 4 * got.variance_error + allowance);
    }
}

static void check(const mixture *data, int32_t steps, const char *spec, told seen, size_t n, double allowance)
{
    double mean[2], variance[2];
    mixture_posterior(data, seen.y, seen.noise, mean, variance);
    draw(data, steps, spec, &seen, n);
    assert_moments(mean, variance, n, allowance);
}

static void denoising_from_the_observations_own_noise_is_exact(void **state)
{
    (void)state;
    const char *spec = "ancestral last=model posterior=exact";
    told seen = {{1.5, 0.3}, {0.5, 0.5}, NULL};
    for (int32_t steps = 50; steps <= 100; steps *= 2) {
        check(&correlated, steps, spec, seen, 5000, 0.3 / steps);
        check(&two, steps, spec, seen, 5000, 0.1 / steps);
    }
    for (double noise = 0.002; noise < 100; noise *= 15) {
        seen.noise[0] = seen.noise[1] = noise;
        check(&two, 50, spec, seen, 2000, 0.02); /* 30: as unconditional samples, variance low by 0.02 */
    }
}

/* More noise than p(x_T) has, and less than x_1: y tells nothing, or everything. */
static void an_observation_beyond_the_chain_is_exact_too(void **state)
{
    (void)state;
    const char *spec = "ancestral last=model posterior=exact";
    check(&standard, 50, spec, (told){{1.5, 300}, {1e7, 1e7}, NULL}, 3000, 0.02);
    check(&standard, 50, spec, (told){{1.5, 0.3}, {1e-6, 1e-6}, NULL}, 100, 1e-5);
}

/* About the first level's noise, where little of the chain is left, x_0 keeps the variance that y leaves. */
static void an_observation_about_the_first_level_leaves_its_variance(void **state)
{
    (void)state;
    static const double parts[] = {0.5, 0.999, 1.001, 3.0};
    for (int32_t steps = 10; steps <= 40; steps *= 4) {
        char spec[32];
        double signal, sigma;
        snprintf(spec, sizeof spec, "cosine steps=%d", (int)steps);
        diffusion_schedule *schedule = make_schedule(spec);
        assert_ok(diffusion_schedule_level(schedule, 1.0, &signal, &sigma, NULL));
        diffusion_schedule_free(schedule);
        for (size_t i = 0; i < 4; i++) {
            const double noise = parts[i] * sigma * sigma / (signal * signal), truth = noise / (1.0 + noise);
            told seen = {{1.5, -0.5}, {noise, noise}, NULL};
            draw(&standard, steps, "ancestral last=model posterior=exact seed=1", &seen, 8000);
            for (int j = 0; j < 2; j++) {
                const moments got = moments_of(x0, 8000, j);
                assert_close(got.variance, truth, 0.02, 4 * got.variance_error);
                assert_close(got.mean, seen.y[j] / (1.0 + noise), 1e-4, 4 * got.mean_error);
            }
        }
    }
}

/* Allowance: discretisation, at y = 1.5 and 64 particles -0.038, -0.025, -0.006 (+- 0.004 to 0.006) in the mean of the
 * correlated Gaussian at T = 25, 50, 100; 256 particles change nothing at T = 50. One particle is 0.46 off there. */
static void inpainting_with_particles_is_the_conditional(void **state)
{
    (void)state;
    const told seen = {{0, 0.9}, {INFINITY, 0}, NULL};
    check(&correlated, 50, "ancestral last=model particles=64", seen, 1000, 0.025);
    check(&two, 50, "ancestral last=model particles=64 seed=3", seen, 1000, 0.025);
}

/* Allowance: likewise; +0.016 +- 0.004 for standard normal data and y = 1.5. */
static void annealed_denoising_with_particles_is_the_posterior(void **state)
{
    (void)state;
    const told seen = {{1.5, 0.3}, {0.5, 0.5}, NULL};
    check(&correlated, 50, "ancestral last=model posterior=annealed particles=64", seen, 1000, 0.025);
    check(&two, 50, "ancestral last=model posterior=annealed particles=64", seen, 1000, 0.025);
}

/* Leading steps begin below T, where r already has a power: the chain's first state has it too. The chain of standard
 * normal data is its own marginal at every level, so particles alone separate it from the posterior; without the first
 * state's power the mean was 0.895 in place of 1. */
static void an_annealed_chain_begins_with_the_power_of_its_first_level(void **state)
{
    (void)state;
    const told seen = {{1.5, -0.5}, {0.5, 0.5}, NULL};
    check(&standard, 100, "ancestral last=model posterior=annealed particles=256 steps=4", seen, 1500, 0.012);
}

/* ---- one particle: the paper's chain, which is not the posterior, against its own moments, step by step ---- */

typedef struct chain_law {
    const char *spec;
    int annealed, guided;
} chain_law;

static int32_t toward_y(const double *x, double t, size_t n, double *gradient, void *user)
{
    const told *seen = user;
    (void)t;
    for (size_t i = 0; i < 2 * n; i++)
        gradient[i] = (seen->y[i % 2] - x[i]) / seen->noise[i % 2];
    return 0;
}

/* Standard normal data: p(x_{t-1} | x_t) = N(sqrt(1 - beta) x_t, beta), times r^c: mean and variance of x_0. */
static void follow(const mixture *q, const chain_law *law, double y, double noise, double *mean, double *variance)
{
    *mean = *variance = 0.0;
    for (int32_t t = q->steps; t >= 0; t--) { /* x_T from N(0, 1), then x_t from x_{t+1} */
        double step = t < q->steps ? q->beta[t + 1] : 1.0, keep = sqrt(1.0 - step);
        double c = law->annealed ? (double)(q->steps - t) / q->steps : 1.0;
        double pull = law->guided ? c * step / noise : c * step / (noise + c * step);
        *mean = keep * *mean * (1.0 - pull) + pull * y;
        *variance = keep * keep * *variance * (1.0 - pull) * (1.0 - pull) +
                    (law->guided ? step : step * noise / (noise + c * step));
    }
}

static void one_particle_is_the_papers_chain(void **state)
{
    (void)state;
    static const chain_law laws[] = {
        {"ancestral last=model posterior=constant", 0, 0},
        {"ancestral last=model posterior=annealed", 1, 0},
        {"ancestral last=model posterior=constant", 0, 1},
        {"ancestral last=model posterior=annealed", 1, 1},
    };
    static mixture q;
    q = standard;
    diffusion_schedule *schedule = make_schedule("cosine steps=50");
    mixture_follow(&q, schedule);
    diffusion_schedule_free(schedule);
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        told seen = {{1.5, -0.4}, {0.5, 0.5}, laws[i].guided ? toward_y : NULL};
        double mean[2], variance[2];
        for (int j = 0; j < 2; j++)
            follow(&q, &laws[i], seen.y[j], seen.noise[j], &mean[j], &variance[j]);
        draw(&standard, 50, laws[i].spec, &seen, 6000);
        assert_moments(mean, variance, 6000, 0);
    }
}

/* Replacement: (u, v) with v known is a linear chain; its moments from those of the step before. */
static void one_particle_of_inpainting_is_replacement(void **state)
{
    (void)state;
    static mixture q;
    told seen = {{0, 1.5}, {INFINITY, 0}, NULL};
    q = correlated;
    diffusion_schedule *schedule = make_schedule("cosine steps=50");
    mixture_follow(&q, schedule);
    double alpha_bar = q.alpha_bar[50], mean[2] = {0, sqrt(alpha_bar) * 1.5}, variance[2] = {1, 1 - alpha_bar},
           both = 0;
    for (int32_t t = 50; t >= 1; t--) {
        double rest = 1.0 - q.alpha_bar[t], before = 1.0 - q.alpha_bar[t - 1], root = sqrt(q.alpha_bar[t - 1]);
        double from_x0 = root * q.beta[t] / rest, from_x = sqrt(1.0 - q.beta[t]) * before / rest;
        double unit[4] = {1, 0, 0, 1}, out[8];
        const double at[2] = {t, t};
        assert_int_equal(mixture_reverse(unit, at, NULL, 2, out, &q), 0);
        double a = out[0], b = out[4], logit = out[2] + log(q.beta[t] / (1.0 - q.beta[t]));
        double own = variance[0];
        mean[0] = a * mean[0] + b * mean[1];
        variance[0] = a * a * own + b * b * variance[1] + 2 * a * b * both + 1.0 / (1.0 + exp(-logit));
        both = from_x * (a * both + b * variance[1]);
        mean[1] = from_x0 * 1.5 + from_x * mean[1];
        variance[1] = from_x * from_x * variance[1] + q.beta[t] * before / rest;
    }
    draw(&correlated, 50, "ancestral last=model", &seen, 8000);
    assert_moments(mean, variance, 8000, 1e-9);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denoising_from_the_observations_own_noise_is_exact),
        cmocka_unit_test(an_observation_beyond_the_chain_is_exact_too),
        cmocka_unit_test(an_observation_about_the_first_level_leaves_its_variance),
        cmocka_unit_test(inpainting_with_particles_is_the_conditional),
        cmocka_unit_test(annealed_denoising_with_particles_is_the_posterior),
        cmocka_unit_test(an_annealed_chain_begins_with_the_power_of_its_first_level),
        cmocka_unit_test(one_particle_is_the_papers_chain),
        cmocka_unit_test(one_particle_of_inpainting_is_replacement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
