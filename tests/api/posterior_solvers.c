/* Conditions with every solver, where the truth is a closed form: Gaussian data in the plane, its exact model, and a
 * linear observation. Deterministic solvers make x_0 of x_T by an affine map, so that three chains tell the whole law;
 * those with noise are drawn from. The known value's marginal law is exact; what replacement leaves out is not tested
 * here (posterior.c). */
#include "make.h"

enum { DIM = 2, MANY = 4000 };

/* x_0 ~ N(mean, S). */
static const double mean[DIM] = {0.5, -0.3}, spread[DIM][DIM] = {{0.9, 0.5}, {0.5, 0.7}};

/* The observation h x_0 + noise of this variance. */
static const double seen_by[DIM] = {1.0, 0.5}, seen = 1.4, seen_noise = 0.2;

typedef struct law2 {
    double mean[DIM], covariance[DIM][DIM];
} law2;

static const diffusion_schedule *levels;

/* out = a^-1, symmetric. */
static void invert(double out[DIM][DIM], double a[DIM][DIM])
{
    const double determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0];
    const double inverse[DIM][DIM] = {{a[1][1] / determinant, -a[0][1] / determinant},
                                      {-a[1][0] / determinant, a[0][0] / determinant}};
    memcpy(out, inverse, sizeof inverse);
}

/* x_0 given x_t: gain = signal S (signal^2 S + sigma^2)^-1. */
static law2 given_xt(const double *x, double signal, double sigma, double gain[DIM][DIM])
{
    double total[DIM][DIM], inverse[DIM][DIM];
    law2 of;
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++)
            total[i][j] = signal * signal * spread[i][j] + (i == j ? sigma * sigma : 0.0);
    invert(inverse, total);
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++)
            gain[i][j] = signal * (spread[i][0] * inverse[0][j] + spread[i][1] * inverse[1][j]);
    for (int i = 0; i < DIM; i++) {
        of.mean[i] = mean[i];
        for (int j = 0; j < DIM; j++) {
            of.mean[i] += gain[i][j] * (x[j] - signal * mean[j]);
            of.covariance[i][j] = spread[i][j] - signal * (gain[i][0] * spread[0][j] + gain[i][1] * spread[1][j]);
        }
    }
    return of;
}

static void level(double t, double *signal, double *sigma)
{
    double log_snr;
    assert_ok(diffusion_schedule_level(levels, t, signal, sigma, &log_snr));
}

/* predict=x0; the model is told the step as a real number. */
static int32_t denoise(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n; i++) {
        double signal, sigma, gain[DIM][DIM];
        level(time[i], &signal, &sigma);
        const law2 of = given_xt(x + i * DIM, signal, sigma, gain);
        memcpy(out + i * DIM, of.mean, sizeof of.mean);
    }
    return 0;
}

/* grad log p(seen | x_t), exact at every t. */
static int32_t guide(const double *x, double t, size_t n, double *gradient, void *user)
{
    (void)user;
    for (size_t i = 0; i < n; i++) {
        double signal, sigma, gain[DIM][DIM], variance = seen_noise, expected = 0.0;
        level(t, &signal, &sigma);
        const law2 of = given_xt(x + i * DIM, signal, sigma, gain);
        for (int j = 0; j < DIM; j++) {
            expected += seen_by[j] * of.mean[j];
            for (int k = 0; k < DIM; k++)
                variance += seen_by[j] * of.covariance[j][k] * seen_by[k];
        }
        for (int j = 0; j < DIM; j++)
            gradient[i * DIM + (size_t)j] =
                (seen_by[0] * gain[0][j] + seen_by[1] * gain[1][j]) * (seen - expected) / variance;
    }
    return 0;
}

/* ---- truths ---- */

static law2 guided_truth(void)
{
    law2 of;
    double sh[DIM], total = seen_noise, expected = 0.0;
    for (int i = 0; i < DIM; i++) {
        sh[i] = spread[i][0] * seen_by[0] + spread[i][1] * seen_by[1];
        expected += seen_by[i] * mean[i];
    }
    total += seen_by[0] * sh[0] + seen_by[1] * sh[1];
    for (int i = 0; i < DIM; i++) {
        of.mean[i] = mean[i] + sh[i] / total * (seen - expected);
        for (int j = 0; j < DIM; j++)
            of.covariance[i][j] = spread[i][j] - sh[i] * sh[j] / total;
    }
    return of;
}

static const float observed[DIM] = {1.2F, 0.4F};
static const double observed_noise = 0.3;

/* y = x_0 + noise: as if x_t with signal 1. */
static law2 observed_truth(void)
{
    double gain[DIM][DIM];
    const double y[DIM] = {(double)observed[0], (double)observed[1]};
    return given_xt(y, 1.0, sqrt(observed_noise), gain);
}

/* ---- what a sampler does ---- */

/* The standard noise of the first state: 0, the first axis, the second, one a sample. */
static int32_t axes(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)user, (void)step;
    for (size_t i = 0; i < count; i++)
        values[i] = sample == (int64_t)i + 1 ? 1.0 : 0.0;
    return 0;
}

static law2 by_axes(diffusion_sampler *sampler)
{
    float x[3 * DIM];
    law2 of;
    assert_ok(diffusion_sampler_set_noise(sampler, axes, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, 3, x));
    for (int i = 0; i < DIM; i++)
        of.mean[i] = (double)x[i];
    for (int i = 0; i < DIM; i++)
        for (int j = 0; j < DIM; j++)
            of.covariance[i][j] = ((double)x[DIM + i] - of.mean[i]) * ((double)x[DIM + j] - of.mean[j]) +
                                  ((double)x[2 * DIM + i] - of.mean[i]) * ((double)x[2 * DIM + j] - of.mean[j]);
    return of;
}

static law2 by_drawing(diffusion_sampler *sampler)
{
    static float x[MANY * DIM];
    law2 of = {{0}, {{0}}};
    assert_ok(diffusion_sampler_run(sampler, NULL, MANY, x));
    for (size_t i = 0; i < MANY * DIM; i++)
        of.mean[i % DIM] += (double)x[i] / MANY;
    for (size_t i = 0; i < MANY; i++)
        for (size_t j = 0; j < DIM; j++)
            for (size_t k = 0; k < DIM; k++)
                of.covariance[j][k] +=
                    ((double)x[i * DIM + j] - of.mean[j]) * ((double)x[i * DIM + k] - of.mean[k]) / MANY;
    return of;
}

static double difference(const law2 *a, const law2 *b)
{
    double most = 0.0;
    for (int i = 0; i < DIM; i++) {
        most = fmax(most, fabs(a->mean[i] - b->mean[i]));
        for (int j = 0; j < DIM; j++)
            most = fmax(most, fabs(a->covariance[i][j] - b->covariance[i][j]));
    }
    return most;
}

typedef enum task { GUIDED, OBSERVED } task;

/* The law of x_0 under a condition; `steps` NULL: the spec has its own. */
static law2 law_of(const char *schedule_spec, const char *spec, const char *steps, task of, int draws)
{
    char whole[256];
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = NULL;
    diffusion_sampler *sampler = NULL;
    levels = schedule;
    snprintf(whole, sizeof whole, "%s%s%s%s", spec, steps != NULL ? " steps=" : "", steps != NULL ? steps : "",
             of == OBSERVED ? " posterior=exact" : "");
    assert_ok(diffusion_model_create_callback_double(&model, "shape=2 predict=x0", denoise, NULL));
    assert_ok(diffusion_sampler_create(&sampler, model, schedule, whole));
    if (of == GUIDED)
        assert_ok(diffusion_sampler_set_guidance(sampler, guide, NULL));
    else
        assert_ok(diffusion_sampler_set_observed(sampler, observed, observed_noise, 1));
    const law2 got = draws ? by_drawing(sampler) : by_axes(sampler);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return got;
}

static const char *const deterministic[] = {
    "ddim",
    "dpmsolver++ order=1",
    "dpmsolver++ spacing=karras",
    "dpmsolver++ order=3 spacing=karras",
    "dpmsolver++ method=singlestep order=3 spacing=karras",
    "dpmsolver spacing=karras",
    "unipc spacing=karras",
    "deis spacing=karras",
    "euler",
    "heun",
    "kdpm2",
    "lms",
    "pndm",
    "ipndm",
    "sa_solver tau=0 spacing=karras",
    "dpmpp_2s eta=0",
};

/* More steps come nearer, and enough of them near. */
static void check_deterministic(const char *schedule, task of)
{
    const law2 truth = of == GUIDED ? guided_truth() : observed_truth();
    for (size_t i = 0; i < sizeof deterministic / sizeof deterministic[0]; i++) {
        const law2 few = law_of(schedule, deterministic[i], "25", of, 0);
        const law2 many = law_of(schedule, deterministic[i], "200", of, 0);
        const double far = difference(&few, &truth), near = difference(&many, &truth);
        printf("%-8.8s %-52s %.1e with 25 steps, %.1e with 200\n", schedule, deterministic[i], far, near);
        assert_true(near < 0.01 && near < fmax(0.6 * far, 3e-3));
    }
}

static void deterministic_solvers_go_by_the_score_of_the_posterior(void **state)
{
    (void)state;
    check_deterministic("linear steps=1000", GUIDED);
    check_deterministic("edm steps=1000", GUIDED);
}

static void an_observation_beside_the_state_is_exact_at_every_level(void **state)
{
    (void)state;
    check_deterministic("linear steps=1000", OBSERVED);
    check_deterministic("edm steps=1000", OBSERVED);
    const law2 truth = observed_truth(),
               adaptive = law_of("linear steps=1000", "dpm_adaptive rtol=1e-4", NULL, OBSERVED, 0);
    printf("dpm_adaptive %.1e\n", difference(&adaptive, &truth));
    assert_true(difference(&adaptive, &truth) < 0.02);
}

static void solvers_with_noise_draw_from_the_posterior(void **state)
{
    (void)state;
    static const char *const noisy[] = {
        "ddim eta=1",
        "ddim eta=0.5",
        "euler_ancestral",
        "kdpm2_ancestral",
        "dpmpp_2s",
        "dpmpp_sde",
        "sde-dpmsolver++ spacing=karras",
        "sde-dpmsolver spacing=karras",
        "sa_solver tau=1 spacing=karras",
        "euler s_churn=20",
    };
    for (int of = GUIDED; of <= OBSERVED; of++) {
        const law2 truth = of == GUIDED ? guided_truth() : observed_truth();
        for (size_t i = 0; i < sizeof noisy / sizeof noisy[0]; i++) {
            const law2 got = law_of("linear steps=1000", noisy[i], "100", (task)of, 1);
            printf("%-10s %-40s %.3f\n", of == GUIDED ? "guided" : "observed", noisy[i], difference(&got, &truth));
            assert_true(difference(&got, &truth) < 0.06);
        }
    }
}

/* ---- rules ---- */

enum { SOME = 6 };

static diffusion_sampler *under(diffusion_model *model, const char *spec, int guided, int observes, int knows)
{
    static const float known[DIM] = {0.25F, NAN};
    static const uint8_t mask[DIM] = {1, 0};
    diffusion_sampler *sampler = make_sampler(model, levels, spec);
    if (guided)
        assert_ok(diffusion_sampler_set_guidance(sampler, guide, NULL));
    if (observes)
        assert_ok(diffusion_sampler_set_observed(sampler, observed, observed_noise, 1));
    if (knows)
        assert_ok(diffusion_sampler_set_known(sampler, known, mask, 1));
    return sampler;
}

static void samples_are_the_same_for_any_threads_and_batches(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int guided, observes, knows;
    } cases[] = {{"ddim steps=7", 1, 0, 1},
                 {"dpmsolver++ steps=7 order=3", 1, 0, 0},
                 {"unipc steps=7 posterior=exact", 0, 1, 1},
                 {"dpmpp_sde steps=7 posterior=exact", 0, 1, 0},
                 {"dpm_adaptive rtol=0.1 posterior=exact", 0, 1, 0}};
    diffusion_schedule *schedule = make_schedule("linear steps=1000");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", denoise, NULL);
    levels = schedule;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float whole[SOME * DIM], part[SOME * DIM];
        for (int threads = 1; threads <= 3; threads++) {
            assert_ok(diffusion_set_threads(threads));
            diffusion_sampler *sampler =
                under(model, cases[i].spec, cases[i].guided, cases[i].observes, cases[i].knows);
            assert_ok(diffusion_sampler_run(sampler, NULL, SOME, threads == 1 ? whole : part));
            if (threads > 1)
                assert_same(part, whole, sizeof whole);
            diffusion_sampler_free(sampler);
        }
        for (size_t first = 0; first < SOME; first += 2) {
            char spec[128];
            snprintf(spec, sizeof spec, "%s first=%zu", cases[i].spec, first);
            diffusion_sampler *sampler = under(model, spec, cases[i].guided, cases[i].observes, cases[i].knows);
            assert_ok(diffusion_sampler_run(sampler, NULL, 2, part));
            assert_same(part, whole + first * DIM, 2 * DIM * sizeof *part);
            diffusion_sampler_free(sampler);
        }
        for (size_t row = 0; row < SOME && cases[i].knows; row++)
            assert_true(whole[row * DIM] == 0.25F);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_is_known_is_not_observed(void **state)
{
    (void)state;
    static const float one[DIM] = {1.2F, 0.4F}, other[DIM] = {-50.0F, 0.4F};
    diffusion_schedule *schedule = make_schedule("linear steps=1000");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", denoise, NULL);
    float a[SOME * DIM], b[SOME * DIM];
    levels = schedule;
    /* The first state of a known value is its path's, whatever was observed. */
    static const char *const specs[] = {"dpmsolver++ steps=9 posterior=exact", "ancestral steps=9 posterior=exact"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        diffusion_sampler *sampler = under(model, specs[i], 0, 0, 1);
        assert_ok(diffusion_sampler_set_observed(sampler, one, observed_noise, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, SOME, a));
        assert_ok(diffusion_sampler_set_observed(sampler, other, observed_noise, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, SOME, b));
        assert_same(a, b, sizeof a);
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_has_no_meaning_is_refused(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=1000"),
                       *dark = make_schedule("linear steps=1000 zero_terminal_snr=yes");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", denoise, NULL);
    diffusion_sampler *adaptive = make_sampler(model, schedule, "dpm_adaptive"),
                      *annealed = make_sampler(model, schedule, "heun posterior=annealed"),
                      *exact = make_sampler(model, schedule, "heun posterior=exact"),
                      *up = make_sampler(model, schedule, "ddim_inverse steps=5 model_at=own posterior=exact"),
                      *blind = make_sampler(model, dark, "ddim steps=5 spacing=trailing");
    assert_refused(diffusion_sampler_set_guidance(adaptive, guide, NULL), DIFFUSION_E_STATE,
                   "dpm_adaptive has each sample at a level of its own, expected a kind with steps");
    assert_refused(diffusion_sampler_set_observed(annealed, observed, 0.3, 1), DIFFUSION_E_STATE,
                   "heun has no p(x_{t-1} | x_t) to multiply by r, expected posterior=exact");
    assert_refused(diffusion_sampler_set_guidance(exact, guide, NULL), DIFFUSION_E_STATE, "posterior=exact is for obs");
    assert_refused(diffusion_sampler_set_guidance(up, guide, NULL), DIFFUSION_E_STATE, "ddim_inverse begins at data");
    assert_refused(diffusion_sampler_set_observed(up, observed, 0.3, 1), DIFFUSION_E_STATE, "begins at data, which");
    assert_refused(diffusion_sampler_set_guidance(blind, guide, NULL), DIFFUSION_E_STATE,
                   "nothing of x_0 is left at the chain's first step, where ddim divides by it");
    assert_ok(diffusion_sampler_set_guidance(annealed, guide, NULL));
    diffusion_sampler *all[] = {adaptive, annealed, exact, up, blind};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        diffusion_sampler_free(all[i]);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(dark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deterministic_solvers_go_by_the_score_of_the_posterior),
        cmocka_unit_test(an_observation_beside_the_state_is_exact_at_every_level),
        cmocka_unit_test(solvers_with_noise_draw_from_the_posterior),
        cmocka_unit_test(samples_are_the_same_for_any_threads_and_batches),
        cmocka_unit_test(what_is_known_is_not_observed),
        cmocka_unit_test(what_has_no_meaning_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
