/* The seam of conditions on samples: a toy that multiplies by exp(c x_0), and one that keeps what is above 0. */
#include "gaussian_data.h"

#include "sample/sampler.h"

/* ---- r(x_0) = exp(c x_0) for normal data: r at a level is its mean given x there, exp(c slope x) but for a factor
 * ---- */

typedef struct tilt {
    given strength; /* c, by row */
    const gaussian_data *data;
} tilt;

static void tilt_release(void *state)
{
    given_release(&((tilt *)state)->strength);
}

static int tilt_is_active(const struct diffusion_sampler *self, const void *state)
{
    (void)self;
    return ((const tilt *)state)->strength.n > 0;
}

static diffusion_status tilt_check(const struct diffusion_sampler *self, const void *state, size_t n)
{
    (void)self;
    return given_check(&((const tilt *)state)->strength, "tilt_set", n);
}

/* A normal law times exp(c x) is normal, its mean moved by c variances. */
static diffusion_status tilt_law(struct diffusion_sampler *self, void *state, solver_step *step)
{
    const tilt *of = state;
    const double slope = gaussian_data_slope(of->data, &step->to);
    for (size_t row = 0; row < self->rows; row++)
        step->next.mean[row] +=
            slope * (double)of->strength.values[given_row(&of->strength, self, row)] * step->next.variance[row];
    return DIFFUSION_OK;
}

const sample_condition tilt_condition = {
    .state_size = sizeof(tilt),
    .release = tilt_release,
    .is_active = tilt_is_active,
    .check = tilt_check,
    .predicted = tilt_law,
};

static void tilt_set(struct diffusion_sampler *self, const gaussian_data *data, const float *strength, size_t n)
{
    tilt *state = sampler_condition_state(self, &tilt_condition);
    given_release(&state->strength);
    state->data = data;
    if (n > 0)
        assert_ok(given_copy(&state->strength, strength, NULL, n, sampler_dim(self)));
    sampler_forget(self);
}

/* ---- r(x_0) is 1 above 0 and 0 below, for a chain that treats x and -x alike: |x| is then a chain of its own ---- */

typedef struct positive {
    int is_set;
} positive;

static int positive_is_active(const struct diffusion_sampler *self, const void *state)
{
    (void)self;
    return ((const positive *)state)->is_set;
}

static void positive_settled(struct diffusion_sampler *self, void *state, const solver_step *step)
{
    (void)state, (void)step;
    double *x = self->x.memory;
    for (size_t row = 0; row < self->rows; row++)
        x[row] = fabs(x[row]);
}

const sample_condition positive_condition = {
    .state_size = sizeof(positive),
    .is_active = positive_is_active,
    .settled = positive_settled,
};

static void positive_set(struct diffusion_sampler *self)
{
    ((positive *)sampler_condition_state(self, &positive_condition))->is_set = 1;
    sampler_forget(self);
}

/* ---- a chain that reverses normal data exactly ---- */

enum { STEPS = 10, SAMPLES = STEPS + 2, MANY = 40000 };

typedef struct exact {
    gaussian_data data;
    diffusion_model *model;
    diffusion_sampler *sampler;
} exact;

static void exact_open(exact *self, double mean)
{
    self->data = (gaussian_data){make_schedule("log_snr steps=10 maximum=8"), mean, 0.25};
    self->model =
        make_callback_double("shape=1 predict=epsilon variance=learned_range", gaussian_data_reverse, &self->data);
    self->sampler = make_sampler(self->model, self->data.schedule, "ancestral last=model seed=6");
}

static void exact_close(exact *self)
{
    diffusion_sampler_free(self->sampler);
    diffusion_model_free(self->model);
    diffusion_schedule_free((diffusion_schedule *)self->data.schedule);
}

/* Moments of its x_0, which begins at p(x_T) = N(0, 1). */
static double exact_mean(const gaussian_data *data)
{
    return gaussian_data_x0(data, schedule_last(data->schedule), 0.0);
}

static double exact_variance(const gaussian_data *data)
{
    const noise_level *last = schedule_last(data->schedule);
    return gaussian_data_left(data, last) + pow(gaussian_data_slope(data, last), 2.0);
}

static void a_tilt_moves_the_mean_by_c_variances(void **state)
{
    (void)state;
    exact self;
    exact_open(&self, 0.3);
    const float strength = 1.7f;
    float x0[SAMPLES];
    double mean, variance;
    tilt_set(self.sampler, &self.data, &strength, 1);
    assert_ok(diffusion_sampler_set_noise(self.sampler, gaussian_data_probe, NULL));
    assert_ok(diffusion_sampler_run(self.sampler, NULL, SAMPLES, x0));
    gaussian_data_moments(x0, SAMPLES, &mean, &variance);
    assert_close(mean, exact_mean(&self.data) + (double)strength * exact_variance(&self.data), 1e-6, 0.0);
    assert_close(variance, exact_variance(&self.data), 1e-6, 0.0);
    exact_close(&self);
}

static void a_toy_is_given_row_by_row_and_forgotten(void **state)
{
    (void)state;
    exact self;
    exact_open(&self, 0.3);
    const float strength[2] = {0.0f, 5.0f};
    float plain[4], tilted[4], again[4];
    assert_ok(diffusion_sampler_run(self.sampler, NULL, 4, plain));
    tilt_set(self.sampler, &self.data, strength, 2);
    assert_refused(diffusion_sampler_step(self.sampler), DIFFUSION_E_STATE, "no chain has begun");
    assert_refused(diffusion_sampler_run(self.sampler, NULL, 3, tilted), DIFFUSION_E_SHAPE, "tilt_set");
    assert_ok(diffusion_sampler_run(self.sampler, NULL, 4, tilted));
    assert_same(tilted, plain, sizeof *plain);
    assert_true(tilted[1] > plain[1] + 0.5f);
    assert_same(tilted + 2, plain + 2, sizeof *plain);
    tilt_set(self.sampler, &self.data, NULL, 0);
    assert_ok(diffusion_sampler_run(self.sampler, NULL, 4, again));
    assert_same(again, plain, sizeof plain);
    exact_close(&self);
}

static void a_toy_and_an_observation_multiply(void **state)
{
    (void)state;
    exact self;
    exact_open(&self, 0.3);
    const float strength = 1.7f, y = 0.6f;
    float both, tilted, shift;
    diffusion_sampler *sampler = self.sampler;
    assert_ok(diffusion_sampler_set_noise(sampler, gaussian_data_probe, NULL));
    assert_ok(diffusion_sampler_set_observed(sampler, &y, 1e6, 1)); /* tells next to nothing */
    tilt_set(sampler, &self.data, &strength, 1);
    assert_ok(diffusion_sampler_run(sampler, NULL, 1, &both));
    assert_ok(diffusion_sampler_set_observed(sampler, NULL, 0.0, 0));
    assert_ok(diffusion_sampler_run(sampler, NULL, 1, &tilted));
    assert_close((double)both, (double)tilted, 1e-5, 0.0);
    assert_ok(diffusion_sampler_set_observed(sampler, &y, 1e-10, 1)); /* tells all */
    assert_ok(diffusion_sampler_run(sampler, NULL, 1, &shift));
    assert_close((double)shift, (double)y, 1e-5, 0.0);
    exact_close(&self);
}

/* The mean of a normal variable's half is sqrt(2 variance / pi), and its square's mean the variance. */
static void what_is_above_zero_follows_half_a_normal_law(void **state)
{
    (void)state;
    exact self;
    exact_open(&self, 0.0);
    static float x0[MANY];
    double sum = 0.0, squares = 0.0;
    const double variance = exact_variance(&self.data);
    positive_set(self.sampler);
    assert_ok(diffusion_sampler_run(self.sampler, NULL, MANY, x0));
    for (size_t i = 0; i < MANY; i++) {
        assert_true(x0[i] >= 0.0f);
        sum += (double)x0[i] / MANY;
        squares += (double)x0[i] * (double)x0[i] / MANY;
    }
    assert_close(sum, sqrt(variance * 0.63661977236758134), 0.0, 4.0 * sqrt(variance / MANY));
    assert_close(squares, variance, 0.0, 4.0 * variance * sqrt(2.0 / MANY));
    exact_close(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tilt_moves_the_mean_by_c_variances),
        cmocka_unit_test(a_toy_is_given_row_by_row_and_forgotten),
        cmocka_unit_test(a_toy_and_an_observation_multiply),
        cmocka_unit_test(what_is_above_zero_follows_half_a_normal_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
