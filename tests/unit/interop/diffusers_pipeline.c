/* A DDPMPipeline that diffusers trained on MNIST, loaded as a folder: DDIM from the recorded x_T gives the samples that
 * diffusers drew from it. Float32 throughout there, so 50 steps of rounding (and Winograd's here) lie between. */
#include "golden.h"

enum { N = 4 /* of the 16 there */, DIM = 28 * 28, STEPS = 50, MIDDLE = 26 /* steps before the state x_middle */ };

/* One channel: NCHW and NHWC are the same. */
static int32_t replay(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    assert_int_equal(step, 1001);
    assert_int_equal(count, DIM);
    memcpy(values, (const double *)user + sample * DIM, count * sizeof *values);
    return 0;
}

static void check_state(const diffusion_sampler *sampler, const double *truth)
{
    static float x[N * DIM];
    double most = 0.0;
    assert_ok(diffusion_sampler_state(sampler, x, NULL));
    for (size_t i = 0; i < N * DIM; i++)
        most = fmax(most, fabs((double)x[i] - truth[i]));
    printf("largest difference %.2g\n", most);
    assert_true(most < 1e-3);
}

static void ddim_draws_what_diffusers_drew(void **state)
{
    (void)state;
    static const char reference[] = "pipelines/ddpm-mnist/reference.safetensors";
    double *start = golden_values(reference, "xT", NULL), *middle = golden_values(reference, "x_middle", NULL);
    double *end = golden_values(reference, "x", NULL);
    size_t calls;
    int64_t *steps = golden_integers(reference, "timesteps", &calls);
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_sampler *sampler = NULL;
    assert_ok(diffusion_model_load(&model, TEST_SHARED "/golden/pipelines/ddpm-mnist"));
    assert_string_equal(diffusion_model_metadata(model, "sampler"), "ancestral clip=1 spacing=leading");
    assert_ok(diffusion_schedule_create(&schedule, diffusion_model_metadata(model, "schedule")));
    assert_ok(diffusion_sampler_create(&sampler, model, schedule, "ddim steps=50 clip=1 spacing=leading"));
    assert_ok(diffusion_sampler_set_noise(sampler, replay, start));
    assert_ok(diffusion_sampler_begin(sampler, NULL, N));
    for (size_t call = 0; call < STEPS; call++) {
        double t;
        assert_ok(diffusion_sampler_state(sampler, NULL, &t));
        assert_true(t == (double)steps[call] + 1.0);
        assert_ok(diffusion_sampler_step(sampler));
        if (call + 1 == MIDDLE)
            check_state(sampler, middle);
    }
    check_state(sampler, end);
    diffusion_sampler_free(sampler);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
    free(start);
    free(middle);
    free(end);
    free(steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ddim_draws_what_diffusers_drew)};
    return golden_run(tests, NULL, NULL);
}
