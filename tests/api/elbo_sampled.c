/* The bound with t drawn for each draw: without bias, and with a standard error that says how far it may be off. The
 * error bar is held to what it claims: over many seeds (estimate - truth) / standard error has the mean 0 and the
 * variance 1. */
#include "make.h"

enum { STEPS = 60, SEEDS = 300, N = 128 };

/* Data of standard deviation s, and a model that takes it for that of another one, or is badly wrong at one step. Its
 * outputs are linear in x, so that K's terms are polynomials of second degree in (x_0, noise): x_0 = -s, s and noise
 * -1, 1 give their exact mean over normal data and noise. */
typedef struct linear_world {
    diffusion_schedule *schedule;
    diffusion_model *model;
    double alpha_bar[STEPS];
    double believed;
    int32_t broken; /* 0: no step */
    double truth;   /* K, bits */
} linear_world;

static const double deviation = 0.5;

/* E[x_0 | x_t] of normal data. */
static int32_t believe(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const linear_world *self = user;
    for (size_t i = 0; i < n; i++) {
        const int32_t t = (int32_t)time[i];
        const double signal = sqrt(self->alpha_bar[t - 1]), s2 = self->believed * self->believed;
        out[i] = signal * s2 / (signal * signal * s2 + 1.0 - signal * signal) * x[i];
        if (t == self->broken)
            out[i] += 3.0;
    }
    return 0;
}

static int32_t both_signs(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step, (void)user, (void)count;
    values[0] = sample % 2 == 0 ? 1.0 : -1.0; /* two draws to a sample */
    return 0;
}

static void open_linear(linear_world *self, double believed, int32_t broken)
{
    const float data[2] = {(float)-deviation, (float)deviation};
    *self = (linear_world){.believed = believed, .broken = broken};
    self->schedule = make_schedule("cosine steps=60");
    assert_ok(diffusion_schedule_values(self->schedule, "alpha_bar", self->alpha_bar));
    self->model = make_callback_double("shape=1 predict=x0 variance=fixed_small", believe, self);
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, "elbo draws=2");
    assert_ok(diffusion_evaluator_set_noise(elbo, both_signs, NULL));
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, 2));
    self->truth = figure(elbo, "k_bits");
    diffusion_evaluator_free(elbo);
}

static void close_linear(linear_world *self)
{
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
}

/* Normal by the sum of twelve uniforms, but with exactly the variance. */
static void draw_data(float *data, size_t n, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (int k = 0; k < 12; k++)
            sum += (double)(make_number(&state) + 1.0f) / 2.0;
        data[i] = (float)(deviation * (sum - 6.0));
    }
}

/* A measurement of n samples by a seed: its bits and standard error. */
typedef struct estimate {
    double bits, error;
} estimate;

static estimate measure(const linear_world *self, const char *keys, size_t n, int spread, uint32_t seed)
{
    float data[N];
    char spec[128];
    draw_data(data, n, seed);
    for (size_t i = 0; i < n && !spread; i++)
        data[i] = (float)(i % 2 == 0 ? deviation : -deviation);
    snprintf(spec, sizeof spec, "elbo %s seed=%u", keys, (unsigned)seed);
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, spec);
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, n));
    const estimate got = {figure(elbo, "k_bits"), figure(elbo, "standard_error_bits")};
    diffusion_evaluator_free(elbo);
    return got;
}

/* Of SEEDS scores of a standard normal the mean is within 0.2 and the variance within 0.25: three deviations each. */
static void check_scores(const linear_world *self, const char *keys, size_t n, int spread)
{
    double sum = 0.0, squares = 0.0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        const estimate got = measure(self, keys, n, spread, seed);
        const double score = (got.bits - self->truth) / got.error;
        sum += score;
        squares += score * score;
    }
    const double mean = sum / SEEDS, variance = squares / SEEDS - mean * mean;
    if (fabs(mean) > 0.2 || fabs(variance - 1.0) > 0.25)
        print_error("%s, n=%d: scores have the mean %g and the variance %g, expected 0 and 1\n", keys, (int)n, mean,
                    variance);
    assert_true(fabs(mean) <= 0.2 && fabs(variance - 1.0) <= 0.25);
}

static void the_error_covers_data_and_sampled_steps(void **state)
{
    (void)state;
    linear_world self;
    open_linear(&self, 0.7, 0);
    check_scores(&self, "steps=3", N, 1);
    check_scores(&self, "steps=10 draws=2", N, 1);
    close_linear(&self);
}

/* No spread over data: what is left comes of t and noise. */
static void the_error_covers_sampled_steps_alone(void **state)
{
    (void)state;
    linear_world self;
    open_linear(&self, 0.7, 0);
    check_scores(&self, "steps=3", N, 0);
    check_scores(&self, "steps=20", N, 0);
    close_linear(&self);
}

/* One sample: over its draws. By symmetry K of -s and of s is the same. */
static void the_error_of_one_sample_is_over_its_draws(void **state)
{
    (void)state;
    linear_world self;
    open_linear(&self, 0.7, 0);
    check_scores(&self, "steps=5 draws=40", 1, 0);
    close_linear(&self);
}

/* Nearly all of the sum stands at one step, which the pilot finds or not. */
static void a_single_bad_step_is_found(void **state)
{
    (void)state;
    linear_world self;
    open_linear(&self, 0.5, 23);
    double sum = 0.0, squares = 0.0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        const double off = measure(&self, "steps=5", N, 0, seed).bits - self.truth;
        sum += off;
        squares += off * off;
    }
    const double mean = sum / SEEDS, error = sqrt((squares / SEEDS - mean * mean) / SEEDS);
    if (fabs(mean) > 4 * error)
        print_error("off by %g +- %g bits of %g\n", mean, error, self.truth);
    assert_true(fabs(mean) <= 4 * error);
    assert_true(error * sqrt(SEEDS) < 0.5 * fabs(self.truth)); /* bits */
    close_linear(&self);
}

/* ---- how the steps of a draw hang together ---- */

typedef struct spread_of {
    double mean, variance;
} spread_of;

/* Of K over seeds, where t alone is random. */
static spread_of spread_over_seeds(const linear_world *self, const char *keys)
{
    const float data[2] = {(float)-deviation, (float)deviation};
    double sum = 0.0, squares = 0.0;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        char spec[128];
        snprintf(spec, sizeof spec, "elbo draws=2 %s seed=%u", keys, seed);
        diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, spec);
        assert_ok(diffusion_evaluator_set_noise(elbo, both_signs, NULL));
        assert_ok(diffusion_evaluator_run(elbo, data, NULL, 2));
        const double bits = figure(elbo, "k_bits") - self->truth;
        sum += bits;
        squares += bits * bits;
        diffusion_evaluator_free(elbo);
    }
    const double mean = sum / SEEDS;
    print_message("%-40s K off by %9.6f +- %.6f bits, standard deviation %.6f\n", keys, mean,
                  sqrt((squares / SEEDS - mean * mean) / SEEDS), sqrt(squares / SEEDS - mean * mean));
    return (spread_of){mean, squares / SEEDS - mean * mean};
}

/* All have K by all terms for their mean; the better the t are spread, the less the rest varies. */
static void strata_spread_less_than_independent_steps(void **state)
{
    (void)state;
    linear_world self;
    open_linear(&self, 0.7, 0);
    const spread_of independent = spread_over_seeds(&self, "terms=sampled steps=12 time_draws=independent"),
                    stratified = spread_over_seeds(&self, "terms=sampled steps=12"),
                    antithetic = spread_over_seeds(&self, "terms=sampled steps=12 time_draws=antithetic"),
                    all[] = {independent, stratified, antithetic};
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(all[i].mean) < 4.0 * sqrt(all[i].variance / SEEDS));
    assert_true(stratified.variance < 0.2 * independent.variance);
    assert_true(antithetic.variance < 0.7 * stratified.variance);
    close_linear(&self);
}

static void the_error_covers_every_way_to_draw_steps(void **state)
{
    (void)state;
    linear_world self;
    open_linear(&self, 0.7, 0);
    check_scores(&self, "steps=10 time_draws=antithetic", N, 1);
    check_scores(&self, "steps=5 time_draws=antithetic", N, 0);
    check_scores(&self, "steps=5 time_draws=independent", N, 0);
    close_linear(&self);
}

/* ---- what the figures are made of ---- */

static int make_world(void **state)
{
    return make_world_of(state, "linear steps=60 beta_end=0.2",
                         "mlp shape=2 width=8 depth=2 time_features=4 classes=3 variance=learned_range");
}

typedef struct figures {
    double k, edge, kl, prior, terms[STEPS], errors[STEPS], samples[N];
} figures;

static figures figures_of(const world *self, const char *spec)
{
    float data[2 * N];
    int32_t labels[N];
    figures of;
    make_numbers(data, 2 * N, 3);
    for (int32_t i = 0; i < N; i++)
        labels[i] = i % 3;
    diffusion_condition *condition = make_labels(labels, N);
    diffusion_evaluator *elbo = make_evaluator(self->model, self->schedule, spec);
    assert_ok(diffusion_evaluator_run(elbo, data, condition, N));
    of = (figures){figure(elbo, "k_bits"),
                   figure(elbo, "edge_bits"),
                   figure(elbo, "kl_bits"),
                   figure(elbo, "prior_bits"),
                   {0},
                   {0},
                   {0}};
    assert_ok(diffusion_evaluator_terms(elbo, of.terms, of.errors));
    assert_ok(diffusion_evaluator_samples(elbo, of.samples, NULL, N));
    diffusion_evaluator_free(elbo);
    diffusion_condition_free(condition);
    return of;
}

static void the_parts_make_the_sum(void **state)
{
    const figures of = figures_of(*state, "elbo steps=4 draws=2 edge=model"),
                  all = figures_of(*state, "elbo draws=2 edge=model");
    double mean = 0.0;
    for (size_t i = 0; i < N; i++)
        mean += of.samples[i] / N;
    assert_close(of.k, mean, 1e-12, 0);
    assert_close(of.k, of.edge - of.kl - of.prior, 1e-12, 0);
    assert_true(of.prior == all.prior && of.edge == all.edge); /* measured in full */
    assert_close(of.terms[0], -of.edge, 1e-12, 0);
}

/* What is said of a step is true of it; steps that no draw met say nothing. */
static void terms_are_those_of_their_steps(void **state)
{
    const figures of = figures_of(*state, "elbo steps=40 seed=5"), all = figures_of(*state, "elbo draws=20"),
                  few = figures_of(*state, "elbo steps=1 seed=5");
    size_t known = 0, unknown = 0;
    double squares = 0.0;
    for (size_t i = 1; i < STEPS; i++) {
        const double error = hypot(of.errors[i], all.errors[i] / sqrt(20));
        unknown += isnan(few.terms[i]) ? 1 : 0;
        if (!isfinite(of.errors[i]) || of.errors[i] == 0.0)
            continue;
        squares += pow((of.terms[i] - all.terms[i]) / error, 2);
        known++;
    }
    assert_true(known > STEPS / 2);
    assert_true(unknown > 0);
    if (!(squares < 3.0 * (double)known))
        print_error("%g over %d steps\n", squares, (int)known);
    assert_true(squares < 3.0 * (double)known); /* errors over few samples: Student's t */
}

static void as_many_steps_as_there_are_is_all_of_them(void **state)
{
    const figures all = figures_of(*state, "elbo"), same = figures_of(*state, "elbo steps=59"),
                  more = figures_of(*state, "elbo steps=1000"), fewer = figures_of(*state, "elbo steps=58");
    assert_same(&same, &all, sizeof all);
    assert_same(&more, &all, sizeof all);
    assert_true(fewer.k != all.k);
}

static void terms_says_whether_steps_are_sampled(void **state)
{
    const world *self = *state;
    const figures all = figures_of(*state, "elbo"), same = figures_of(*state, "elbo terms=all"),
                  some = figures_of(*state, "elbo terms=sampled"), twenty = figures_of(*state, "elbo steps=20");
    diffusion_evaluator *elbo = NULL;
    assert_same(&same, &all, sizeof all);
    assert_same(&some, &twenty, sizeof all);
    assert_true(some.k != all.k);
    assert_refused(diffusion_evaluator_create(&elbo, self->model, self->schedule, "elbo terms=all steps=5"),
                   DIFFUSION_E_SPEC, "terms=all measures every step, steps=5 some");
}

static void bits_do_not_depend_on_threads(void **state)
{
    assert_ok(diffusion_set_threads(1));
    const figures one = figures_of(*state, "elbo steps=7 seed=9");
    for (int32_t threads = 2; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        const figures more = figures_of(*state, "elbo steps=7 seed=9");
        assert_same(&more, &one, sizeof one);
    }
    assert_ok(diffusion_set_threads(0));
    assert_true(figures_of(*state, "elbo steps=7 seed=10").k != one.k);
}

typedef struct witness {
    int64_t calls, last, total;
} witness;

static int32_t watch(int64_t done, int64_t total, void *user)
{
    witness *self = user;
    assert_true(done > self->last && done <= total);
    *self = (witness){self->calls + 1, done, total};
    return 0;
}

/* The edge, the pilot and three KLs of every draw, told of in parts. */
static void progress_counts_terms(void **state)
{
    const world *self = *state;
    float data[2 * N];
    witness user = {0};
    diffusion_evaluator *elbo =
        make_evaluator(self->model, self->schedule, "elbo steps=3 draws=20"); /* 2560 rows: three batches */
    make_numbers(data, 2 * N, 3);
    assert_ok(diffusion_evaluator_set_progress(elbo, watch, &user));
    assert_ok(diffusion_evaluator_run(elbo, data, NULL, N));
    assert_true(user.last == user.total && user.total == (int64_t)(20 * N * 5) && user.calls > 5 * 3);
    diffusion_evaluator_free(elbo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_covers_data_and_sampled_steps),
        cmocka_unit_test(the_error_covers_sampled_steps_alone),
        cmocka_unit_test(the_error_of_one_sample_is_over_its_draws),
        cmocka_unit_test(a_single_bad_step_is_found),
        cmocka_unit_test(strata_spread_less_than_independent_steps),
        cmocka_unit_test(the_error_covers_every_way_to_draw_steps),
        cmocka_unit_test(the_parts_make_the_sum),
        cmocka_unit_test(terms_are_those_of_their_steps),
        cmocka_unit_test(as_many_steps_as_there_are_is_all_of_them),
        cmocka_unit_test(terms_says_whether_steps_are_sampled),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(progress_counts_terms),
    };
    return cmocka_run_group_tests(tests, make_world, free_world);
}
