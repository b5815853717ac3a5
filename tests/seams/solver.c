/* The seam of solvers: two toys on the probability flow, one that remembers and one that stops short. */
#include "gaussian_data.h"
#include "help.h"

#include "sample/solver.h"

/* ---- Adams-Bashforth of order 2: dy/dr = epsilon for y = x / signal, r = sigma / signal ---- */

typedef struct adams_bashforth_state {
    double before; /* the length of the step before; 0: there was none */
} adams_bashforth_state;

enum { X0, EPSILON, EPSILON_BEFORE, ARRAYS };

static size_t arrays(const void *options)
{
    (void)options;
    return ARRAYS;
}

static double ratio(const noise_level *at)
{
    return at->sigma / at->signal;
}

static diffusion_status adams_bashforth_step(const solver_chain *chain, solver_step *step)
{
    adams_bashforth_state *state = chain->state;
    double *epsilon = chain->arrays + EPSILON * chain->count, *before = chain->arrays + EPSILON_BEFORE * chain->count;
    const double length = ratio(&step->aim) - ratio(&step->from);
    const double weight = state->before != 0.0 ? 0.5 * length / state->before : 0.0;
    diffusion_status status = solver_predict(chain, chain->x, &step->from, chain->arrays + X0 * chain->count, epsilon);
    for (size_t i = 0; i < chain->count && status == DIFFUSION_OK; i++) {
        const double slope = (1.0 + weight) * epsilon[i] - weight * before[i];
        step->next.mean[i] = step->aim.signal * (chain->x[i] / step->from.signal + length * slope);
        before[i] = epsilon[i];
    }
    state->before = length;
    step->undrawn = 1;
    return status;
}

const solver adams_bashforth_solver = {
    .spec = {"adams_bashforth", "Two steps' slopes (a test's toy).", NULL, 0},
    .additive = 1,
    .state_size = sizeof(adams_bashforth_state),
    .arrays = arrays,
    .step = adams_bashforth_step,
};

/* ---- Heun's method, in steps over which the log SNR rises by no more than `stride`; to the data Euler's at once ----
 */

typedef struct short_options {
    double stride;
} short_options;
SPEC_OWN(short_options);

static const spec_key short_keys[] = {
    {"stride", SPEC_REAL, offsetof(short_options, stride), "0.5", 1e-6, 1e6, NULL, "the most log SNR of a step"},
};

static diffusion_status short_step(const solver_chain *chain, solver_step *step)
{
    const double most = step->from.log_snr + ((const short_options *)chain->options)->stride;
    double *epsilon = chain->arrays + EPSILON * chain->count, *after = chain->arrays + EPSILON_BEFORE * chain->count;
    double *x0 = chain->arrays + X0 * chain->count, *middle = step->next.mean;
    const int data = step->aim.sigma == 0.0;
    if (!data && step->aim.log_snr > most)
        step->to = step->aim = solver_level(chain, solver_time(chain, most));
    const double length = ratio(&step->aim) - ratio(&step->from), signal = step->aim.signal;
    diffusion_status status = solver_predict(chain, chain->x, &step->from, x0, epsilon);
    for (size_t i = 0; i < chain->count && status == DIFFUSION_OK; i++)
        middle[i] = signal * (chain->x[i] / step->from.signal + length * epsilon[i]);
    if (status == DIFFUSION_OK && !data)
        status = solver_predict(chain, middle, &step->aim, x0, after);
    for (size_t i = 0; i < chain->count && status == DIFFUSION_OK && !data; i++)
        step->next.mean[i] = signal * (chain->x[i] / step->from.signal + 0.5 * length * (epsilon[i] + after[i]));
    step->undrawn = 1;
    return status;
}

const solver short_solver = {
    .spec = {"short", "Two evaluations a step, short ones (a test's toy).", short_keys, SPEC_COUNT(short_keys)},
    .additive = 1,
    .arrays = arrays,
    .step = short_step,
};

/* ---- against the exact flow ---- */

enum { SAMPLES = 7 };

typedef struct flow {
    gaussian_data data;
    diffusion_model *model;
} flow;

static flow flow_open(const char *schedule)
{
    flow self = {{make_schedule(schedule), 0.3, 0.25}, NULL};
    return self;
}

static void flow_close(flow *self)
{
    diffusion_model_free(self->model);
    diffusion_schedule_free((diffusion_schedule *)self->data.schedule);
}

static diffusion_sampler *flow_sampler(flow *self, const char *spec)
{
    if (self->model == NULL)
        self->model = make_callback_double("shape=1 predict=epsilon", gaussian_data_epsilon, &self->data);
    return make_sampler(self->model, self->data.schedule, spec);
}

/* The same x_T for every schedule. */
static int32_t spread(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)count, (void)step, (void)user;
    *noise = 0.5 * (double)(sample - SAMPLES / 2);
    return 0;
}

/* The largest distance of x_0 from where the exact flow carries x_T, and how many steps led there. */
static double flow_error(const char *schedule, const char *spec, size_t *steps)
{
    flow self = flow_open(schedule);
    diffusion_sampler *sampler = flow_sampler(&self, spec);
    const noise_level *last = schedule_last(self.data.schedule), data = level_of_data();
    float first[SAMPLES], x0[SAMPLES];
    double t = 1.0, error = 0.0;
    assert_ok(diffusion_sampler_set_noise(sampler, spread, NULL));
    assert_ok(diffusion_sampler_begin(sampler, NULL, SAMPLES));
    assert_ok(diffusion_sampler_state(sampler, first, &t));
    assert_close(t, last->t, 0.0, 0.0);
    for (*steps = 0; t > 0.0; ++*steps) {
        const double before = t;
        assert_ok(diffusion_sampler_step(sampler));
        assert_ok(diffusion_sampler_state(sampler, x0, &t));
        assert_true(t < before);
    }
    for (size_t i = 0; i < SAMPLES; i++)
        error = fmax(error, fabs((double)x0[i] - gaussian_data_flow(&self.data, last, &data, (double)first[i])));
    diffusion_sampler_free(sampler);
    flow_close(&self);
    return error;
}

static void adams_bashforth_is_of_the_second_order(void **state)
{
    (void)state;
    size_t steps;
    const double coarse = flow_error("log_snr steps=50 maximum=14.2", "adams_bashforth", &steps);
    const double fine = flow_error("log_snr steps=100 maximum=14.2", "adams_bashforth", &steps);
    const double euler = flow_error("log_snr steps=100 maximum=14.2", "ddim", &steps);
    if (!(coarse / fine > 3.0 && coarse / fine < 5.5 && fine < 0.2 * euler && fine < 1e-2))
        fail_msg("errors %g with 50 steps, %g with 100 (ddim: %g), expected a quarter", coarse, fine, euler);
}

static void a_solver_that_stops_short_reaches_the_data(void **state)
{
    (void)state;
    size_t steps, more;
    const double coarse = flow_error("log_snr steps=5 maximum=14.2", "short stride=0.5", &steps);
    const double fine = flow_error("log_snr steps=5 maximum=14.2", "short stride=0.25", &more);
    if (!(coarse / fine > 3.0 && coarse / fine < 5.5 && fine < 2e-3))
        fail_msg("errors %g with %zu steps, %g with %zu, expected a quarter", coarse, steps, fine, more);
    assert_int_equal(steps, 40 + 1); /* each of the schedule's four is 19.2 / 4 = 9.6 strides, and the data follows */
    assert_int_equal(more, 80 + 1);
}

/* ---- the same bits ---- */

static void draw(float *x0, flow *self, const char *spec, size_t n)
{
    diffusion_sampler *sampler = flow_sampler(self, spec);
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x0));
    diffusion_sampler_free(sampler);
}

static void has_the_same_bits(const char *kind)
{
    flow self = flow_open("log_snr steps=9");
    float truth[SAMPLES], x0[SAMPLES];
    char spec[3][64];
    for (int i = 0; i < 3; i++)
        snprintf(spec[i], sizeof spec[i], "%s seed=5 first=%d", kind, i == 0 ? 0 : i == 1 ? 3 : 4);
    assert_ok(diffusion_set_threads(1));
    draw(truth, &self, spec[0], SAMPLES);
    for (int32_t threads = 2; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        draw(x0, &self, spec[0], SAMPLES);
        assert_same(x0, truth, sizeof truth);
    }
    draw(x0, &self, spec[0], 3);
    draw(x0 + 3, &self, spec[1], 1);
    draw(x0 + 4, &self, spec[2], SAMPLES - 4);
    assert_same(x0, truth, sizeof truth);
    flow_close(&self);
}

static void toys_have_the_same_bits_for_any_threads_and_batches(void **state)
{
    (void)state;
    has_the_same_bits("adams_bashforth");
    has_the_same_bits("short stride=0.3");
}

static void toys_take_keys_help_and_known_values_like_any_solver(void **state)
{
    (void)state;
    flow self = flow_open("log_snr steps=9");
    diffusion_sampler *sampler = flow_sampler(&self, "short");
    diffusion_sampler *refused = NULL;
    const float known[2] = {0.7f, 0.0f};
    const uint8_t mask[2] = {1, 0};
    float x0[2];
    assert_ok(diffusion_sampler_set_known(sampler, known, mask, 2));
    assert_ok(diffusion_sampler_run(sampler, NULL, 2, x0));
    assert_same(x0, known, sizeof *x0);
    assert_refused(diffusion_sampler_create(&refused, self.model, self.data.schedule, "short stride=0"),
                   DIFFUSION_E_SPEC, "stride");
    assert_refused(diffusion_sampler_create(&refused, self.model, self.data.schedule, "shrot"), DIFFUSION_E_SPEC,
                   "did you mean 'short'?");
    assert_refused(diffusion_sampler_set_observed(sampler, known, 0.1, 2), DIFFUSION_E_STATE, "short has no p(");
    assert_help("sampler", "Two evaluations a step");
    assert_non_null(strstr(diffusion_sampler_spec(sampler), "short stride=0.5 seed=0 "));
    diffusion_sampler_free(sampler);
    flow_close(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adams_bashforth_is_of_the_second_order),
        cmocka_unit_test(a_solver_that_stops_short_reaches_the_data),
        cmocka_unit_test(toys_have_the_same_bits_for_any_threads_and_batches),
        cmocka_unit_test(toys_take_keys_help_and_known_values_like_any_solver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
