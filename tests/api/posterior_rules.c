/* What samplers promise of known values, observations and guidance, and what they refuse. */
#include "make.h"

enum { N = 6, DIM = 3, COUNT = N * DIM, STEPS = 8 };

static diffusion_schedule *schedule, *bit_schedule;
static diffusion_model *model, *bit_model;

static int enter(void **state)
{
    (void)state;
    schedule = make_schedule("linear steps=8 beta_start=0.05 beta_end=0.5");
    bit_schedule = make_schedule("linear steps=8 beta_start=0.05 beta_end=0.5 kernel=binomial rate=0.3");
    model = make_model("mlp shape=3 width=8 depth=2 time_features=4 classes=2 variance=learned_range", 1);
    bit_model = make_model("mlp shape=3 width=8 depth=2 time_features=4 predict=perturbation", 1);
    fill_weights(model, 4);
    fill_weights(bit_model, 4);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    diffusion_model_free(model);
    diffusion_model_free(bit_model);
    diffusion_schedule_free(schedule);
    diffusion_schedule_free(bit_schedule);
    return 0;
}

static diffusion_sampler *sampler_of(const char *spec, int bits)
{
    return make_sampler(bits ? bit_model : model, bits ? bit_schedule : schedule, spec);
}

static const float values[2 * DIM] = {-0.0f, 1e-30f, -3.25f, 0.1f, NAN, 7.0f}, bits01[2 * DIM] = {1, 0, 1, 0, NAN, 1};
static const uint8_t mask[2 * DIM] = {1, 0, 255, 1, 0, 1};

static void assert_known(diffusion_sampler *sampler, const float *known, size_t n)
{
    float x0[COUNT];
    assert_ok(diffusion_sampler_set_known(sampler, known, mask, 2));
    assert_ok(diffusion_sampler_run(sampler, NULL, n, x0));
    for (size_t i = 0; i < n * DIM; i++)
        if (mask[i % (2 * DIM)])
            assert_same(&x0[i], &known[i % (2 * DIM)], sizeof *x0);
}

static void known_values_keep_their_bits(void **state)
{
    (void)state;
    static const char *const specs[] = {"ancestral",
                                        "ancestral last=model",
                                        "ancestral last=forward",
                                        "ancestral steps=3 clip=1",
                                        "ancestral particles=5",
                                        "ancestral particles=5 last=model steps=1"};
    const float y[DIM] = {1, 2, 3};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        diffusion_sampler *sampler = sampler_of(specs[i], 0);
        assert_known(sampler, values, N);
        assert_ok(diffusion_sampler_set_observed(sampler, y, 0.3, 1));
        assert_known(sampler, values, 2);
        diffusion_sampler_free(sampler);
    }
    for (double noise = 1e-9; noise < 1e9; noise *= 10) { /* from every place where posterior=exact may begin */
        diffusion_sampler *sampler = sampler_of("ancestral posterior=exact", 0);
        assert_ok(diffusion_sampler_set_observed(sampler, y, noise, 1));
        assert_known(sampler, values, N);
        diffusion_sampler_free(sampler);
    }
}

/* x_0 and a variance from each coordinate alone. */
static int32_t look_at_each(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                            double *out, void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < DIM; j++) {
            out[2 * i * DIM + j] = tanh(x[i * DIM + j] + 0.1 * time[i]);
            out[(2 * i + 1) * DIM + j] = sin(x[i * DIM + j]);
        }
    return 0;
}

/* What is given where the mask is 0 is not even looked at. */
static void what_is_not_known_is_drawn_as_if_nothing_were(void **state)
{
    (void)state;
    static const char *const specs[] = {"ancestral", "ancestral last=model", "ancestral last=forward",
                                        "ancestral steps=3 clip=1"};
    const float y[DIM] = {1, 2, 3};
    diffusion_model *each = make_callback_double("shape=3 predict=x0 variance=learned_range", look_at_each, NULL);
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
        for (int observed = 0; observed < 2; observed++) {
            float alone[COUNT], x0[COUNT];
            diffusion_sampler *sampler = make_sampler(each, schedule, specs[i]);
            if (observed)
                assert_ok(diffusion_sampler_set_observed(sampler, y, 0.3, 1));
            assert_ok(diffusion_sampler_run(sampler, NULL, N, alone));
            assert_ok(diffusion_sampler_set_known(sampler, values, mask, 2));
            assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
            for (size_t j = 0; j < COUNT; j++)
                if (!mask[j % (2 * DIM)])
                    assert_same(&x0[j], &alone[j], sizeof *x0);
            diffusion_sampler_free(sampler);
        }
    diffusion_model_free(each);
}

static void known_bits_are_kept(void **state)
{
    (void)state;
    static const char *const specs[] = {"ancestral", "ancestral last=model particles=4", "ancestral last=forward"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        float x0[COUNT];
        diffusion_sampler *sampler = sampler_of(specs[i], 1);
        assert_ok(diffusion_sampler_set_known(sampler, bits01, mask, 2));
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        for (size_t j = 0; j < COUNT; j++)
            assert_true(mask[j % (2 * DIM)] ? x0[j] == bits01[j % (2 * DIM)] : x0[j] == 0 || x0[j] == 1);
        diffusion_sampler_free(sampler);
    }
}

/* What was given is copied; forgotten, the sampler draws what it drew before. */
static void what_is_given_is_copied_and_can_be_forgotten(void **state)
{
    (void)state;
    float before[COUNT], x0[COUNT], with[COUNT], y[DIM] = {1, 2, 3};
    uint8_t all[DIM] = {1, 1, 0};
    diffusion_sampler *sampler = sampler_of("ancestral seed=3", 0);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, before));
    assert_ok(diffusion_sampler_set_observed(sampler, y, 0.3, 1));
    assert_ok(diffusion_sampler_set_known(sampler, y, all, 1));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, with));
    assert_memory_not_equal(with, before, sizeof with);
    memset(y, 0x55, sizeof y);
    memset(all, 0, sizeof all);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_same(x0, with, sizeof with);
    assert_ok(diffusion_sampler_set_known(sampler, NULL, NULL, 0));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_memory_not_equal(x0, with, sizeof with);
    assert_ok(diffusion_sampler_set_observed(sampler, NULL, 0, 0));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_same(x0, before, sizeof before);
    diffusion_sampler_free(sampler);
}

/* Sample i is drawn from (seed, first + i) and row i mod n, for any number of threads and any batch. */
static void particles_depend_on_seed_and_index_alone(void **state)
{
    (void)state;
    static const char spec[] = "ancestral seed=3 last=model posterior=annealed particles=7";
    float all[COUNT], x0[COUNT];
    const float y[DIM] = {1, 2, 3};
    for (int32_t threads = 1; threads <= 3; threads++) {
        char later[96];
        assert_ok(diffusion_set_threads(threads));
        diffusion_sampler *sampler = sampler_of(spec, 0);
        assert_ok(diffusion_sampler_set_observed(sampler, y, 0.3, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, N, threads == 1 ? all : x0));
        if (threads > 1)
            assert_same(x0, all, sizeof all);
        diffusion_sampler_free(sampler);
        snprintf(later, sizeof later, "%s first=2", spec);
        sampler = sampler_of(later, 0);
        assert_ok(diffusion_sampler_set_observed(sampler, y, 0.3, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, 2, x0));
        assert_same(x0, all + 2 * DIM, 2 * DIM * sizeof *x0);
        diffusion_sampler_free(sampler);
    }
    assert_ok(diffusion_set_threads(0));
}

typedef struct count {
    size_t calls, values;
    int32_t stop_at, value;
} count;

static int32_t noise_of(double *draws, size_t n, int64_t sample, int32_t step, void *user)
{
    count *self = user;
    (void)sample, (void)step;
    self->values = n;
    for (size_t i = 0; i < n; i++)
        draws[i] = (double)i - 1.0;
    return (int32_t)++self->calls == self->stop_at ? self->value : 0;
}

static void a_noise_callback_fills_all_particles_of_a_sample(void **state)
{
    (void)state;
    float x0[COUNT];
    count user = {0};
    diffusion_sampler *sampler = sampler_of("ancestral last=model particles=4", 0);
    assert_ok(diffusion_sampler_set_noise(sampler, noise_of, &user));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_int_equal(user.values, 4 * DIM);
    assert_int_equal(user.calls, N * (STEPS + 1));
    diffusion_sampler_free(sampler);
}

/* Notes the times that it is asked at; spoils or stops one of them. */
typedef struct guide {
    double times[STEPS + 1];
    size_t calls, stop_at;
    int32_t value;
    double bad;
} guide;

static int32_t guide_by(const double *x, double t, size_t n, double *gradient, void *user)
{
    guide *self = user;
    self->times[self->calls++] = t;
    for (size_t i = 0; i < n * DIM; i++)
        gradient[i] = self->calls == self->stop_at && self->bad != 0 ? self->bad : -x[i];
    return self->calls == self->stop_at ? self->value : 0;
}

static void guidance_is_asked_once_a_step_and_may_stop_the_run(void **state)
{
    (void)state;
    float x0[COUNT] = {5}, plain[COUNT];
    diffusion_sampler *sampler = sampler_of("ancestral posterior=annealed", 0);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, plain));
    guide user = {.stop_at = 0};
    assert_ok(diffusion_sampler_set_guidance(sampler, guide_by, &user));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_memory_not_equal(x0, plain, sizeof plain);
    assert_int_equal(user.calls, STEPS); /* x_T is drawn without r */
    for (int32_t i = 0; i < STEPS; i++)
        assert_true(user.times[i] == STEPS - 1 - i);
    for (size_t stop = 1; stop <= STEPS; stop++) {
        x0[0] = 5;
        user = (guide){.stop_at = stop, .value = 77};
        assert_int_equal(diffusion_sampler_run(sampler, NULL, N, x0), 77);
        user = (guide){.stop_at = stop, .bad = NAN};
        assert_refused(diffusion_sampler_run(sampler, NULL, N, x0), DIFFUSION_E_NONFINITE,
                       "the guidance's gradient[0]");
        assert_true(x0[0] == 5);
    }
    assert_ok(diffusion_sampler_set_guidance(sampler, NULL, NULL));
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    assert_same(x0, plain, sizeof plain);
    diffusion_sampler_free(sampler);
}

static void a_chain_begun_before_is_over(void **state)
{
    (void)state;
    const float y[DIM] = {1, 2, 3};
    diffusion_sampler *sampler = sampler_of("ancestral", 0);
    for (int i = 0; i < 3; i++) {
        assert_ok(diffusion_sampler_begin(sampler, NULL, 2));
        if (i == 0)
            assert_ok(diffusion_sampler_set_known(sampler, values, mask, 2));
        else if (i == 1)
            assert_ok(diffusion_sampler_set_observed(sampler, y, 1, 1));
        else
            assert_ok(diffusion_sampler_set_guidance(sampler, NULL, NULL));
        assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, "no chain has begun");
    }
    diffusion_sampler_free(sampler);
}

static void a_wrong_argument_is_refused(void **state)
{
    (void)state;
    float x0[COUNT] = {5};
    const float wild[DIM] = {1, INFINITY, 3}, half[DIM] = {0, 0.5f, 1};
    const uint8_t all[DIM] = {1, 1, 1};
    diffusion_sampler *plain = sampler_of("ancestral", 0), *bits = sampler_of("ancestral", 1),
                      *exact = sampler_of("ancestral posterior=exact", 0),
                      *exact_bits = sampler_of("ancestral posterior=exact", 1),
                      *many = sampler_of("ancestral particles=2", 0);
    assert_refused(diffusion_sampler_set_known(NULL, half, all, 1), DIFFUSION_E_ARGUMENT, "sampler is NULL");
    assert_refused(diffusion_sampler_set_known(plain, NULL, all, 1), DIFFUSION_E_ARGUMENT, "x0 is NULL");
    assert_refused(diffusion_sampler_set_known(plain, half, NULL, 1), DIFFUSION_E_ARGUMENT, "mask is NULL");
    assert_refused(diffusion_sampler_set_known(plain, wild, all, 1), DIFFUSION_E_NONFINITE, "x0[1] of sample 0 is inf");
    assert_refused(diffusion_sampler_set_known(bits, half, all, 1), DIFFUSION_E_ARGUMENT, "x0[1]=0.5 of sample 0");
    assert_refused(diffusion_sampler_set_known(plain, half, all, SIZE_MAX / 2), DIFFUSION_E_MEMORY, "addressed");
    assert_refused(diffusion_sampler_set_observed(NULL, half, 1, 1), DIFFUSION_E_ARGUMENT, "sampler is NULL");
    assert_refused(diffusion_sampler_set_observed(plain, NULL, 1, 1), DIFFUSION_E_ARGUMENT, "y is NULL");
    assert_refused(diffusion_sampler_set_observed(plain, wild, 1, 1), DIFFUSION_E_NONFINITE, "y[1] of sample 0 is inf");
    assert_refused(diffusion_sampler_set_observed(plain, half, 0, 1), DIFFUSION_E_ARGUMENT, "noise=0, expected a var");
    assert_refused(diffusion_sampler_set_observed(plain, half, NAN, 1), DIFFUSION_E_ARGUMENT, "expected a variance");
    assert_refused(diffusion_sampler_set_observed(plain, half, INFINITY, 1), DIFFUSION_E_ARGUMENT, "noise=inf");
    assert_refused(diffusion_sampler_set_observed(bits, half, 1, 1), DIFFUSION_E_ARGUMENT, "noise=1, expected a prob");
    assert_refused(diffusion_sampler_set_observed(bits, half, 0.1, 1), DIFFUSION_E_ARGUMENT, "y[1]=0.5 of sample 0");
    assert_refused(diffusion_sampler_set_observed(exact_bits, half, 0.1, 1), DIFFUSION_E_KERNEL, "posterior=exact");
    assert_refused(diffusion_sampler_set_observed(plain, half, 1, SIZE_MAX / 2), DIFFUSION_E_MEMORY, "addressed");
    assert_refused(diffusion_sampler_set_guidance(NULL, guide_by, NULL), DIFFUSION_E_ARGUMENT, "sampler is NULL");
    assert_refused(diffusion_sampler_set_guidance(bits, guide_by, NULL), DIFFUSION_E_KERNEL,
                   "a gradient needs the Gaussian kernel");
    assert_refused(diffusion_sampler_set_guidance(exact, guide_by, NULL), DIFFUSION_E_STATE, "posterior=exact");
    assert_refused(diffusion_sampler_set_guidance(many, guide_by, NULL), DIFFUSION_E_STATE, "particles=2");
    assert_ok(diffusion_sampler_set_known(plain, values, mask, 2));
    assert_refused(diffusion_sampler_run(plain, NULL, 3, x0), DIFFUSION_E_SHAPE, "n=3 samples, expected a multiple of");
    assert_true(x0[0] == 5);
    assert_ok(diffusion_sampler_run(plain, NULL, 0, x0));
    diffusion_sampler *all_samplers[] = {plain, bits, exact, exact_bits, many};
    for (size_t i = 0; i < 5; i++)
        diffusion_sampler_free(all_samplers[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_keep_their_bits),
        cmocka_unit_test(what_is_not_known_is_drawn_as_if_nothing_were),
        cmocka_unit_test(known_bits_are_kept),
        cmocka_unit_test(what_is_given_is_copied_and_can_be_forgotten),
        cmocka_unit_test(particles_depend_on_seed_and_index_alone),
        cmocka_unit_test(a_noise_callback_fills_all_particles_of_a_sample),
        cmocka_unit_test(guidance_is_asked_once_a_step_and_may_stop_the_run),
        cmocka_unit_test(a_chain_begun_before_is_over),
        cmocka_unit_test(a_wrong_argument_is_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
