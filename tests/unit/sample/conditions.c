/* Chains under conditions, state by state, beside the same chain written out by hand: guidance, observation and known
 * values, each alone and together, for whole chains and chains that leave steps out. */
#include "make.h"

#include "sample/sampler.h"

enum { N = 4, DIM = 3, MOST = 12 };

/* Noise that depends on where it is asked for. */
static double noise_at(size_t sample, int32_t step, size_t j)
{
    return 1.3 * sin(1.0 + 2.7 * (double)sample + 0.9 * step + 4.1 * (double)j);
}

static int32_t replay(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)user;
    for (size_t j = 0; j < count; j++)
        values[j] = noise_at((size_t)sample, step, j);
    return 0;
}

/* The network sees x_0 = tanh(x + 0.1 t). */
static int32_t see_x0(const double *x, const double *time, const diffusion_condition *condition, size_t n, double *out,
                      void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = tanh(x[i] + 0.1 * time[i / DIM]);
    return 0;
}

static double slope(double x, double t)
{
    return -0.4 * x + 0.05 * t;
}

static int32_t gradient(const double *x, double t, size_t n, double *out, void *user)
{
    (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = slope(x[i], t);
    return 0;
}

/* Two rows that are known in part, and one observation: sample i takes row i mod n. */
static const float known[2 * DIM] = {0.5f, -0.25f, 7, 8, -1, 0.75f}, seen[DIM] = {0.3f, -0.9f, 0.1f};
static const uint8_t mask[2 * DIM] = {1, 1, 0, 0, 1, 1};
static const double seen_noise = 0.35;

typedef struct chain_case {
    const char *spec;
    int guided, observed, known, annealed, ddim;
    int32_t times[MOST + 1]; /* the steps visited, from the data up */
    int32_t count;
} chain_case;

typedef struct truth {
    const chain_case *of;
    const struct diffusion_schedule *schedule;
    double x[N][DIM];
} truth;

static int is_known(const truth *self, size_t i, size_t j)
{
    return self->of->known && mask[i % 2 * DIM + j] != 0;
}

/* The law of a step to `to`, bent: guidance, then the observation. */
static void bend(const truth *self, size_t i, size_t j, const noise_level *to, double *mean, double *variance)
{
    const double steps = self->schedule->steps, power = self->of->annealed ? (steps - to->t) / steps : 1.0;
    if (self->of->guided)
        *mean += power * *variance * slope(*mean, to->t);
    if (self->of->observed && !is_known(self, i, j)) {
        const double sum = seen_noise + power * *variance;
        *mean = (*mean * seen_noise + power * *variance * (double)seen[j]) / sum;
        *variance *= seen_noise / sum;
    }
}

static void begin_truth(truth *self)
{
    const noise_level *first = &self->schedule->levels[self->of->times[self->of->count]];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < DIM; j++) {
            double mean = 0.0, variance = 1.0, z = noise_at(i, self->schedule->steps + 1, j);
            bend(self, i, j, first, &mean, &variance);
            self->x[i][j] = is_known(self, i, j) ? first->signal * (double)known[i % 2 * DIM + j] + first->sigma * z
                                                 : mean + sqrt(variance) * z;
        }
}

/* The step from the index'th of the chain's levels down. */
static void step_truth(truth *self, int32_t index)
{
    const int32_t *times = self->of->times;
    const noise_level *levels = self->schedule->levels, *from = &levels[times[index]], *to = &levels[times[index - 1]];
    const level_posterior q = level_posterior_of(to, from);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < DIM; j++) {
            const double x = self->x[i][j], x0 = tanh(x + 0.1 * from->t), z = noise_at(i, times[index], j);
            double mean = q.x0 * x0 + q.xt * x, variance = level_step_variance(to, from);
            if (self->of->ddim) {
                mean = to->signal * x0 + to->sigma * (x - from->signal * x0) / from->sigma;
                variance = 0.0;
            } else if (to->t == 0.0 && index < self->of->count) {
                variance = level_posterior_of(from, &levels[times[index + 1]]).variance;
            }
            bend(self, i, j, to, &mean, &variance);
            self->x[i][j] = to->t > 0.0 ? mean + sqrt(variance) * z : mean; /* last=mean */
            if (is_known(self, i, j)) {
                const double value = (double)known[i % 2 * DIM + j];
                self->x[i][j] = to->t > 0.0 ? q.x0 * value + q.xt * x + sqrt(q.variance) * z : value;
            }
        }
}

static void check_state(const diffusion_sampler *sampler, const truth *expected, double t)
{
    double at;
    const double *x = sampler->x.memory;
    assert_ok(diffusion_sampler_state(sampler, NULL, &at));
    assert_true(at == t);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < DIM; j++)
            assert_close(x[i * DIM + j], expected->x[i][j], 1e-12, 1e-13);
}

static void follow(const chain_case *of)
{
    diffusion_schedule *schedule = make_schedule("linear steps=12 beta_start=0.02 beta_end=0.4");
    diffusion_model *model = make_callback_double("shape=3 predict=x0 variance=fixed_large", see_x0, NULL);
    diffusion_sampler *sampler = make_sampler(model, schedule, of->spec);
    truth expected = {.of = of, .schedule = schedule};
    float x0[N * DIM];
    assert_ok(diffusion_sampler_set_noise(sampler, replay, NULL));
    if (of->guided)
        assert_ok(diffusion_sampler_set_guidance(sampler, gradient, NULL));
    if (of->observed)
        assert_ok(diffusion_sampler_set_observed(sampler, seen, seen_noise, 1));
    if (of->known)
        assert_ok(diffusion_sampler_set_known(sampler, known, mask, 2));
    assert_ok(diffusion_sampler_begin(sampler, NULL, N));
    begin_truth(&expected);
    check_state(sampler, &expected, of->times[of->count]);
    for (int32_t index = of->count; index > 0; index--) {
        assert_ok(diffusion_sampler_step(sampler));
        step_truth(&expected, index);
        check_state(sampler, &expected, of->times[index - 1]);
    }
    assert_ok(diffusion_sampler_state(sampler, x0, NULL));
    for (size_t i = 0; i < N * DIM; i++)
        if (is_known(&expected, i / DIM, i % DIM))
            assert_true(x0[i] == known[i / DIM % 2 * DIM + i % DIM]);
    assert_refused(diffusion_sampler_step(sampler), DIFFUSION_E_STATE, "the chain has reached x_0");
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

#define WHOLE {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 12
#define SOME {0, 1, 5, 9}, 3

static void chains_under_conditions_are_the_ones_written_out(void **state)
{
    (void)state;
    for (int bits = 0; bits < 8; bits++) {
        const int guided = bits & 1, observed = bits >> 1 & 1, of_known = bits >> 2 & 1;
        const chain_case cases[] = {
            {"ancestral", guided, observed, of_known, 0, 0, WHOLE},
            {"ancestral posterior=annealed", guided, observed, of_known, 1, 0, WHOLE},
            {"ancestral steps=3 spacing=leading", guided, observed, of_known, 0, 0, SOME},
            {"ancestral steps=3 spacing=leading posterior=annealed", guided, observed, of_known, 1, 0, SOME},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            follow(&cases[i]);
    }
}

static void implicit_chains_take_known_values(void **state)
{
    (void)state;
    for (int of_known = 0; of_known <= 1; of_known++) {
        const chain_case cases[] = {{"ddim", 0, 0, of_known, 0, 1, WHOLE},
                                    {"ddim steps=3 spacing=leading", 0, 0, of_known, 0, 1, SOME}};
        follow(&cases[0]);
        follow(&cases[1]);
    }
}

/* ---- what is given, and to whom ---- */

static void conditions_are_applied_in_the_tables_order(void **state)
{
    (void)state;
    const sample_condition *const order[] = {&start_condition,    &guidance_condition, &observed_condition,
                                             &exact_condition,    &joint_condition,    &known_condition,
                                             &particles_condition};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        assert_ptr_equal(sample_condition_at(i), order[i]);
    assert_null(sample_condition_at(sizeof order / sizeof order[0]));
}

static void all_particles_of_a_sample_share_its_row(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=4");
    diffusion_model *model = make_callback_double("shape=3 predict=x0", see_x0, NULL);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral particles=5");
    const given two = {.n = 2};
    for (size_t row = 0; row < 40; row++)
        assert_int_equal(given_row(&two, sampler, row), row / 5 % 2);
    assert_ok(given_check(&two, "setter", 6));
    assert_ok(given_check(&two, "setter", 0));
    assert_refused(given_check(&two, "setter", 5), DIFFUSION_E_SHAPE, "expected a multiple of the 2 of setter");
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

/* posterior=exact begins at the first level with at least the observation's noise, and between two by a part of a
 * step; where x_0 is seen as it is, the mean there is that of q(x | y, x_0). */
static void an_exact_posterior_begins_where_the_noise_is(void **state)
{
    (void)state;
    diffusion_schedule *schedule = make_schedule("linear steps=12 beta_start=0.02 beta_end=0.4");
    diffusion_model *model = make_callback_double("shape=3 predict=x0", see_x0, NULL);
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral posterior=exact");
    const noise_level *levels = schedule->levels;
    for (int32_t t = 1; t <= 12; t++) {
        const double noise = pow(levels[t].sigma / levels[t].signal, 2), less = 0.999 * noise;
        double at;
        assert_ok(diffusion_sampler_set_observed(sampler, seen, less, 1));
        assert_ok(diffusion_sampler_begin(sampler, NULL, N));
        assert_ok(diffusion_sampler_state(sampler, NULL, &at));
        assert_true(at == t - 1.0);
    }
    diffusion_sampler_free(sampler);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_under_conditions_are_the_ones_written_out),
        cmocka_unit_test(implicit_chains_take_known_values),
        cmocka_unit_test(conditions_are_applied_in_the_tables_order),
        cmocka_unit_test(all_particles_of_a_sample_share_its_row),
        cmocka_unit_test(an_exact_posterior_begins_where_the_noise_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
