/* A callback is given the condition of its own rows, however the samples are cut into calls and repeated. */
#include "make.h"

enum { N = 2500, DIM = 2, CALL = 1024 };

/* Sample i has the vector (i, -i), the label i mod 4 - 1 and observed values by the parity of i. */
static float vectors[2 * N];
static int32_t labels[N];
static uint8_t observed[DIM * N];

static float x[N * DIM];

static int fill(void **state)
{
    (void)state;
    make_numbers(x, N * DIM, 3);
    for (size_t i = 0; i < N; i++) {
        vectors[2 * i] = (float)i;
        vectors[2 * i + 1] = -(float)i;
        labels[i] = (int32_t)(i % 4) - 1;
        observed[DIM * i] = i % 2 == 0;
        observed[DIM * i + 1] = 1;
    }
    return 0;
}

/* The rows of the pass at hand, which begins anew after `pass` rows; row r must be of sample r / repeated. */
typedef struct witness {
    size_t row, pass, repeated, calls;
    int given;
} witness;

static void assert_row(const diffusion_condition *condition, size_t row, size_t sample)
{
    size_t width;
    const float *vector = diffusion_condition_vectors(condition, &width);
    assert_int_equal(width, 2);
    assert_true(vector[2 * row] == (float)sample && vector[2 * row + 1] == -(float)sample);
    assert_int_equal(diffusion_condition_labels(condition)[row], (int32_t)(sample % 4) - 1);
    assert_memory_equal(diffusion_condition_observed(condition) + DIM * row, observed + DIM * sample, DIM);
}

static void look(witness *self, const diffusion_condition *condition, size_t n)
{
    assert_true(n >= 1 && n <= CALL);
    self->calls++;
    if (!self->given) {
        assert_null(condition);
        return;
    }
    assert_int_equal(diffusion_condition_count(condition), n);
    for (size_t i = 0; i < n; i++, self->row++)
        assert_row(condition, i, self->row % self->pass / self->repeated);
}

static int32_t in_double(const double *from, const double *time, const diffusion_condition *condition, size_t n,
                         double *out, void *user)
{
    (void)time;
    look(user, condition, n);
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.5 * from[i];
    return 0;
}

static int32_t in_float(const float *from, const double *time, const diffusion_condition *condition, size_t n,
                        float *out, void *user)
{
    (void)time;
    look(user, condition, n);
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.5f * from[i];
    return 0;
}

static diffusion_condition *condition_of(size_t n)
{
    diffusion_condition *condition = make_labels(labels, n);
    assert_ok(diffusion_condition_set_vectors(condition, vectors, 2));
    assert_ok(diffusion_condition_set_observed(condition, observed, DIM));
    return condition;
}

static const char spec[] = "shape=2 classes=3 condition=2";

static void check_passes(diffusion_model *model, witness *user)
{
    static float out[N * DIM];
    static double time_of[N];
    static int32_t t[N];
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_condition *condition = condition_of(N);
    for (int i = 0; i < N; i++)
        t[i] = 1 + i % 4;
    make_times(time_of, t, N);
    *user = (witness){.pass = N, .repeated = 1, .given = 1};
    assert_ok(diffusion_model_forward(model, x, time_of, condition, N, out));
    assert_int_equal(user->row, N);
    assert_int_equal(user->calls, 3);
    assert_ok(diffusion_model_predict(model, schedule, x, t, condition, N, out, NULL));
    assert_int_equal(user->row, 2 * N);
    *user = (witness){.given = 0};
    assert_ok(diffusion_model_predict(model, schedule, x, t, NULL, N, out, NULL));
    assert_int_equal(user->calls, 3);
    diffusion_condition_free(condition);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}

static void forward_and_predict_cut_it_as_they_cut_x(void **state)
{
    (void)state;
    witness user;
    check_passes(make_callback(spec, in_float, &user), &user);
    check_passes(make_callback_double(spec, in_double, &user), &user);
}

static void check_sampler(const char *sampler_spec, size_t n, size_t particles, size_t steps)
{
    static float x0[N * DIM];
    witness user = {.pass = n * particles, .repeated = particles, .given = 1};
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_callback_double(spec, in_double, &user);
    diffusion_sampler *sampler = make_sampler(model, schedule, sampler_spec);
    diffusion_condition *condition = condition_of(n);
    assert_ok(diffusion_sampler_run(sampler, condition, n, x0));
    assert_int_equal(user.row, steps * n * particles);
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_sample_keeps_its_own_through_steps_and_particles(void **state)
{
    (void)state;
    check_sampler("ancestral last=model", N, 1, 4);
    check_sampler("ancestral last=model particles=3", 700, 3, 4);
    check_sampler("ancestral last=model particles=2000", 2, 2000, 4);
    check_sampler("ddim steps=2", N, 1, 2);
}

/* Particles that are drawn again stay with their sample, and so with its condition. */
static void particles_that_live_on_stay_with_their_sample(void **state)
{
    (void)state;
    enum { SAMPLES = 40, PARTICLES = 30 };
    static float x0[SAMPLES * DIM];
    const float y[DIM] = {1, -1};
    witness user = {.pass = SAMPLES * PARTICLES, .repeated = PARTICLES, .given = 1};
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_callback_double(spec, in_double, &user);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral last=model particles=30 posterior=annealed");
    diffusion_condition *condition = condition_of(SAMPLES);
    assert_ok(diffusion_sampler_set_observed(sampler, y, 0.01, 1));
    assert_ok(diffusion_sampler_run(sampler, condition, SAMPLES, x0));
    assert_int_equal(user.row % user.pass, 0);
    assert_true(user.row >= user.pass);
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void check_elbo(const char *elbo_spec, size_t n, size_t draws, size_t steps)
{
    witness user = {.pass = n * draws, .repeated = draws, .given = 1};
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_callback(spec, in_float, &user);
    diffusion_evaluator *elbo = make_evaluator(model, schedule, elbo_spec);
    diffusion_condition *condition = condition_of(n);
    assert_ok(diffusion_evaluator_run(elbo, x, condition, n));
    assert_int_equal(user.row, steps * n * draws);
    diffusion_condition_free(condition);
    diffusion_evaluator_free(elbo);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void every_draw_of_an_evaluator_has_its_samples_own(void **state)
{
    (void)state;
    check_elbo("elbo", N, 1, 3);
    check_elbo("elbo draws=7 edge=model", 700, 7, 4);
    check_elbo("elbo draws=2100", 2, 2100, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_predict_cut_it_as_they_cut_x),
        cmocka_unit_test(a_sample_keeps_its_own_through_steps_and_particles),
        cmocka_unit_test(particles_that_live_on_stay_with_their_sample),
        cmocka_unit_test(every_draw_of_an_evaluator_has_its_samples_own),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
