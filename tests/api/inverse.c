/* Data as the noise that a deterministic solver makes them of: beside the flow of Gaussian data in closed form, there
 * and back for a mixture, and what cannot be. */
#include "make.h"

enum { N = 6, DIM = 2, COUNT = N * DIM };

static const float data[COUNT] = {-0.9f, 1.1f, 0.2f, -0.4f, 1.3f, -1.2f, 0.7f, 0.05f, -1.05f, -0.8f, 0.95f, 1.25f};

/* Coordinates are independent: `parts` Gaussians of one deviation at these means, as likely as one another. */
typedef struct law_of_data {
    const diffusion_schedule *schedule;
    int parts;
    const char *predict; /* epsilon, x0 or flow */
    double mean[2], deviation;
} law_of_data;

static int32_t predict(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                       void *user)
{
    (void)condition;
    const law_of_data *self = user;
    for (size_t i = 0; i < n * DIM; i++) {
        double signal, sigma, log_snr, shares = 0.0, x0 = 0.0;
        assert_ok(diffusion_schedule_level(self->schedule, time[i / DIM], &signal, &sigma, &log_snr));
        const double own = self->deviation * self->deviation, variance = signal * signal * own + sigma * sigma;
        for (int k = 0; k < self->parts; k++) {
            const double shift = x[i] - signal * self->mean[k], share = exp(-0.5 * shift * shift / variance);
            x0 += share * (self->mean[k] + signal * own / variance * shift);
            shares += share;
        }
        x0 /= shares;
        const double epsilon = (x[i] - signal * x0) / sigma;
        out[i] = *self->predict == 'x' ? x0 : *self->predict == 'f' ? epsilon - x0 : epsilon;
    }
    return 0;
}

static const char *const encoders[] = {"ddim_inverse", "ddim_inverse model_at=own", "heun_inverse",
                                       "heun_inverse path=flow"};
static const char *const decoders[] = {"ddim", "ddim", "heun", "heun path=flow"};
static const double orders[] = {1, 1, 2, 2};
enum { ENCODERS = sizeof encoders / sizeof encoders[0] };

static void run(const law_of_data *of, const char *spec, const float *start, size_t n, float *x)
{
    char text[48];
    snprintf(text, sizeof text, "shape=2 predict=%s", of->predict);
    diffusion_model *model = make_callback_double(text, predict, (void *)of);
    diffusion_sampler *sampler = make_sampler(model, of->schedule, spec);
    assert_ok(diffusion_sampler_set_start(sampler, start, n));
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
}

static double largest(const float *x, const float *truth)
{
    double most = 0.0;
    for (size_t i = 0; i < COUNT; i++)
        most = fmax(most, fabs((double)x[i] - (double)truth[i]));
    return most;
}

/* Of Gaussian data (x - signal mean) / deviation of x stays what it is. */
static void gaussian_data_go_where_the_flow_takes_them(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("log_snr steps=2000 maximum=12 minimum=-8");
    const law_of_data of = {schedule, 1, "epsilon", {0.3, 0.0}, 0.6};
    for (size_t i = 0; i < ENCODERS; i++) {
        double errors[2];
        for (int k = 0; k < 2; k++) {
            char spec[96];
            float x[COUNT], truth[COUNT];
            double signal, sigma, log_snr;
            snprintf(spec, sizeof spec, "%s steps=%d spacing=trailing", encoders[i], k == 0 ? 125 : 500);
            assert_ok(diffusion_schedule_level(schedule, 2000, &signal, &sigma, &log_snr));
            for (size_t j = 0; j < COUNT; j++)
                truth[j] = (float)(signal * of.mean[0] +
                                   sqrt(signal * signal * 0.36 + sigma * sigma) * ((double)data[j] - of.mean[0]) / 0.6);
            run(&of, spec, data, N, x);
            errors[k] = largest(x, truth);
        }
        const double slope = log(errors[0] / errors[1]) / log(4.0);
        print_message("%-28s error %.1e, then %.1e with 4 times the steps: slope %.2f\n", encoders[i], errors[0],
                      errors[1], slope);
        assert_true(errors[0] < 0.05);
        assert_true(fabs(slope - orders[i]) < 0.3 || errors[1] < 1e-4);
    }
    diffusion_schedule_free(schedule);
}

/* There and back by the same levels: what is lost falls with the number of steps, down to what the lowest level's noise
 * hides where the data were taken for a state there. */
static void data_come_back_from_their_noise(void **state)
{
    (void)state;
    static const char *const schedules[] = {"linear steps=1000", "cosine steps=1000", "edm steps=1000",
                                            "flow steps=1000"};
    for (size_t s = 0; s < 4; s++) {
        diffusion_schedule *schedule = make_schedule(schedules[s]);
        const law_of_data of = {schedule, 2, s == 3 ? "flow" : "epsilon", {1.0, -1.0}, 0.4};
        for (size_t i = 0; i < ENCODERS; i++) {
            if (s == 3 && i == 2) /* which divides by the signal, of which nothing is left */
                continue;
            double errors[3];
            for (int k = 0; k < 3; k++) {
                char spec[96];
                float latents[COUNT], back[COUNT];
                const int steps = 20 * (k == 0 ? 1 : k == 1 ? 5 : 25);
                snprintf(spec, sizeof spec, "%s steps=%d", encoders[i], steps);
                run(&of, spec, data, N, latents);
                snprintf(spec, sizeof spec, "%s steps=%d", decoders[i], steps);
                run(&of, spec, latents, N, back);
                errors[k] = largest(back, data);
            }
            print_message("%-18s %-28s lost %.1e of 20 steps, %.1e of 100, %.1e of 500\n", schedules[s], encoders[i],
                          errors[0], errors[1], errors[2]);
            for (int k = 1; k < 3; k++)
                assert_true(errors[k] < errors[k - 1] || errors[k] < 2e-3);
            assert_true(errors[2] < 0.05);
        }
        diffusion_schedule_free(schedule);
    }
}

/* At the data an x_0 tells of no noise. Of a state of the lowest level it does. */
static void x0_is_predicted_from_the_lowest_level_on(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=1000");
    const law_of_data of = {schedule, 2, "x0", {1.0, -1.0}, 0.4}, other = {schedule, 2, "epsilon", {1.0, -1.0}, 0.4};
    float x[COUNT], truth[COUNT];
    run(&of, "ddim_inverse model_at=own steps=50", data, N, x);
    run(&other, "ddim_inverse model_at=own steps=50", data, N, truth);
    assert_true(largest(x, truth) < 1e-6);
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict, (void *)&of);
    diffusion_sampler *sampler = NULL;
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim_inverse"), DIFFUSION_E_SPEC,
                   "predict=x0 tells of no noise at the data");
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void batches_and_threads_change_no_bit(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=60");
    const law_of_data of = {schedule, 2, "epsilon", {1.0, -1.0}, 0.4};
    for (size_t i = 0; i < ENCODERS; i++) {
        float whole[COUNT], parts[COUNT];
        char spec[96];
        snprintf(spec, sizeof spec, "%s steps=9", encoders[i]);
        run(&of, spec, data, N, whole);
        for (int threads = 1; threads <= 3; threads++) {
            assert_ok(diffusion_set_threads(threads));
            run(&of, spec, data, 2, parts);
            run(&of, spec, data + 2 * DIM, N - 2, parts + 2 * DIM);
            assert_same(parts, whole, sizeof whole);
        }
        assert_ok(diffusion_set_threads(0));
    }
    diffusion_schedule_free(schedule);
}

static int32_t given_noise(double *noise, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)step, (void)user;
    for (size_t j = 0; j < count; j++)
        noise[j] = (double)data[(size_t)sample * count + j];
    return 0;
}

/* x_T as a callback's noise or as it is; one row for all samples; bits; forgotten. */
static void a_first_state_is_taken_as_it_is(void **state)
{
    (void)state;
    float x[COUNT], truth[COUNT];
    double t, doubles[COUNT];
    diffusion_schedule *schedule = make_schedule("linear steps=50 beta_end=0.2"),
                       *bits = make_schedule("linear steps=50 kernel=binomial");
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=1", 3),
                    *bit_model = make_model("mlp shape=2 width=8 depth=1 predict=x0", 3);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ddim steps=7");
    assert_ok(diffusion_sampler_set_noise(sampler, given_noise, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, truth));
    assert_ok(diffusion_sampler_set_noise(sampler, NULL, NULL));
    assert_ok(diffusion_sampler_set_start(sampler, data, N));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    assert_same(x, truth, sizeof x);
    for (size_t i = 0; i < COUNT; i++)
        doubles[i] = (double)data[i];
    assert_ok(diffusion_sampler_set_start_double(sampler, doubles, N));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    assert_same(x, truth, sizeof x);
    assert_refused(diffusion_sampler_run(sampler, NULL, N + 1, x), DIFFUSION_E_SHAPE, "a multiple of the 6");
    assert_ok(diffusion_sampler_set_start(sampler, data, 1));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    for (size_t i = 0; i < N; i++)
        assert_same(x + i * DIM, truth, DIM * sizeof *x);
    assert_refused(diffusion_sampler_set_start_double(sampler, (double[]){1.0, NAN}, 1), DIFFUSION_E_NONFINITE, "x[1]");
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    assert_same(x, truth, DIM * sizeof *x);
    assert_ok(diffusion_sampler_set_start(sampler, NULL, 0));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    assert_true(memcmp(x, truth, DIM * sizeof *x) != 0);
    diffusion_sampler_free(sampler);

    sampler = make_sampler(bit_model, bits, "ancestral particles=2");
    assert_ok(diffusion_sampler_set_start(sampler, (const float[]){1, 0}, 1));
    assert_ok(diffusion_sampler_begin(sampler, NULL, 2));
    assert_ok(diffusion_sampler_state(sampler, x, &t));
    assert_true(x[0] == 1 && x[1] == 0 && x[2] == 1 && x[3] == 0 && t == 50);
    assert_refused(diffusion_sampler_set_start(sampler, (const float[]){1, 0.5f}, 1), DIFFUSION_E_ARGUMENT, "x[1]=0.5");
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
}

/* Levels rise, and the last is the one that the decoder begins at. */
static void a_chain_upwards_ends_where_one_downwards_begins(void **state)
{
    (void)state;
    static const char *const levels[] = {"steps=7",
                                         "steps=7 spacing=trailing",
                                         "steps=7 spacing=linspace times=real",
                                         "steps=7 spacing=karras",
                                         "steps_list=40,12.5,3",
                                         "steps=7 final=sigma_min"};
    float x[COUNT];
    diffusion_schedule *schedule = make_schedule("linear steps=50 beta_end=0.2");
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=1", 3);
    for (size_t i = 0; i < 6 * ENCODERS; i++) {
        char spec[128];
        double t, before, first;
        int steps = 0;
        snprintf(spec, sizeof spec, "ddim %s", levels[i % 6]);
        diffusion_sampler *sampler = make_sampler(model, schedule, spec);
        assert_ok(diffusion_sampler_begin(sampler, NULL, N));
        assert_ok(diffusion_sampler_state(sampler, NULL, &first));
        diffusion_sampler_free(sampler);
        snprintf(spec, sizeof spec, "%s %s", encoders[i / 6], levels[i % 6]);
        sampler = make_sampler(model, schedule, spec);
        assert_ok(diffusion_sampler_set_start(sampler, data, N));
        assert_ok(diffusion_sampler_begin(sampler, NULL, N));
        assert_ok(diffusion_sampler_state(sampler, x, &before));
        assert_same(x, data, sizeof x);
        for (; diffusion_sampler_step(sampler) == DIFFUSION_OK; before = t, steps++) {
            assert_ok(diffusion_sampler_state(sampler, NULL, &t));
            assert_true(t >= before);
        }
        assert_non_null(strstr(diffusion_last_error(), "the chain has reached its last level"));
        assert_true(before == first && steps >= 2);
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    float x[COUNT];
    const uint8_t mask[DIM] = {1, 0};
    diffusion_schedule *schedule = make_schedule("linear steps=50"),
                       *bits = make_schedule("linear steps=50 kernel=binomial"),
                       *zero = make_schedule("cosine steps=60 zero_terminal_snr=yes");
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=1 predict=v", 3),
                    *bit_model = make_model("mlp shape=2 width=8 depth=1 predict=x0", 3);
    diffusion_sampler *sampler = NULL;
    assert_refused(diffusion_sampler_create(&sampler, bit_model, bits, "ddim_inverse"), DIFFUSION_E_KERNEL,
                   "ddim_inverse needs the Gaussian kernel");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim_inverse eta=1"), DIFFUSION_E_SPEC, "eta");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "heun_inverse steps=1"), DIFFUSION_E_SPEC,
                   "steps=1 leads from the lowest level visited to nowhere");
    assert_refused(diffusion_sampler_create(&sampler, model, zero, "heun_inverse"), DIFFUSION_E_SPEC,
                   "nothing of x_0 is left at the chain's last step");
    sampler = make_sampler(model, zero, "ddim_inverse steps=9 spacing=trailing");
    assert_ok(diffusion_sampler_set_start(sampler, data, N));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    diffusion_sampler_free(sampler);
    sampler = make_sampler(model, schedule, "ddim_inverse steps=5");
    assert_refused(diffusion_sampler_run(sampler, NULL, N, x), DIFFUSION_E_STATE,
                   "ddim_inverse begins at data (call sampler_set_start first)");
    assert_refused(diffusion_sampler_set_known(sampler, data, mask, 1), DIFFUSION_E_STATE,
                   "all of whose values are known");
    assert_refused(diffusion_sampler_set_observed(sampler, data, 0.1, 1), DIFFUSION_E_STATE, "");
    diffusion_sampler_free(sampler);
    sampler = make_sampler(model, schedule, "ancestral posterior=exact");
    assert_ok(diffusion_sampler_set_observed(sampler, data, 0.1, 1));
    assert_ok(diffusion_sampler_set_start(sampler, data, 1));
    assert_refused(diffusion_sampler_run(sampler, NULL, N, x), DIFFUSION_E_STATE, "begins where the observation is");
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bits);
    diffusion_schedule_free(zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_data_go_where_the_flow_takes_them),
        cmocka_unit_test(data_come_back_from_their_noise),
        cmocka_unit_test(x0_is_predicted_from_the_lowest_level_on),
        cmocka_unit_test(batches_and_threads_change_no_bit),
        cmocka_unit_test(a_first_state_is_taken_as_it_is),
        cmocka_unit_test(a_chain_upwards_ends_where_one_downwards_begins),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
