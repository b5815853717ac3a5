/* Where chains end: a last step of no length, ends above what is visited, and states that no float32 holds. */
#include "make.h"

enum { DIM = 2, N = 3, COUNT = N * DIM };

static int32_t predict_tanh(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                            double *out, void *user)
{
    (void)time, (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = tanh(x[i]);
    return 0;
}

/* The lowest level visited is that of step 1, where final=sigma_min ends. */
static void a_step_of_no_length_leaves_the_state(void **state)
{
    (void)state;
    static const char *const specs[] = {
        "dpmsolver++ order=3 lower_order_final=no",
        "dpmsolver++ order=2 type=heun lower_order_final=no",
        "dpmsolver order=3 lower_order_final=no",
        "sde-dpmsolver++ order=3 lower_order_final=no",
        "sde-dpmsolver order=3",
        "unipc order=3 corrector=no lower_order_final=no",
        "unipc order=2 corrector=no go_by=noise",
        "deis order=3 lower_order_final=no",
        "lms",
    };
    diffusion_schedule *schedule = make_schedule("cosine steps=50");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict_tanh, NULL);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        char spec[128];
        float before[COUNT], after[COUNT];
        snprintf(spec, sizeof spec, "%s steps=20 spacing=linspace final=sigma_min seed=1", specs[i]);
        diffusion_sampler *sampler = make_sampler(model, schedule, spec);
        assert_ok(diffusion_sampler_begin(sampler, NULL, N));
        for (int step = 0; step < 20; step++) {
            assert_ok(diffusion_sampler_state(sampler, before, NULL));
            assert_ok(diffusion_sampler_step(sampler));
        }
        assert_ok(diffusion_sampler_state(sampler, after, NULL));
        for (size_t j = 0; j < COUNT; j++)
            assert_close(after[j], before[j], 1e-7, 1e-7);
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* sigma_min says where a list ends; what is above the list is no end of it. */
static void a_list_ends_where_it_is_told_to(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("edm steps=10 sigma_min=0.1 sigma_max=10");
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict_tanh, NULL);
    diffusion_sampler *sampler = NULL;
    float x[COUNT], start[COUNT] = {5, 5, 5, 5, 5, 5};
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim steps_list=5,0.5 final=sigma_min"),
                   DIFFUSION_E_SPEC, "final=sigma_min would end at t=1, above the last time visited, 0.5");
    assert_refused(
        diffusion_sampler_create(&sampler, model, schedule, "ddim steps_list=10,5 final=sigma_min sigma_min=9"),
        DIFFUSION_E_SPEC, "above the last time visited, 5");
    assert_refused(diffusion_sampler_create(&sampler, model, schedule, "ddim steps_list=10,5 sigma_min=1"),
                   DIFFUSION_E_SPEC, "sigma_min also of steps_list with final=sigma_min");
    sampler = make_sampler(model, schedule, "ddim steps_list=10 final=sigma_min sigma_min=2.5");
    assert_ok(diffusion_sampler_set_start(sampler, start, 1));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x));
    const double x0 = tanh(5.0), truth = x0 + 2.5 * (5.0 - x0) / 10.0;
    for (size_t j = 0; j < COUNT; j++)
        assert_close(x[j], truth, 1e-6, 0);
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* A step of order 1 goes by one output, which says the same as noise and as v. */
static void a_single_step_is_the_same_by_v(void **state)
{
    (void)state;
    static const char *const schedules[] = {"cosine steps=50", "edm steps=10 sigma_max=5", "flow steps=10"};
    diffusion_model *model = make_callback_double("shape=2 predict=x0", predict_tanh, NULL);
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
        diffusion_schedule *schedule = make_schedule(schedules[i]);
        float x[2][COUNT];
        for (int v = 0; v < 2; v++) {
            diffusion_sampler *sampler = make_sampler(
                model, schedule, v ? "ipndm steps_list=8,2 seed=3 combine=v" : "ipndm steps_list=8,2 seed=3");
            assert_ok(diffusion_sampler_begin(sampler, NULL, N));
            assert_ok(diffusion_sampler_step(sampler));
            assert_ok(diffusion_sampler_state(sampler, x[v], NULL));
            diffusion_sampler_free(sampler);
        }
        for (size_t j = 0; j < COUNT; j++)
            assert_close(x[1][j], x[0][j], 1e-6, 1e-6);
        diffusion_schedule_free(schedule);
    }
    diffusion_model_free(model);
}

static int32_t predict_huge(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                            float *out, void *user)
{
    (void)x, (void)time, (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 3e38F;
    return 0;
}

static void samples_beyond_float32_are_refused(void **state)
{
    (void)state;
    static const char *const specs[] = {"ddim", "ancestral", "dpmsolver++ steps=4", "euler steps=3"};
    diffusion_schedule *schedule = make_schedule("linear steps=20 beta_end=0.3");
    diffusion_model *model = make_callback("shape=2 predict=epsilon", predict_huge, NULL);
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        float x[COUNT] = {7.0F};
        diffusion_sampler *sampler = make_sampler(model, schedule, specs[i]);
        assert_refused(diffusion_sampler_run(sampler, NULL, N, x), DIFFUSION_E_NONFINITE, "expected finite float32");
        assert_true(x[0] == 7.0F);
        diffusion_sampler_free(sampler);
    }
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_of_no_length_leaves_the_state),
        cmocka_unit_test(a_list_ends_where_it_is_told_to),
        cmocka_unit_test(a_single_step_is_the_same_by_v),
        cmocka_unit_test(samples_beyond_float32_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
