/* The laws of t: what is drawn against closed forms, whole batches together, and the chances that follow losses against
 * a computation by hand. */
#include "test.h"

#include "train/times.h"

#include <stdlib.h>

enum { DRAWS = 20000 };

static void open_times(trained_times *out, diffusion_schedule **schedule, const char *schedule_spec, const char *spec)
{
    trainer_options options;
    assert_ok(diffusion_schedule_create(schedule, schedule_spec));
    assert_ok(spec_parse(trainer_grammar(), spec, &options, NULL));
    assert_ok(times_open(out, *schedule, &options, 1));
}

static void close_times(trained_times *of, diffusion_schedule *schedule)
{
    times_close(of);
    diffusion_schedule_free(schedule);
}

/* ---- whole steps ---- */

/* Each of 50 steps alike; chi-square of 49 degrees lies below 100 but for one seed in 10^5. */
static void check_even(const char *spec, double most)
{
    diffusion_schedule *schedule;
    trained_times of;
    int seen[51] = {0};
    double squares = 0.0;
    open_times(&of, &schedule, "cosine steps=50", spec);
    for (uint64_t i = 0; i < DRAWS; i++) {
        const double t = times_draw(&of, i / 100, i % 100, 0);
        assert_true(t == floor(t) && t >= 1.0 && t <= 50.0);
        assert_true(times_weight(&of, t, 0) == 1.0);
        seen[(int)t]++;
    }
    for (int t = 1; t <= 50; t++)
        squares += pow(seen[t] - DRAWS / 50.0, 2.0) / (DRAWS / 50.0);
    assert_true(squares < most);
    close_times(&of, schedule);
}

static void every_step_is_drawn_alike(void **state)
{
    (void)state;
    check_even("seed=3", 100.0);
    check_even("seed=3 time_draws=antithetic", 2.0 * 100.0); /* pairs count double */
    check_even("seed=3 time_draws=low_discrepancy", 10.0);
}

static void antithetic_times_come_in_pairs(void **state)
{
    (void)state;
    diffusion_schedule *schedule;
    trained_times of;
    open_times(&of, &schedule, "cosine steps=50", "time_draws=antithetic seed=5");
    for (uint64_t i = 0; i < 1000; i += 2)
        assert_close(times_draw(&of, 7, i, 0) + times_draw(&of, 7, i + 1, 0), 51.0, 0, 0);
    assert_true(times_draw(&of, 7, 0, 0) != times_draw(&of, 7, 2, 0) ||
                times_draw(&of, 7, 4, 0) != times_draw(&of, 7, 2, 0));
    close_times(&of, schedule);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The largest distance between the share of draws below t and the law's: the size of a step's cloud, 1 / n of an even
 * spread, 1 / sqrt(n) of independent draws. */
static double distance(const trained_times *of, uint64_t step, size_t n, double (*chance)(double t))
{
    static double t[DRAWS];
    double most = 0.0;
    for (size_t i = 0; i < n; i++)
        t[i] = times_draw(of, step, i, 0);
    qsort(t, n, sizeof *t, compare);
    for (size_t i = 0; i < n; i++) {
        const double below = chance(t[i]);
        most = fmax(most, fmax(below - (double)i / (double)n, (double)(i + 1) / (double)n - below));
    }
    return most;
}

static double even_law(double t)
{
    return (t - 1.0) / 99.0;
}

static void low_discrepancy_fills_the_law_in_every_batch(void **state)
{
    (void)state;
    diffusion_schedule *schedule;
    trained_times of;
    open_times(&of, &schedule, "cosine steps=100", "times=continuous time_draws=low_discrepancy seed=5");
    for (uint64_t step = 0; step < 50; step++)
        assert_true(distance(&of, step, 128, even_law) < 3.0 / 128);
    assert_true(times_draw(&of, 0, UINT64_MAX, 0) >= 1.0);
    close_times(&of, schedule);
}

/* ---- real times ---- */

static double normal_law_of(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

/* sigma of the schedule "edm" is its own ratio. Both laws are cut where the schedule ends. */
static double lognormal_law(double t)
{
    const double power = 1.0 / 7.0, weight = (t - 1.0) / 99.0;
    const double sigma = pow((1.0 - weight) * pow(0.002, power) + weight * pow(80.0, power), 7.0);
    return normal_law_of((log(sigma) + 1.2) / 1.2);
}

/* P(t <= 1) of the law is 2e-6. */
static double logit_normal_law(double t)
{
    return normal_law_of((log(t / (100.0 - t)) - 0.5) / 0.8);
}

static void real_times_follow_their_laws(void **state)
{
    (void)state;
    static const struct {
        const char *schedule, *spec;
        double (*chance)(double t);
    } laws[] = {{"cosine steps=100", "times=continuous seed=1", even_law},
                {"edm steps=100", "times=lognormal seed=1", lognormal_law},
                {"edm steps=100", "times=lognormal seed=1 time_draws=low_discrepancy", lognormal_law},
                {"flow steps=100", "times=logit_normal logit_mean=0.5 logit_std=0.8 seed=1", logit_normal_law}};
    for (size_t i = 0; i < 4; i++) {
        diffusion_schedule *schedule;
        trained_times of;
        open_times(&of, &schedule, laws[i].schedule, laws[i].spec);
        assert_true(distance(&of, 3, DRAWS, laws[i].chance) < 2.2 / sqrt(DRAWS)); /* Kolmogorov's, 1 in 10^4 */
        close_times(&of, schedule);
    }
}

static void a_law_is_cut_off_where_the_schedule_ends(void **state)
{
    (void)state;
    diffusion_schedule *schedule;
    trained_times of;
    open_times(&of, &schedule, "log_snr steps=20 maximum=6 minimum=-2", "times=lognormal p_mean=-1 p_std=1.2 seed=2");
    double low = 20.0, high = 1.0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        const double t = times_draw(&of, 0, i, 0);
        low = fmin(low, t);
        high = fmax(high, t);
    }
    assert_true(low >= 1.0 && low < 1.05 && high <= 20.0 && high > 19.95);
    assert_true(low > 1.0 && high < 20.0); /* nothing is heaped up at the ends */
    close_times(&of, schedule);
}

static void check_refused(const char *schedule_spec, const char *model_spec, const char *spec, const char *sentence)
{
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_trainer *trainer = NULL;
    assert_ok(diffusion_schedule_create(&schedule, schedule_spec));
    assert_ok(diffusion_model_create(&model, model_spec, 1));
    assert_refused(diffusion_trainer_create(&trainer, model, schedule, spec), DIFFUSION_E_SPEC, sentence);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void a_law_that_means_nothing_is_refused(void **state)
{
    (void)state;
    check_refused("log_snr steps=20 maximum=2 minimum=-2", "mlp shape=2", "times=lognormal",
                  "times=lognormal: only 40 % of the normal law of mean -1.2 and deviation 1.2 lies between -1 and 1");
    check_refused("flow steps=2", "mlp shape=2 predict=flow", "times=logit_normal", "only 50 %");
    check_refused("flow steps=1", "mlp shape=2 predict=flow", "times=logit_normal", "only 0 %");
    check_refused("flow steps=1", "mlp shape=2 predict=flow", "times=continuous", "the schedule has 1 step");
    check_refused("cosine", "mlp shape=2", "objective=bound times=continuous", "objective=bound has no meaning");
    check_refused("cosine", "mlp shape=2 variance=learned", "objective=hybrid times=lognormal",
                  "objective=hybrid has no meaning; use simple");
    check_refused("cosine steps=5", "mlp shape=2 readout=steps steps=5", "times=continuous",
                  "has weights of each step's own");
    check_refused("cosine steps=5", "mlp shape=2 predict=perturbation variance=learned",
                  "objective=bound learn_schedule=yes times=importance", "learn_schedule=yes needs times=uniform");
    check_refused("cosine", "mlp shape=2", "times=weekly", "times=weekly, expected");
}

/* ---- importance ---- */

enum { STEPS = 3 };

/* Losses of step t: t, t + 1, ... */
static void add_losses(trained_times *of, int each)
{
    for (int32_t t = 1; t <= STEPS; t++)
        for (int i = 0; i < each; i++) {
            const double at = t, loss = t + i;
            loss_history_add(&of->history, &at, &loss, 1);
        }
}

static void importance_follows_the_root_mean_square_of_the_last_ten_losses(void **state)
{
    (void)state;
    diffusion_schedule *schedule;
    trained_times of;
    double root[STEPS], sum = 0.0, seen[STEPS + 1] = {0}, mean = 0.0;
    open_times(&of, &schedule, "cosine steps=3", "times=importance seed=4");
    add_losses(&of, 9);
    assert_false(loss_history_is_full(&of.history)); /* until then each step alike */
    assert_true(times_weight(&of, 2.0, 0) == 1.0);
    add_losses(&of, 13); /* the last ten remain: t + 3 .. t + 12 */
    for (int t = 1; t <= STEPS; t++) {
        double squares = 0.0;
        for (int i = 3; i < 13; i++)
            squares += (t + i) * (t + i);
        sum += root[t - 1] = sqrt(squares / 10.0);
    }
    for (uint64_t i = 0; i < DRAWS; i++)
        seen[(int)times_draw(&of, 1, i, 0)] += 1.0 / DRAWS;
    for (int t = 1; t <= STEPS; t++) {
        const double chance = 0.999 * root[t - 1] / sum + 0.001 / STEPS, weight = times_weight(&of, t, 0);
        assert_close(weight, 1.0 / (STEPS * chance), 1e-12, 0);
        assert_close(seen[t], chance, 0, 4.0 * sqrt(0.25 / DRAWS));
        assert_true(times_weight(&of, t, 1) == 1.0); /* a measure draws each step alike */
        mean += chance * weight / STEPS;
    }
    assert_close(mean, 1.0 / STEPS, 1e-12, 0);
    close_times(&of, schedule);
}

static void losses_of_any_size_leave_chances(void **state)
{
    (void)state;
    static const double sizes[] = {0.0, 1e-300, 1e300, -2.0};
    for (size_t k = 0; k < 4; k++) {
        diffusion_schedule *schedule;
        trained_times of;
        open_times(&of, &schedule, "cosine steps=3", "times=importance");
        for (int i = 0; i < 30; i++) {
            const double t = 1 + i % 3;
            loss_history_add(&of.history, &t, &sizes[k], 1);
        }
        for (int t = 1; t <= STEPS; t++)
            assert_close(times_weight(&of, t, 0), 1.0, 1e-12, 0);
        close_times(&of, schedule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_is_drawn_alike),
        cmocka_unit_test(antithetic_times_come_in_pairs),
        cmocka_unit_test(low_discrepancy_fills_the_law_in_every_batch),
        cmocka_unit_test(real_times_follow_their_laws),
        cmocka_unit_test(a_law_is_cut_off_where_the_schedule_ends),
        cmocka_unit_test(a_law_that_means_nothing_is_refused),
        cmocka_unit_test(importance_follows_the_root_mean_square_of_the_last_ten_losses),
        cmocka_unit_test(losses_of_any_size_leave_chances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
