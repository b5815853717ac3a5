/* Ancestral and DDIM chains against diffusers' DDPMScheduler and DDIMScheduler: double states, its recorded noise,
 * float32 tables. */
#include "golden.h"
#include "analytic.h"

#include "sample/sampler.h"

enum { SAMPLES = 2, DIM = 16, TOTAL = 1000 };

typedef struct recorded {
    const double *start; /* x_T, [SAMPLES, DIM] */
    const double *noise; /* [calls - 1, SAMPLES, DIM] */
    int32_t step;        /* of the last draw */
    size_t call;         /* draws so far */
} recorded;

static int32_t replay(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    recorded *self = user;
    const double *from = self->start;
    if (step <= TOTAL) {
        self->call += step != self->step; /* the second sample's draw belongs to the same call */
        from = self->noise + (self->call - 1) * SAMPLES * DIM;
    }
    self->step = step;
    memcpy(values, from + (size_t)sample * DIM, count * sizeof *values);
    return 0;
}

static int has_noise(const char *file_name)
{
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, golden(file_name)));
    int has = safetensors_find(file, "noise") != NULL;
    safetensors_close(file);
    return has;
}

/* The peer's alpha_bar is a float32 product of up to 1000 factors, 1e-5 off at its end, hence the tolerances. */
static void check_file(const char *file, const char *model_spec, const char *sampler_spec, char predict,
                       double tolerance)
{
    if (!golden_has(file))
        return;
    size_t states;
    double *start = golden_values(file, "xT", NULL), *x = golden_values(file, "x", &states);
    double *noise = has_noise(file) ? golden_values(file, "noise", NULL) : NULL;
    double *steps = golden_values(file, "timesteps", NULL);
    double alpha_bar[TOTAL];
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_sampler *sampler;
    assert_ok(diffusion_schedule_create(&schedule, "linear steps=1000"));
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", alpha_bar));
    analytic_model analytic = {alpha_bar, NULL, DIM, predict, 'f'};
    assert_ok(diffusion_model_create_callback_double(&model, model_spec, analytic_predict, &analytic));
    assert_ok(diffusion_sampler_create(&sampler, model, schedule, sampler_spec));
    recorded replayed = {start, noise, 0, 0};
    assert_ok(diffusion_sampler_set_noise(sampler, replay, &replayed));
    assert_ok(diffusion_sampler_begin(sampler, NULL, SAMPLES));
    for (size_t call = 0; call < states / (SAMPLES * DIM); call++) {
        double t;
        assert_ok(diffusion_sampler_state(sampler, NULL, &t));
        assert_true(t == steps[call] + 1.0);
        assert_ok(diffusion_sampler_step(sampler));
        for (size_t i = 0; i < SAMPLES * DIM; i++)
            assert_close(((double *)sampler->x.memory)[i], x[call * SAMPLES * DIM + i], tolerance, tolerance);
    }
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    free(start);
    free(x);
    free(noise);
    free(steps);
}

static void fixed_small_is_diffusers(void **state)
{
    (void)state;
    check_file("samplers/ddpm-small.safetensors", "shape=4,4,1 predict=epsilon variance=fixed_small",
               "ancestral steps=50", 'e', 2e-5);
    golden_skip_if_none();
}

static void clipped_is_diffusers(void **state)
{
    (void)state;
    check_file("samplers/ddpm-clip.safetensors", "shape=4,4,1 predict=epsilon variance=fixed_small",
               "ancestral steps=25 clip=1", 'e', 2e-5);
    golden_skip_if_none();
}

static void velocity_is_diffusers(void **state)
{
    (void)state;
    check_file("samplers/ddpm-v.safetensors", "shape=4,4,1 predict=v variance=fixed_small", "ancestral steps=25", 'v',
               2e-5);
    golden_skip_if_none();
}

static void fixed_large_is_diffusers(void **state)
{
    (void)state;
    check_file("samplers/ddpm-large.safetensors", "shape=4,4,1 predict=epsilon variance=fixed_large", "ancestral", 'e',
               1e-4);
    golden_skip_if_none();
}

#define EPSILON "shape=4,4,1 predict=epsilon"

static void ddim_is_diffusers(void **state)
{
    (void)state;
    check_file("samplers/ddim-eta0.safetensors", EPSILON, "ddim steps=20", 'e', 2e-5);
    check_file("samplers/ddim-eta0.5.safetensors", EPSILON, "ddim steps=20 eta=0.5", 'e', 2e-5);
    check_file("samplers/ddim-x0.safetensors", "shape=4,4,1 predict=x0", "ddim steps=20", 'x', 2e-5);
    golden_skip_if_none();
}

/* Where steps are uneven a DDPMScheduler goes to the next one visited (version 0.33.1). Tables in double. */
static void uneven_steps_are_diffusers(void **state)
{
    (void)state;
    check_file("samplers2/ddpm-trailing.safetensors", "shape=4,4,1 predict=epsilon variance=fixed_small",
               "ancestral steps=30 spacing=trailing", 'e', 1e-9);
    check_file("samplers2/ddim-offset-not-one.safetensors", EPSILON,
               "ddim steps=20 steps_offset=1 stride=even set_alpha_to_one=no", 'e', 1e-9);
    golden_skip_if_none();
}

static void the_spacings_of_ddim_are_diffusers(void **state)
{
    (void)state;
    check_file("samplers/ddim-trailing.safetensors", EPSILON, "ddim steps=10 spacing=trailing", 'e', 2e-5);
    check_file("samplers/ddim-linspace.safetensors", EPSILON, "ddim steps=13 spacing=linspace stride=even", 'e', 2e-5);
    golden_skip_if_none();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_small_is_diffusers),   cmocka_unit_test(fixed_large_is_diffusers),
        cmocka_unit_test(clipped_is_diffusers),       cmocka_unit_test(velocity_is_diffusers),
        cmocka_unit_test(ddim_is_diffusers),          cmocka_unit_test(the_spacings_of_ddim_are_diffusers),
        cmocka_unit_test(uneven_steps_are_diffusers),
    };
    return golden_run(tests, NULL, NULL);
}
