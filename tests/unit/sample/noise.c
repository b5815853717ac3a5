/* The library's own noise is a function of seed, step and sample: the same seed gives the same samples in every
 * release, and the numbers of the streams are what that means. */
#include "base/rng.h"
#include "make.h"

#include <stdint.h>

enum { N = 3, DIM = 4, SEED = 7 };

/* The chain's steps from its last, 1, up: one more for the first state. */
typedef struct telling {
    int32_t step, last_t;
} telling;

static rng_stream stream_of(telling *self, int32_t t, int64_t sample)
{
    self->step -= t != self->last_t;
    self->last_t = t;
    return (rng_stream){SEED, RNG_SAMPLER, (uint64_t)self->step, (uint64_t)sample};
}

static int standard(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    rng_normal(values, count, stream_of(user, step, sample));
    return 0;
}

static int uniform(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    rng_uniform(values, count, stream_of(user, step, sample));
    return 0;
}

static void follow(const char *schedule_spec, const char *spec, int32_t steps, diffusion_noise_fn *noise)
{
    telling self = {steps + 2, 0};
    diffusion_schedule *schedule = make_schedule(schedule_spec);
    diffusion_model *model = make_model("mlp shape=4 predict=x0", 3);
    fill_weights(model, 5);
    diffusion_sampler *own = make_sampler(model, schedule, spec), *told = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_set_noise(told, noise, &self));
    float x[N * DIM], truth[N * DIM];
    assert_ok(diffusion_sampler_run(own, NULL, N, x));
    assert_ok(diffusion_sampler_run(told, NULL, N, truth));
    assert_same(x, truth, sizeof x);
    diffusion_sampler_free(own);
    diffusion_sampler_free(told);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void noise_is_that_of_seed_step_and_sample(void **state)
{
    (void)state;
    follow("linear steps=9", "ancestral seed=7", 9, standard);
    follow("linear steps=9", "ancestral steps=4 seed=7 particles=3", 4, standard);
    follow("linear steps=9", "ddim steps=4 eta=0.5 seed=7", 4, standard);
    follow("linear steps=9 kernel=binomial", "ancestral seed=7", 9, uniform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_that_of_seed_step_and_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
