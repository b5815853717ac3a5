/* Noise of the caller's is what the kernel draws with, or refused: of bits, normal draws would be taken for uniform
 * ones. */
#include "make.h"

enum { N = 3, DIM = 2 };

static int32_t fill(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample;
    (void)step;
    for (size_t i = 0; i < count; i++)
        values[i] = 0.5;
    values[count - 1] = *(const double *)user;
    return 0;
}

static void check(const char *schedule_spec, const char *model_spec, double draw, diffusion_status expected)
{
    float x[N * DIM], bits[N * DIM] = {0}, noise[N * DIM] = {0};
    const int32_t t[N] = {1, 1, 1};
    const char *const words = expected == DIFFUSION_E_NONFINITE ? "a finite number" : "a uniform draw in 0..1";
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model(model_spec, 1);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral");
    const char *const kinds[] = {"elbo", "iwae samples=2"};
    noise[N * DIM - 1] = (float)draw;
    assert_refused(diffusion_forward_sample(schedule, t, bits, noise, N, DIM, x), expected, words);
    assert_refused(diffusion_forward_step(schedule, 1, bits, noise, N, DIM, x), expected, words);
    assert_ok(diffusion_sampler_set_noise(sampler, fill, &draw));
    assert_refused(diffusion_sampler_run(sampler, NULL, N, x), expected, words);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        diffusion_evaluator *evaluator = make_evaluator(model, schedule, kinds[i]);
        assert_ok(diffusion_evaluator_set_noise(evaluator, fill, &draw));
        assert_refused(diffusion_evaluator_run(evaluator, bits, NULL, N), expected, words);
        diffusion_evaluator_free(evaluator);
    }
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void draws_of_bits_are_uniform(void **state)
{
    (void)state;
    const double wrong[] = {-0.25, 1.5};
    for (size_t i = 0; i < 2; i++)
        check("constant_rate steps=5 kernel=binomial", "mlp shape=2 width=4 predict=mean", wrong[i],
              DIFFUSION_E_ARGUMENT);
    check("constant_rate steps=5 kernel=binomial", "mlp shape=2 width=4 predict=mean", NAN, DIFFUSION_E_NONFINITE);
}

static void draws_are_finite(void **state)
{
    (void)state;
    check("cosine steps=5", "mlp shape=2 width=4", NAN, DIFFUSION_E_NONFINITE);
    check("cosine steps=5", "mlp shape=2 width=4", INFINITY, DIFFUSION_E_NONFINITE);
}

/* Which float32 makes of a draw just below it. */
static void one_is_a_draw(void **state)
{
    (void)state;
    const float bits[DIM] = {1, 0}, noise[DIM] = {1, 0};
    const int32_t t = 1;
    float x[DIM];
    diffusion_schedule *schedule = make_schedule("constant_rate steps=5 kernel=binomial");
    assert_ok(diffusion_forward_sample(schedule, &t, bits, noise, 1, DIM, x));
    assert_true(x[0] == 0.0f && x[1] == 1.0f);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_of_bits_are_uniform),
        cmocka_unit_test(draws_are_finite),
        cmocka_unit_test(one_is_a_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
