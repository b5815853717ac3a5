/* Moments, and what follows from them, against data of a normal law, of which all is known: the noise that x_t says,
 * its mean square, and the law of x_s given x_t, which is normal with the analytic variance. */
#include "make.h"

enum { DIM = 4, ROWS = 512, T = 20 };

static const double data_deviation = 0.5;

/* What a network would have learned of such data, read as `predict`. */
typedef struct known {
    const diffusion_schedule *schedule;
    const char *predict;
} known;

static double output_of(const known *self, double x, double t)
{
    double signal, sigma, log_snr;
    assert_ok(diffusion_schedule_level(self->schedule, t, &signal, &sigma, &log_snr));
    const double variance = signal * signal * data_deviation * data_deviation + sigma * sigma;
    const double x0 = signal * data_deviation * data_deviation / variance * x, epsilon = sigma / variance * x;
    if (strcmp(self->predict, "x0") == 0)
        return x0;
    if (strcmp(self->predict, "v") == 0)
        return signal * epsilon - sigma * x0;
    if (strcmp(self->predict, "flow") == 0)
        return epsilon - x0;
    return strcmp(self->predict, "scaled_score") == 0 ? -epsilon : epsilon;
}

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = output_of(user, x[i], time[i / DIM]);
    return 0;
}

static diffusion_model *make_known(known *self, const char *variance)
{
    char spec[96];
    snprintf(spec, sizeof spec, "shape=%d predict=%s variance=%s", DIM, self->predict, variance);
    return make_callback_double(spec, predict, self);
}

static double true_noise(const diffusion_schedule *schedule, int t)
{
    double signal, sigma, log_snr;
    assert_ok(diffusion_schedule_level(schedule, t, &signal, &sigma, &log_snr));
    return sigma * sigma / (signal * signal * data_deviation * data_deviation + sigma * sigma);
}

/* Normal, by sums of twelve; sorted, as data by class is. */
static void fill_data(float *x0)
{
    uint32_t random = 3;
    for (size_t i = 0; i < ROWS * DIM; i++) {
        float sum = 0.0f;
        for (int k = 0; k < 12; k++)
            sum += make_number(&random);
        x0[i] = 0.5f * (float)data_deviation * sum;
    }
}

static void measure(const diffusion_model *model, const diffusion_schedule *schedule, const char *spec, double *noise,
                    double *error, double *data_variance)
{
    static float x0[ROWS * DIM];
    fill_data(x0);
    diffusion_evaluator *evaluator = make_evaluator(model, schedule, spec);
    assert_refused(diffusion_evaluator_moments(evaluator, noise, error), DIFFUSION_E_STATE,
                   "nothing has been measured");
    assert_ok(diffusion_evaluator_run(evaluator, x0, NULL, ROWS));
    assert_ok(diffusion_evaluator_moments(evaluator, noise, error));
    *data_variance = figure(evaluator, "data_variance");
    diffusion_evaluator_free(evaluator);
}

static void moments_are_those_of_the_law_whatever_is_predicted(void **state)
{
    (void)state;
    static const char *const schedules[] = {"linear steps=20 beta_end=0.3", "flow steps=20", "edm steps=20"};
    static const char *const kinds[] = {"epsilon", "x0", "v", "flow", "scaled_score"};
    for (size_t s = 0; s < 3; s++) {
        double first[T], noise[T], error[T], variance;
        diffusion_schedule *schedule = make_schedule(schedules[s]);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            known self = {schedule, kinds[i]};
            if (s == 1 && (i == 0 || i == 4))
                continue; /* at T a flow has no signal to tell x_0 by */
            diffusion_model *model = make_known(&self, "fixed_small");
            measure(model, schedule, "moments rows=4096 seed=2", noise, error, &variance);
            for (int t = 1; t <= T; t++) {
                const double truth = true_noise(schedule, t);
                assert_close(noise[t - 1], truth, 0.04, 2e-4);
                assert_close(1.0 - noise[t - 1], 1.0 - truth, 0.08, 0.06 * sqrt(1.0 - truth)); /* near 1 too */
                assert_close(error[t - 1], 1.0 - truth, 0.08, 1e-9);
                assert_close(noise[t - 1], i > (size_t)(s == 1) ? first[t - 1] : noise[t - 1], 1e-9, 1e-12);
            }
            memcpy(first, noise, sizeof first);
            assert_close(variance, data_deviation * data_deviation, 0.05, 0.0);
            diffusion_model_free(model);
        }
        diffusion_schedule_free(schedule);
    }
}

static void the_noise_of_dequantisation_counts_as_data(void **state)
{
    (void)state;
    double noise[T], error[T], plain, spread;
    diffusion_schedule *schedule = make_schedule("linear steps=20");
    known self = {schedule, "epsilon"};
    diffusion_model *model = make_known(&self, "fixed_small");
    measure(model, schedule, "moments rows=1", noise, error, &plain);
    measure(model, schedule, "moments rows=1 dequantize=0.6", noise, error, &spread);
    assert_close(spread - plain, 0.36 / 12.0, 1e-12, 0.0);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void moments_have_the_same_bits_for_any_threads(void **state)
{
    (void)state;
    double noise[T], error[T], other[T], other_error[T], variance;
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=4 width=16 predict=v variance=learned_range", 1);
    for (int32_t threads = 1; threads <= 3; threads++) {
        assert_ok(diffusion_set_threads(threads));
        measure(model, schedule, "moments rows=300 seed=4", threads == 1 ? noise : other,
                threads == 1 ? error : other_error, &variance);
        assert_memory_equal(noise, threads == 1 ? noise : other, sizeof noise);
        assert_memory_equal(error, threads == 1 ? error : other_error, sizeof error);
    }
    assert_ok(diffusion_set_threads(0));
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* ---- variances ---- */

static int32_t ones(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample, (void)step, (void)user;
    for (size_t i = 0; i < count; i++)
        noise[i] = 1.0;
    return 0;
}

static void set_truth(diffusion_model *model, const diffusion_schedule *schedule)
{
    double noise[T];
    for (int t = 1; t <= T; t++)
        noise[t - 1] = true_noise(schedule, t);
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, data_deviation * data_deviation));
}

/* Of x_s given x_r, from the joint law: both are normal. */
static void check_steps(const diffusion_schedule *schedule, const diffusion_model *model, const char *spec)
{
    const float start[DIM] = {0.0f};
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_set_noise(sampler, ones, NULL));
    assert_ok(diffusion_sampler_set_start(sampler, start, 1));
    assert_ok(diffusion_sampler_begin(sampler, NULL, 1));
    double x = 0.0, r, s, signal[2], sigma[2], log_snr[2];
    float got[DIM];
    assert_ok(diffusion_sampler_state(sampler, NULL, &r));
    for (; r > 1.0; r = s) {
        assert_ok(diffusion_sampler_step(sampler));
        assert_ok(diffusion_sampler_state(sampler, got, &s));
        if (s == 0.0 && strstr(spec, "last=model") == NULL)
            break;
        assert_ok(diffusion_schedule_level(schedule, r, &signal[0], &sigma[0], &log_snr[0]));
        assert_ok(diffusion_schedule_level(schedule, s, &signal[1], &sigma[1], &log_snr[1]));
        const double data = data_deviation * data_deviation, scale = signal[0] / signal[1];
        const double above = signal[0] * signal[0] * data + sigma[0] * sigma[0];
        const double below = signal[1] * signal[1] * data + sigma[1] * sigma[1];
        const double slope = scale * below / above, variance = below - slope * scale * below;
        x = slope * x + sqrt(variance);
        assert_close((double)got[0], x, 1e-6, 0.0);
    }
    diffusion_sampler_free(sampler);
}

static void a_chain_of_few_steps_has_the_law_of_the_data(void **state)
{
    (void)state;
    static const char *const schedules[] = {"linear steps=20 beta_end=0.3", "edm steps=20", "cosine steps=20"};
    static const char *const specs[] = {"ancestral variance=analytic", "ancestral variance=analytic steps=5",
                                        "ancestral variance=analytic steps=3 spacing=trailing",
                                        "ancestral variance=analytic steps=6 spacing=optimal",
                                        "ancestral variance=analytic steps=2 last=model",
                                        "ancestral variance=analytic steps=1 last=model"};
    for (size_t s = 0; s < 3; s++) {
        diffusion_schedule *schedule = make_schedule(schedules[s]);
        known self = {schedule, "x0"};
        diffusion_model *model = make_known(&self, "fixed_large");
        set_truth(model, schedule);
        for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
            check_steps(schedule, model, specs[i]);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

static void fixed_variances_take_the_place_of_a_models_own(void **state)
{
    (void)state;
    float one[DIM], other[DIM];
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=4 width=16 variance=fixed_large", 1);
    static const char *const pairs[][2] = {{"ancestral", "ancestral variance=fixed_large"},
                                           {"ancestral variance=model", "ancestral variance=fixed_large"}};
    for (size_t i = 0; i < 2; i++) {
        diffusion_sampler *a = make_sampler(model, schedule, pairs[i][0]);
        diffusion_sampler *b = make_sampler(model, schedule, pairs[i][1]);
        diffusion_sampler *c = make_sampler(model, schedule, "ancestral variance=fixed_small");
        assert_ok(diffusion_sampler_run(a, NULL, 1, one));
        assert_ok(diffusion_sampler_run(b, NULL, 1, other));
        assert_memory_equal(one, other, sizeof one);
        assert_ok(diffusion_sampler_run(c, NULL, 1, other));
        assert_memory_not_equal(one, other, sizeof one);
        diffusion_sampler_free(a);
        diffusion_sampler_free(b);
        diffusion_sampler_free(c);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* None at the last steps above the data, so many. */
static int32_t ones_but_last(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample;
    const int32_t *held = user;
    for (size_t i = 0; i < count; i++)
        noise[i] = step <= *held + 1 ? 0.0 : 1.0;
    return 0;
}

static void draw_held(float *x, const char *spec, diffusion_noise_fn *noise, int32_t *held)
{
    diffusion_schedule *schedule = make_schedule("linear steps=20 beta_end=0.3");
    known self = {schedule, "x0"};
    diffusion_model *model = make_known(&self, "fixed_large");
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_set_noise(sampler, noise, held));
    assert_ok(diffusion_sampler_run(sampler, NULL, 1, x));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void the_last_draws_can_be_held_small(void **state)
{
    (void)state;
    float plain[DIM], before[DIM], got[DIM], truth[DIM];
    draw_held(plain, "ancestral", ones, NULL);
    memcpy(before, plain, sizeof plain);
    for (int32_t held = 1; held <= 3; held++) {
        char spec[64];
        snprintf(spec, sizeof spec, "ancestral noise_limit=1e-9 noise_limit_steps=%d", (int)held);
        draw_held(got, spec, ones, NULL);
        draw_held(truth, "ancestral", ones_but_last, &held);
        assert_close((double)got[0], (double)truth[0], 1e-6, 0.0);
        assert_true(got[0] < before[0]);
        memcpy(before, got, sizeof got);
    }
    draw_held(got, "ancestral noise_limit=1e9 noise_limit_steps=3", ones, NULL);
    assert_memory_equal(got, plain, sizeof got);
}

/* ---- stored with a model ---- */

static const char file_name[] = "api-moments.safetensors";

static void assert_stored(const diffusion_model *model, const double *noise, const double *error, double variance)
{
    double got[T], got_error[T], got_variance = 0.0;
    size_t steps = 0;
    assert_ok(diffusion_model_moments(model, NULL, NULL, NULL, 0, &steps));
    assert_int_equal(steps, T);
    assert_ok(diffusion_model_moments(model, got, got_error, &got_variance, T, &steps));
    assert_memory_equal(got, noise, sizeof got);
    assert_memory_equal(got_error, error, sizeof got);
    assert_true(got_variance == variance);
}

static void moments_are_saved_and_loaded_bit_for_bit(void **state)
{
    (void)state;
    double noise[T], error[T];
    size_t steps = 7, needed = 0;
    for (int t = 0; t < T; t++) {
        noise[t] = 1.0 - 1.0 / (3.0 + t);
        error[t] = 1.0 / (7.0 + t);
    }
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=3 width=5", 1), *loaded = NULL;
    assert_ok(diffusion_model_save(model, file_name));
    assert_ok(diffusion_model_load(&loaded, file_name));
    assert_ok(diffusion_model_moments(loaded, NULL, NULL, NULL, 0, &steps));
    assert_int_equal(steps, 0);
    diffusion_model_free(loaded);
    assert_ok(diffusion_model_set_moments(model, schedule, noise, error, 0.3));
    assert_ok(diffusion_model_save(model, file_name));
    assert_ok(diffusion_model_load(&loaded, file_name));
    assert_stored(loaded, noise, error, 0.3);
    diffusion_model_free(loaded);
    assert_ok(diffusion_model_save_memory(model, NULL, 0, &needed));
    void *bytes = malloc(needed);
    assert_ok(diffusion_model_save_memory(model, bytes, needed, NULL));
    assert_ok(diffusion_model_load_memory(&loaded, bytes, needed));
    assert_stored(loaded, noise, error, 0.3);
    diffusion_sampler *sampler = make_sampler(loaded, schedule, "ancestral variance=analytic spacing=optimal steps=7");
    diffusion_sampler_free(sampler);
    diffusion_model_free(loaded);
    free(bytes);
    remove(file_name);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* The first place of a text in a file's header. */
static size_t place_of(const unsigned char *bytes, size_t size, const char *text)
{
    for (size_t i = 0; i + strlen(text) <= size; i++)
        if (memcmp(bytes + i, text, strlen(text)) == 0)
            return i;
    fail_msg("no '%s' in the file", text);
    return 0;
}

static void a_file_with_other_moments_is_refused(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"moments.noise", "'moments.noisX' is not one of the model's"},
                                           {"moments.data_variance", "'moments.data_variancX' is not one"}};
    unsigned char bytes[16384];
    double noise[T] = {0};
    size_t size;
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=3 width=5", 1), *loaded = NULL;
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0));
    assert_ok(diffusion_model_save_memory(model, bytes, sizeof bytes, &size));
    for (size_t i = 0; i < 2; i++) {
        const size_t last = place_of(bytes, size, names[i][0]) + strlen(names[i][0]) - 1;
        bytes[last] = 'X';
        assert_refused(diffusion_model_load_memory(&loaded, bytes, size), DIFFUSION_E_CONTENT, names[i][1]);
        bytes[last] = 'e';
    }
    const size_t data = 8 + (size_t)bytes[0] + ((size_t)bytes[1] << 8); /* the header is of less than 64 KiB */
    const double nan = NAN, below = -1.0;
    memcpy(bytes + data, &nan, sizeof nan);
    assert_refused(diffusion_model_load_memory(&loaded, bytes, size), DIFFUSION_E_CONTENT, "signal[0]=");
    memcpy(bytes + data, &below, sizeof below);
    assert_refused(diffusion_model_load_memory(&loaded, bytes, size), DIFFUSION_E_CONTENT, "signal[0]=-1");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void without_an_error_it_is_that_of_a_model_that_knows_the_mean(void **state)
{
    (void)state;
    double noise[T], error[T];
    for (int t = 0; t < T; t++) {
        noise[t] = t < 18 ? 0.25 : 1.5;
        error[t] = t < 18 ? 0.75 : 0.0;
    }
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=3 width=5", 1);
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0));
    assert_stored(model, noise, error, 1.0);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

#define LACKS "needs the model's moments, which have not been measured"

static void parameters_that_change_have_no_moments(void **state)
{
    (void)state;
    float x0[2 * 3] = {0.5f, -0.5f, 0.1f, 0.2f, 0.3f, 0.4f}, out[3];
    double noise[T] = {0};
    size_t steps = 0;
    diffusion_schedule *schedule = make_schedule("cosine steps=20");
    diffusion_model *model = make_model("mlp shape=3 width=5", 1);
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0));
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral variance=analytic");
    assert_ok(diffusion_sampler_begin(sampler, NULL, 1));
    assert_ok(diffusion_sampler_step(sampler));
    diffusion_trainer *trainer = make_trainer(model, schedule, "ema=0.9");
    assert_ok(diffusion_model_moments(model, NULL, NULL, NULL, 0, &steps));
    assert_int_equal(steps, T);
    assert_ok(diffusion_model_moments(diffusion_trainer_model(trainer), NULL, NULL, NULL, 0, &steps));
    assert_int_equal(steps, 0);
    assert_ok(diffusion_trainer_step(trainer, x0, NULL, 2, NULL));
    assert_ok(diffusion_model_moments(model, NULL, NULL, NULL, 0, &steps));
    assert_int_equal(steps, 0);
    assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, LACKS);
    assert_refused(diffusion_sampler_run(sampler, NULL, 1, out), DIFFUSION_E_STATE, LACKS);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    double noise[T] = {0};
    size_t steps;
    diffusion_schedule *schedule = make_schedule("cosine steps=20"), *other = make_schedule("linear steps=20");
    diffusion_schedule *bits = make_schedule("linear steps=20 kernel=binomial");
    diffusion_model *model = make_model("mlp shape=3 width=5", 1);
    diffusion_model *bit_model = make_model("mlp shape=3 width=5 predict=x0", 1);
    diffusion_sampler *sampler = NULL;
    diffusion_evaluator *evaluator = NULL;
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ancestral variance=analytic"),
                   DIFFUSION_E_STATE, "variance=analytic " LACKS);
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim spacing=optimal steps=5"),
                   DIFFUSION_E_STATE, "spacing=optimal " LACKS);
    assert_ok(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0));
    assert_refused(diffusion_sampler_create(&sampler, model, other, "ancestral variance=analytic"), DIFFUSION_E_STATE,
                   "measured with another schedule");
    assert_refused(diffusion_sampler_create(&sampler, model, other, "ancestral spacing=optimal"), DIFFUSION_E_STATE,
                   "measured with another schedule");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim variance=analytic"), DIFFUSION_E_SPEC,
                   "expected the kind ancestral");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim noise_limit=0.1"), DIFFUSION_E_SPEC,
                   "noise_limit is of p(x_{t-1} | x_t)");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim spacing=optimal steps=5 drop_lowest=yes"),
                   DIFFUSION_E_SPEC, "drop_lowest");
    assert_refused(diffusion_sampler_create(&sampler, bit_model, bits, "ancestral variance=fixed_small"),
                   DIFFUSION_E_KERNEL, "needs the Gaussian kernel");
    assert_refused(diffusion_sampler_create(&sampler, bit_model, bits, "ancestral noise_limit=1"), DIFFUSION_E_KERNEL,
                   "needs the Gaussian kernel");
    assert_refused(diffusion_evaluator_create(&evaluator, bit_model, bits, "moments"), DIFFUSION_E_KERNEL,
                   "needs the Gaussian kernel");
    assert_refused(diffusion_model_set_moments(bit_model, bits, noise, NULL, 1.0), DIFFUSION_E_KERNEL, "Gaussian");
    assert_refused(diffusion_model_moments(model, noise, noise, NULL, 3, &steps), DIFFUSION_E_SHAPE,
                   "capacity=3, but the moments stored are of 20 steps");
    noise[7] = -0.5;
    assert_refused(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0), DIFFUSION_E_ARGUMENT,
                   "noise[7]=-0.5");
    noise[7] = NAN;
    assert_refused(diffusion_model_set_moments(model, schedule, noise, NULL, 1.0), DIFFUSION_E_NONFINITE, "noise[7]");
    assert_ok(diffusion_model_set_moments(model, NULL, NULL, NULL, 0.0));
    assert_ok(diffusion_model_moments(model, NULL, NULL, NULL, 0, &steps));
    assert_int_equal(steps, 0);
    assert_ok(diffusion_evaluator_create(&evaluator, model, schedule, "elbo"));
    assert_ok(diffusion_evaluator_run(evaluator, (const float[3]){0}, NULL, 1));
    assert_refused(diffusion_evaluator_moments(evaluator, noise, noise), DIFFUSION_E_STATE, "elbo measures none");
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(other);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_law_whatever_is_predicted),
        cmocka_unit_test(the_noise_of_dequantisation_counts_as_data),
        cmocka_unit_test(moments_have_the_same_bits_for_any_threads),
        cmocka_unit_test(a_chain_of_few_steps_has_the_law_of_the_data),
        cmocka_unit_test(fixed_variances_take_the_place_of_a_models_own),
        cmocka_unit_test(the_last_draws_can_be_held_small),
        cmocka_unit_test(moments_are_saved_and_loaded_bit_for_bit),
        cmocka_unit_test(a_file_with_other_moments_is_refused),
        cmocka_unit_test(without_an_error_it_is_that_of_a_model_that_knows_the_mean),
        cmocka_unit_test(parameters_that_change_have_no_moments),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
