/* What diffusion.h says of callbacks: the handle whose call is running may be read, not used; other handles are free; a
 * free takes effect when the call ends; what a callback that does not return leaves. */
#define _DEFAULT_SOURCE

#include "blocks.h"
#include "make.h"

#include <setjmp.h>
#include <sys/wait.h>

enum { N = 70, DIM = 2, STEPS = 4 };

/* One sampler or evaluator at a time, with a callback that does `act`. */
static diffusion_schedule *schedule;
static diffusion_model *model;
static diffusion_sampler *sampler;
static diffusion_evaluator *evaluator;
static float data[N * DIM];
static uint8_t mask[N * DIM];
static int calls;
static void (*act)(void);

static int32_t on_progress(int64_t done, int64_t total, void *user)
{
    (void)done, (void)total, (void)user;
    calls++;
    act();
    return 0;
}

static int32_t on_noise(double *values, size_t count, int64_t sample, int32_t step, void *user)
{
    (void)user;
    for (size_t i = 0; i < count; i++)
        values[i] = 0.1 * (double)(i + 1) + 0.01 * (double)(sample % 7) - 0.02 * step;
    calls++;
    act();
    return 0;
}

static int32_t on_guidance(const double *x, double t, size_t n, double *gradient, void *user)
{
    (void)t, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        gradient[i] = -x[i];
    calls++;
    act();
    return 0;
}

static int32_t on_predict(const float *x, const double *time, const diffusion_condition *condition, size_t n,
                          float *out, void *user)
{
    (void)condition, (void)user;
    for (size_t i = 0; i < n * DIM; i++)
        out[i] = 0.5f * x[i] + 0.1f * (float)time[i / DIM];
    calls++;
    act();
    return 0;
}

static void do_nothing(void)
{
}

static void make_sampler_of(const char *spec)
{
    model = make_callback("shape=2", on_predict, NULL);
    sampler = make_sampler(model, schedule, spec);
    assert_ok(diffusion_sampler_set_progress(sampler, on_progress, NULL));
    assert_ok(diffusion_sampler_set_noise(sampler, on_noise, NULL));
    assert_ok(diffusion_sampler_set_guidance(sampler, on_guidance, NULL));
}

static void make_evaluator_of(const char *spec)
{
    model = make_callback("shape=2", on_predict, NULL);
    evaluator = make_evaluator(model, schedule, spec);
    if (strncmp(spec, "elbo", 4) != 0)
        assert_ok(diffusion_evaluator_set_reference(evaluator, data, N, DIM));
    else
        assert_ok(diffusion_evaluator_set_noise(evaluator, on_noise, NULL));
    assert_ok(diffusion_evaluator_set_progress(evaluator, on_progress, NULL));
}

static void free_both(void)
{
    diffusion_sampler_free(sampler);
    diffusion_evaluator_free(evaluator);
    diffusion_model_free(model);
    sampler = NULL;
    evaluator = NULL;
    model = NULL;
}

/* A run whose callbacks do `what` comes to the bits of one whose callbacks do nothing. */
static void check_sampler(void (*what)(void))
{
    static const char *const specs[] = {"ancestral", "ancestral steps=2 clip=1"};
    float truth[N * DIM], x0[N * DIM];
    for (size_t i = 0; i < 2; i++) {
        act = do_nothing;
        make_sampler_of(specs[i]);
        assert_ok(diffusion_sampler_run(sampler, NULL, N, truth));
        free_both();
        make_sampler_of(specs[i]);
        act = what;
        calls = 0;
        assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
        assert_true(calls > N);
        act = do_nothing;
        assert_same(x0, truth, sizeof truth);
        free_both();
    }
}

static void check_evaluator(void (*what)(void))
{
    static const char *const specs[][2] = {
        {"elbo edge=model", "k_bits"},  {"elbo dequantize=0.1", "k_bits"},
        {"parzen", "log_density_bits"}, {"sliced_wasserstein", "distance"},
        {"mmd", "mmd_squared"},         {"two_sample", "accuracy"},
        {"nearest", "mean_distance"},
    };
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        const char *figure_of = specs[i][1];
        double truth, got;
        act = do_nothing;
        make_evaluator_of(specs[i][0]);
        assert_ok(diffusion_evaluator_run(evaluator, data, NULL, N));
        truth = figure(evaluator, figure_of);
        act = what;
        calls = 0;
        assert_ok(diffusion_evaluator_run(evaluator, data, NULL, N));
        assert_true(calls > 0);
        act = do_nothing;
        got = figure(evaluator, figure_of);
        assert_same(&got, &truth, sizeof got);
        free_both();
    }
}

/* ---- the handle itself ---- */

#define REFUSED(call) assert_refused(call, DIFFUSION_E_STATE, "a call of this handle has not returned")

static void use_the_sampler(void)
{
    float x[N * DIM];
    double t = -1;
    REFUSED(diffusion_sampler_run(sampler, NULL, 1, x));
    REFUSED(diffusion_sampler_begin(sampler, NULL, 1));
    REFUSED(diffusion_sampler_step(sampler));
    REFUSED(diffusion_sampler_set_start(sampler, data, 1));
    REFUSED(diffusion_sampler_set_start_double(sampler, (const double[DIM]){0}, 1));
    REFUSED(diffusion_sampler_set_known(sampler, data, mask, 1));
    REFUSED(diffusion_sampler_set_observed(sampler, data, 0.5, 1));
    REFUSED(diffusion_sampler_set_guidance(sampler, NULL, NULL));
    REFUSED(diffusion_sampler_set_noise(sampler, NULL, NULL));
    REFUSED(diffusion_sampler_set_progress(sampler, NULL, NULL));
    assert_non_null(diffusion_sampler_spec(sampler));
    if (diffusion_sampler_state(sampler, x, &t) == DIFFUSION_OK)
        assert_true(t >= 0 && t <= STEPS);
}

static void use_the_evaluator(void)
{
    double terms[STEPS];
    REFUSED(diffusion_evaluator_run(evaluator, data, NULL, 1));
    REFUSED(diffusion_evaluator_set_reference(evaluator, data, 1, DIM));
    REFUSED(diffusion_evaluator_set_noise(evaluator, NULL, NULL));
    REFUSED(diffusion_evaluator_set_progress(evaluator, NULL, NULL));
    assert_non_null(diffusion_evaluator_spec(evaluator));
    (void)diffusion_evaluator_terms(evaluator, terms, NULL);
}

static void a_callback_may_read_its_handle_and_not_use_it(void **state)
{
    (void)state;
    check_sampler(use_the_sampler);
    check_evaluator(use_the_evaluator);
}

static void a_call_of_one_step_is_guarded_too(void **state)
{
    (void)state;
    make_sampler_of("ancestral");
    act = use_the_sampler;
    assert_ok(diffusion_sampler_begin(sampler, NULL, N));
    assert_ok(diffusion_sampler_step(sampler));
    act = do_nothing;
    assert_ok(diffusion_sampler_set_known(sampler, data, mask, N)); /* between calls it is free */
    free_both();
}

static block_counts blocks;

static void a_handle_freed_in_its_call_goes_when_the_call_ends(void **state)
{
    (void)state;
    check_sampler(free_both);
    float out[N * DIM];
    double time[N];
    for (size_t i = 0; i < N; i++)
        time[i] = 1;
    const size_t before = atomic_load(&blocks.live);
    make_evaluator_of("elbo");
    act = free_both;
    assert_ok(diffusion_evaluator_run(evaluator, data, NULL, N));
    model = make_callback("shape=2", on_predict, NULL);
    assert_ok(diffusion_model_forward(model, data, time, NULL, N, out));
    assert_null(model);
    act = do_nothing;
    assert_int_equal(atomic_load(&blocks.live), before);
}

/* ---- other handles, and the thread's own settings ---- */

static void use_others(void)
{
    static int depth;
    float x[DIM];
    if (depth > 0)
        return;
    depth++;
    diffusion_schedule *steps = make_schedule("linear steps=3");
    diffusion_model *net = make_model("mlp shape=2 width=4 depth=1", 1);
    diffusion_trainer *trainer = make_trainer(net, steps, "");
    diffusion_sampler *other = make_sampler(sampler != NULL ? model : net, steps, "ancestral");
    assert_ok(diffusion_trainer_step(trainer, data, NULL, N, NULL));
    assert_ok(diffusion_sampler_run(other, NULL, 1, x));
    diffusion_sampler_free(other);
    diffusion_trainer_free(trainer);
    diffusion_model_free(net);
    diffusion_schedule_free(steps);
    depth--;
}

static void other_handles_are_free_in_a_callback(void **state)
{
    (void)state;
    check_sampler(use_others);
    check_evaluator(use_others);
}

static void set_other_threads(void)
{
    static int32_t threads = 1;
    threads = threads % 7 + 2;
    assert_ok(diffusion_set_threads(threads));
}

/* A network and rows enough that a loop has work for several. */
static void check_threads_of(const char *spec, const char *quantity)
{
    enum { MANY = 300, WIDE = 64 };
    static float many[MANY * WIDE];
    double figures[2];
    diffusion_model *net = make_model("mlp shape=64 width=8 depth=1", 1);
    make_numbers(many, MANY * WIDE, 9);
    for (int i = 0; i < 2; i++) {
        assert_ok(diffusion_set_threads(1));
        act = i == 0 ? do_nothing : set_other_threads;
        evaluator = make_evaluator(net, schedule, spec);
        assert_ok(diffusion_evaluator_set_progress(evaluator, on_progress, NULL));
        if (strncmp(spec, "elbo", 4) != 0)
            assert_ok(diffusion_evaluator_set_reference(evaluator, many, MANY, WIDE));
        assert_ok(diffusion_evaluator_run(evaluator, many, NULL, MANY));
        figures[i] = figure(evaluator, quantity);
        free_both();
    }
    assert_same(&figures[1], &figures[0], sizeof figures[0]);
    diffusion_model_free(net);
}

static void the_number_of_threads_may_change_in_a_callback(void **state)
{
    (void)state;
    check_threads_of("elbo draws=4 edge=model", "k_bits");
    check_threads_of("parzen", "log_density_bits");
    check_threads_of("sliced_wasserstein", "distance");
    check_threads_of("mmd", "mmd_squared");
    assert_ok(diffusion_set_threads(1));
    check_sampler(set_other_threads);
    assert_ok(diffusion_set_threads(0));
}

/* ---- callbacks that fork, or do not return ---- */

static pid_t child;

static void fork_once(void)
{
    if (child == -1 && (child = fork()) == 0)
        alarm(60);
}

/* Both go on, to the same bits; the child ends as a program does. */
static void a_callback_may_fork(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__)
    skip(); /* no threads in a forked child */
#endif
    float truth[N * DIM], x0[N * DIM];
    int status;
    act = do_nothing;
    make_sampler_of("ancestral");
    assert_ok(diffusion_sampler_run(sampler, NULL, N, truth));
    child = -1;
    act = fork_once;
    diffusion_status ran = diffusion_sampler_run(sampler, NULL, N, x0);
    act = do_nothing;
    const int same = ran == DIFFUSION_OK && memcmp(x0, truth, sizeof truth) == 0;
#if defined(__SANITIZE_ADDRESS__)
    if (child == 0)
        _exit(same ? 10 : 11); /* its leak checker asks what became of the parent's threads */
#endif
    if (child == 0)
        exit(same ? 10 : 11);
    assert_ok(ran);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 10);
    assert_same(x0, truth, sizeof truth);
    free_both();
}

static jmp_buf out_of_it;

static void jump(void)
{
    longjmp(out_of_it, 1);
}

/* What it held is lost; static, so that a leak checker sees that this is known. */
static void a_jump_through_a_call_leaves_a_handle_that_refuses(void **state)
{
    (void)state;
    static diffusion_sampler *left;
    float x0[N * DIM];
    act = jump;
    make_sampler_of("ancestral");
    left = sampler;
    if (setjmp(out_of_it) == 0) {
        (void)diffusion_sampler_run(left, NULL, N, x0);
        fail_msg("the callback returned");
    }
    act = do_nothing;
    REFUSED(diffusion_sampler_run(left, NULL, N, x0));
    diffusion_sampler_free(left);
    sampler = NULL;
    free_both();
    use_others();
    make_sampler_of("ancestral");
    assert_ok(diffusion_sampler_run(sampler, NULL, N, x0));
    free_both();
}

static int set_up(void **state)
{
    (void)state;
    blocks_use(&blocks);
    make_numbers(data, N * DIM, 3);
    memset(mask, 1, sizeof mask);
    schedule = make_schedule("linear steps=4 beta_start=0.05 beta_end=0.5");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    diffusion_schedule_free(schedule);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callback_may_read_its_handle_and_not_use_it),
        cmocka_unit_test(a_call_of_one_step_is_guarded_too),
        cmocka_unit_test(a_handle_freed_in_its_call_goes_when_the_call_ends),
        cmocka_unit_test(other_handles_are_free_in_a_callback),
        cmocka_unit_test(the_number_of_threads_may_change_in_a_callback),
        cmocka_unit_test(a_callback_may_fork),
        cmocka_unit_test(a_jump_through_a_call_leaves_a_handle_that_refuses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
