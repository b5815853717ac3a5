/* DDIM beside what it must equal: ancestral steps at eta = 1, itself under every reading of the network's output, and
 * what the posterior's rules leave of it. */
#include "make.h"

enum { N = 4, DIM = 3, COUNT = N * DIM, T = 12 };

static diffusion_schedule *schedule;
static double alpha_bar[T + 1], beta[T + 1];

static void follow(const char *spec)
{
    diffusion_schedule_free(schedule);
    schedule = make_schedule(spec);
    alpha_bar[0] = 1;
    assert_ok(diffusion_schedule_values(schedule, "alpha_bar", alpha_bar + 1));
    assert_ok(diffusion_schedule_values(schedule, "beta", beta + 1));
}

static int enter(void **state)
{
    (void)state;
    follow("linear steps=12 beta_start=0.05 beta_end=0.4");
    return 0;
}

static int leave(void **state)
{
    (void)state;
    diffusion_schedule_free(schedule);
    return 0;
}

/* One estimate of x_0, tanh(x + t/10), told in the way that *user names: 'e'psilon, 'x'_0, 'v', 'm'ean, 'p'erturbation.
 */
static int32_t tell_denoised(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                             double *out, void *user)
{
    (void)condition;
    for (size_t i = 0; i < n * DIM; i++) {
        const int32_t s = (int32_t)time[i / DIM];
        double a = alpha_bar[s], before = alpha_bar[s - 1], x0 = tanh(x[i] + 0.1 * s);
        double epsilon = (x[i] - sqrt(a) * x0) / sqrt(1 - a);
        double small = s > 1 ? beta[s] * (1 - before) / (1 - a) : beta[2] * (1 - alpha_bar[1]) / (1 - alpha_bar[2]);
        double mean = (sqrt(before) * beta[s] * x0 + sqrt(1 - beta[s]) * (1 - before) * x[i]) / (1 - a);
        switch (*(const char *)user) {
        case 'e':
            out[i] = epsilon;
            break;
        case 'x':
            out[i] = x0;
            break;
        case 'v':
            out[i] = sqrt(a) * epsilon - sqrt(1 - a) * x0;
            break;
        case 'p': /* (x - o)(1 - Sigma) + o is the mean */
            out[i] = (mean - x[i] * (1 - small)) / small;
            break;
        default:
            out[i] = mean;
        }
    }
    return 0;
}

static diffusion_model *model_telling(char *how)
{
    const char *name = *how == 'e'   ? "epsilon"
                       : *how == 'x' ? "x0"
                       : *how == 'v' ? "v"
                       : *how == 'm' ? "mean"
                                     : "perturbation";
    char spec[64];
    snprintf(spec, sizeof spec, "shape=3 variance=fixed_small predict=%s", name);
    return make_callback_double(spec, tell_denoised, how);
}

static void draw(char *how, const char *spec, float *x0)
{
    diffusion_model *model = model_telling(how);
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
}

static void every_reading_gives_the_same_chain(void **state)
{
    (void)state;
    static const char *const specs[] = {"ddim seed=3",
                                        "ddim seed=3 steps=5",
                                        "ddim seed=3 steps=4 eta=0.7 clip=0.5",
                                        "ddim seed=3 steps=5 spacing=trailing",
                                        "ddim seed=3 steps=5 spacing=linspace",
                                        "ddim seed=3 steps=5 spacing=linspace stride=even",
                                        "ddim seed=3 steps=4 spacing=leading steps_offset=2 final=sigma_min"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        float truth[COUNT], x0[COUNT];
        char how[] = "xevmp";
        draw(how, specs[i], truth);
        for (char *other = how + 1; *other != '\0'; other++) {
            draw(other, specs[i], x0);
            for (size_t j = 0; j < COUNT; j++)
                assert_close(x0[j], truth[j], 1e-6, 1e-6);
        }
    }
}

/* Equation 12 with eta = 1 is the posterior q(x_{t-1} | x_t, x_0): DDPM's step. The edge is the mean in both. */
static void eta_one_is_ancestral(void **state)
{
    (void)state;
    static const char *const specs[][2] = {
        {"ddim eta=1 seed=5", "ancestral seed=5"},
        {"ddim eta=1 seed=5 steps=4", "ancestral seed=5 steps=4"},
        {"ddim eta=1 seed=5 steps=5 spacing=trailing", "ancestral seed=5 steps=5 spacing=trailing"},
        {"ddim eta=1 seed=5 steps=5 spacing=leading steps_offset=1",
         "ancestral seed=5 steps=5 spacing=leading steps_offset=1"},
    };
    for (size_t i = 0; i < 4; i++) {
        float truth[COUNT], x0[COUNT];
        draw("x", specs[i][1], truth);
        draw("x", specs[i][0], x0);
        for (size_t j = 0; j < COUNT; j++)
            assert_close(x0[j], truth[j], 1e-6, 1e-6);
    }
}

static int32_t visited(const char *spec, int32_t *steps)
{
    char how = 'x';
    int32_t count = 0;
    double t;
    diffusion_model *model = model_telling(&how);
    diffusion_sampler *sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_begin(sampler, NULL, 1));
    assert_ok(diffusion_sampler_state(sampler, NULL, &t));
    while (t > 0) {
        steps[count++] = (int32_t)t;
        assert_true(t == steps[count - 1]);
        assert_ok(diffusion_sampler_step(sampler));
        assert_ok(diffusion_sampler_state(sampler, NULL, &t));
    }
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    return count;
}

/* By hand, T = 12: numpy's formulas of diffusers' set_timesteps(), plus 1. */
static void each_spacing_visits_its_steps(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int32_t count, steps[T];
    } cases[] = {
        {"ddim steps=5", 5, {12, 10, 7, 5, 2}},
        {"ddim steps=5 spacing=leading", 5, {9, 7, 5, 3, 1}},
        {"ddim steps=5 spacing=leading steps_offset=1", 5, {10, 8, 6, 4, 2}},
        {"ddim steps=5 spacing=linspace", 5, {12, 9, 7, 4, 1}},
        {"ddim steps=1", 1, {12}},
        {"ddim", 12, {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
        {"ddim steps=12", 12, {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t steps[T] = {0};
        assert_int_equal(visited(cases[i].spec, steps), cases[i].count);
        for (int32_t j = 0; j < cases[i].count; j++)
            assert_int_equal(steps[j], cases[i].steps[j]);
    }
}

/* Where the chain ends: in the x_0 that the model sees at the last step visited, or that much of it and of the noise
 * as there is at t = 1. */
static void the_end_is_the_data_or_the_first_step(void **state)
{
    (void)state;
    float at_one[COUNT], x0[COUNT], end[COUNT];
    char how = 'x';
    diffusion_model *model = model_telling(&how);
    diffusion_sampler *data = make_sampler(model, schedule, "ddim steps=3 spacing=leading steps_offset=3 seed=2"),
                      *first = make_sampler(model, schedule,
                                            "ddim steps=3 spacing=leading steps_offset=3 seed=2 final=sigma_min");
    assert_ok(diffusion_sampler_begin(data, NULL, N));
    assert_ok(diffusion_sampler_step(data));
    assert_ok(diffusion_sampler_step(data));
    assert_ok(diffusion_sampler_state(data, at_one, NULL)); /* at t = 4 */
    assert_ok(diffusion_sampler_step(data));
    assert_ok(diffusion_sampler_state(data, x0, NULL));
    assert_ok(diffusion_sampler_run(first, NULL, N, end));
    for (size_t i = 0; i < COUNT; i++) {
        double epsilon = ((double)at_one[i] - sqrt(alpha_bar[4]) * x0[i]) / sqrt(1 - alpha_bar[4]);
        assert_close(x0[i], tanh((double)at_one[i] + 0.4), 1e-6, 1e-6);
        assert_close(end[i], sqrt(alpha_bar[1]) * x0[i] + sqrt(1 - alpha_bar[1]) * epsilon, 1e-5, 1e-5);
    }
    diffusion_sampler_free(data);
    diffusion_sampler_free(first);
    diffusion_model_free(model);
}

static int32_t count_draws(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)sample;
    ((int32_t *)user)[step]++;
    for (size_t i = 0; i < count; i++)
        values[i] = 0.3 * (double)i;
    return 0;
}

/* Draws for each step and sample; a known value's path needs its own. */
static void noise_is_drawn_only_where_it_is_added(void **state)
{
    (void)state;
    static const char *const specs[] = {"ddim", "ddim eta=0.5", "ddim eta=0.5 final=sigma_min", "ddim"};
    const float known[DIM] = {1, 2, 3};
    const uint8_t mask[DIM] = {1, 0, 0};
    for (size_t i = 0; i < 4; i++) {
        int32_t draws[T + 2] = {0};
        float x0[COUNT];
        char how = 'e';
        diffusion_model *model = model_telling(&how);
        diffusion_sampler *sampler = make_sampler(model, schedule, specs[i]);
        assert_ok(diffusion_sampler_set_noise(sampler, count_draws, draws));
        if (i == 3)
            assert_ok(diffusion_sampler_set_known(sampler, known, mask, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        assert_int_equal(draws[T + 1], N);
        for (int32_t t = 1; t <= T; t++)
            assert_int_equal(draws[t], i == 0 || t == 1 ? 0 : N);
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
    }
}

/* The model looks at each coordinate alone: what is not known is drawn as if nothing were. */
static void known_values_keep_their_bits_and_others_do_not_notice(void **state)
{
    (void)state;
    static const char *const specs[] = {"ddim", "ddim steps=4 eta=0.5", "ddim steps=5 spacing=trailing",
                                        "ddim steps=4 final=sigma_min"};
    const float known[DIM] = {-0.0f, 0.1f, 3e-30f};
    const uint8_t mask[DIM] = {1, 0, 1};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        float x0[COUNT], alone[COUNT];
        char how = 'v';
        draw(&how, specs[i], alone);
        diffusion_model *model = model_telling(&how);
        diffusion_sampler *sampler = make_sampler(model, schedule, specs[i]);
        assert_ok(diffusion_sampler_set_known(sampler, known, mask, 1));
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        for (size_t j = 0; j < COUNT; j++)
            assert_same(&x0[j], mask[j % DIM] ? &known[j % DIM] : &alone[j], sizeof *x0);
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
    }
}

/* alpha_bar_T = 0: x_T is epsilon and tells nothing of x_0, which v and x_0 still give. Then as ever. */
static void a_chain_may_begin_where_nothing_is_left(void **state)
{
    (void)state;
    float start[COUNT], next[COUNT], truth[COUNT], x0[COUNT];
    double t;
    follow("linear steps=12 zero_terminal_snr=yes");
    assert_true(alpha_bar[T] == 0);
    for (char how[] = "xv", *one = how; *one != '\0'; one++) {
        diffusion_model *model = model_telling(one);
        diffusion_sampler *sampler = make_sampler(model, schedule, "ddim steps=5 spacing=trailing");
        assert_ok(diffusion_sampler_begin(sampler, NULL, N));
        assert_ok(diffusion_sampler_state(sampler, start, NULL));
        assert_ok(diffusion_sampler_step(sampler));
        assert_ok(diffusion_sampler_state(sampler, next, &t));
        for (size_t i = 0; i < COUNT; i++)
            assert_close(next[i],
                         sqrt(alpha_bar[(int)t]) * tanh(start[i] + 0.1 * T) + sqrt(1 - alpha_bar[(int)t]) * start[i],
                         1e-6, 1e-6);
        diffusion_sampler_free(sampler);
        diffusion_model_free(model);
        draw(one, "ancestral seed=5 steps=5 spacing=trailing", truth);
        draw(one, "ddim eta=1 seed=5 steps=5 spacing=trailing", x0);
        for (size_t i = 0; i < COUNT; i++)
            assert_close(x0[i], truth[i], 1e-6, 1e-6);
    }
    assert_int_equal(enter(NULL), 0);
}

static int32_t any_gradient(const double *x, double t, size_t n, double *gradient, void *user)
{
    (void)x, (void)t, (void)user;
    memset(gradient, 0, n * DIM * sizeof *gradient);
    return 0;
}

static int32_t nan_at_seven(const double *x, const double *time, const diffusion_condition *condition, size_t n,
                            double *out, void *user)
{
    (void)x, (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = time[i / DIM] == 7 && i == 4 ? NAN : 0.1;
    return 0;
}

static void what_does_not_suit_ddim_is_refused(void **state)
{
    (void)state;
    static const char *const specs[][2] = {
        {"ddim steps=13", "steps=13, expected at most the schedule's 12"},
        {"ddim particles=2",
         "particles=2 with ddim, which has no p(x_{t-1} | x_t) to weigh them by, expected the kind"},
        {"ddim last=mean", "unknown key 'last'"},
        {"ddim eta=1.5", "eta=1.5, expected a number 0..1"},
        {"ddim spacing=even", "spacing=even, expected trailing|linspace|leading"},
        {"ddim spacing=leading steps_offset=1", "steps_offset=1 makes step 13 the chain's first, expected at most 12"},
        {"ddim steps=5 steps_offset=1", "steps_offset=1 plays no part with spacing=trailing, expected spacing=leading"},
        {"ddim steps=1 spacing=linspace", "expected at least 2"},
    };
    char how = 'x';
    float x0[COUNT] = {5};
    const float y[DIM] = {1, 2, 3};
    diffusion_model *model = model_telling(&how), *wild = make_callback_double("shape=3", nan_at_seven, NULL);
    diffusion_schedule *bits = make_schedule("linear steps=12 kernel=binomial");
    diffusion_sampler *none = NULL, *sampler = make_sampler(model, schedule, "ddim posterior=constant particles=1"),
                      *wild_sampler = make_sampler(wild, schedule, "ddim");
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
        assert_refused(diffusion_sampler_create(&none, model, schedule, specs[i][0]), DIFFUSION_E_SPEC, specs[i][1]);
    assert_refused(diffusion_sampler_create(&none, model, bits, "ddim"), DIFFUSION_E_KERNEL, "ddim needs the Gaussian");
    assert_null(none);
    assert_refused(diffusion_sampler_set_observed(sampler, y, 0.1, 1), DIFFUSION_E_STATE,
                   "ddim has no p(x_{t-1} | x_t) to multiply by r, expected posterior=exact");
    assert_ok(diffusion_sampler_set_observed(sampler, NULL, 0, 0));
    assert_ok(diffusion_sampler_set_guidance(sampler, any_gradient, NULL));
    assert_ok(diffusion_sampler_set_guidance(sampler, NULL, NULL));
    assert_refused(diffusion_sampler_run(wild_sampler, NULL, N, x0), DIFFUSION_E_NONFINITE,
                   "the model's estimate of x_0 at step 7 is nan, expected a finite number");
    assert_true(x0[0] == 5);
    diffusion_sampler_free(sampler);
    diffusion_sampler_free(wild_sampler);
    diffusion_model_free(model);
    diffusion_model_free(wild);
    diffusion_schedule_free(bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reading_gives_the_same_chain),
        cmocka_unit_test(eta_one_is_ancestral),
        cmocka_unit_test(each_spacing_visits_its_steps),
        cmocka_unit_test(the_end_is_the_data_or_the_first_step),
        cmocka_unit_test(noise_is_drawn_only_where_it_is_added),
        cmocka_unit_test(known_values_keep_their_bits_and_others_do_not_notice),
        cmocka_unit_test(a_chain_may_begin_where_nothing_is_left),
        cmocka_unit_test(what_does_not_suit_ddim_is_refused),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
