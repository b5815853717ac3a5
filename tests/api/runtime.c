/* runtime.h, status.h and version.h: what belongs to the process or thread. */
#define _POSIX_C_SOURCE 200809L
#include "blocks.h"
#include "make.h"

#include <pthread.h>

static void the_library_says_which_it_is(void **state)
{
    (void)state;
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", DIFFUSION_VERSION_MAJOR, DIFFUSION_VERSION_MINOR,
             DIFFUSION_VERSION_PATCH);
    assert_string_equal(diffusion_version(), version);
}

static void every_status_has_its_name(void **state)
{
    (void)state;
    static const struct {
        diffusion_status status;
        const char *name;
    } names[] = {
        {0, "ok"},        {-10, "argument"}, {-11, "spec"},           {-12, "shape"},     {-13, "step"},
        {-14, "kernel"},  {-15, "name"},     {-16, "state"},          {-17, "label"},     {-20, "memory"},
        {-30, "io"},      {-31, "format"},   {-32, "content"},        {-40, "nonfinite"}, {1, "callback"},
        {-1, "callback"}, {-18, "callback"}, {INT32_MIN, "callback"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(diffusion_status_name(names[i].status), names[i].name);
}

static void *fail_in_another_thread(void *result)
{
    strcpy(result, diffusion_last_error()); /* nothing has failed here yet */
    (void)diffusion_set_threads(-5);
    strcat(result, diffusion_last_error());
    return NULL;
}

static void each_thread_has_its_own_last_error(void **state)
{
    (void)state;
    char result[256];
    pthread_t thread;
    assert_refused(diffusion_set_threads(1025), DIFFUSION_E_ARGUMENT, "set_threads: threads=1025, expected 0..1024");
    assert_int_equal(pthread_create(&thread, NULL, fail_in_another_thread, result), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(result, "set_threads: threads=-5, expected 0..1024");
    assert_string_equal(diffusion_last_error(), "set_threads: threads=1025, expected 0..1024");
}

static void a_success_leaves_the_last_error(void **state)
{
    (void)state;
    diffusion_schedule *schedule = NULL;
    assert_refused(diffusion_schedule_create(&schedule, "linaer"), DIFFUSION_E_SPEC, "did you mean 'linear'?");
    diffusion_schedule_free(make_schedule("linear"));
    assert_non_null(strstr(diffusion_last_error(), "did you mean 'linear'?"));
}

static void *ask_for_threads(void *count)
{
    int32_t *counts = count;
    counts[0] = diffusion_threads();
    (void)diffusion_set_threads(7);
    counts[1] = diffusion_threads();
    return NULL;
}

static void each_thread_has_its_own_count(void **state)
{
    (void)state;
    int32_t all = diffusion_threads(), other[2];
    pthread_t thread;
    assert_true(all >= 1);
    assert_ok(diffusion_set_threads(1024));
    assert_int_equal(diffusion_threads(), 1024);
    assert_int_equal(pthread_create(&thread, NULL, ask_for_threads, other), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(other[0], all);
    assert_int_equal(other[1], 7);
    assert_int_equal(diffusion_threads(), 1024);
    assert_ok(diffusion_set_threads(3));
    assert_int_equal(diffusion_set_threads(-1), DIFFUSION_E_ARGUMENT);
    assert_int_equal(diffusion_threads(), 3);
    assert_ok(diffusion_set_threads(0));
    assert_int_equal(diffusion_threads(), all);
}

/* A bit of everything, with more threads than tasks and than processors. */
static void use_the_library(void)
{
    float x0[6], out[6];
    make_numbers(x0, 6, 1);
    diffusion_schedule *schedule = make_schedule("linear steps=10");
    diffusion_model *model = make_model("mlp shape=2 width=4 depth=1 time_features=2", 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "");
    assert_ok(diffusion_trainer_step(trainer, x0, NULL, 3, NULL));
    diffusion_sampler *sampler = make_sampler(model, schedule, "ancestral");
    assert_ok(diffusion_sampler_run(sampler, NULL, 3, out));
    diffusion_evaluator *elbo = make_evaluator(model, schedule, "elbo");
    assert_ok(diffusion_evaluator_run(elbo, x0, NULL, 3));
    diffusion_evaluator_free(elbo);
    diffusion_condition *condition = make_labels((const int32_t[]){-1, -1, -1}, 3);
    assert_ok(diffusion_condition_set_vectors(condition, x0, 2));
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
}

static void all_memory_goes_through_the_hosts_allocator_and_back(void **state)
{
    (void)state;
    static block_counts blocks;
    blocks_use(&blocks);
    assert_ok(diffusion_set_threads(16));
    use_the_library();
    assert_ok(diffusion_set_threads(0));
    assert_true(blocks.asked > 50);
    assert_int_equal(blocks.live, 0);
    blocks_use(NULL);
    size_t asked = blocks.asked;
    use_the_library();
    assert_int_equal(blocks.asked, asked);
}

static void an_allocator_needs_both_halves(void **state)
{
    (void)state;
    static block_counts blocks;
    assert_refused(diffusion_set_allocator(blocks_allocate, NULL, &blocks), DIFFUSION_E_ARGUMENT,
                   "set_allocator: allocate and release must both be given, or both NULL");
    assert_refused(diffusion_set_allocator(NULL, blocks_release, &blocks), DIFFUSION_E_ARGUMENT, "set_allocator: ");
    use_the_library();
    assert_int_equal(blocks.asked, 0);
}

static void hear(const char *level, const char *message, void *user)
{
    assert_true(strcmp(level, "warning") == 0 || strcmp(level, "info") == 0);
    assert_null(strchr(message, '\n'));
    ++*(int *)user;
}

/* Nothing that the library does here deserves a warning; what is heard must have the documented form. */
static void a_log_may_be_set_and_taken_away(void **state)
{
    (void)state;
    int heard = 0, before;
    diffusion_set_log(hear, &heard);
    use_the_library();
    before = heard;
    diffusion_set_log(NULL, NULL);
    use_the_library();
    assert_int_equal(heard, before);
}

static void hear_text(const char *level, const char *message, void *user)
{
    (void)level;
    snprintf(user, 512, "%s", message);
}

/* The Haswell variant of this test, on a processor with AVX-512, is where it warns. */
static void slow_kernels_are_warned_of(void **state)
{
    (void)state;
    char heard[512] = "";
    int slow = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    slow = strcmp(diffusion_blas_core(), "Haswell") == 0 && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#endif
    diffusion_set_log(hear_text, heard);
    diffusion_set_log(NULL, NULL);
    assert_int_equal(strstr(heard, "OPENBLAS_CORETYPE=SKYLAKEX") != NULL, slow);
}

static void help_knows_every_topic_and_key(void **state)
{
    (void)state;
    static const char *const topics[][3] = {{"schedule", "cosine\n", "    zero_terminal_snr=no|yes"},
                                            {"model", "mlp\n", "    predict=epsilon|x0|v|mean|perturbation"},
                                            {"trainer", "Keys\n", "    ema=a number 0..0.99999999 (default 0.999)"},
                                            {"sampler", "ancestral\n", "    last=mean|model|forward"},
                                            {"evaluator", "elbo\n", "    edge=forward|model|discretized"}};
    char text[32768], cut[40];
    for (size_t i = 0; i < 5; i++) {
        size_t needed = 0;
        assert_ok(diffusion_help(topics[i][0], NULL, 0, &needed));
        assert_true(needed > 100 && needed < sizeof text);
        assert_ok(diffusion_help(topics[i][0], text, sizeof text, NULL));
        assert_int_equal(strlen(text) + 1, needed);
        assert_non_null(strstr(text, topics[i][1]));
        assert_non_null(strstr(text, topics[i][2]));
        memset(cut, '#', sizeof cut);
        assert_ok(diffusion_help(topics[i][0], cut, 20, &needed));
        assert_int_equal(strlen(cut), 19);
        assert_memory_equal(cut, text, 19);
        assert_int_equal(cut[20], '#');
        assert_int_equal(needed, strlen(text) + 1);
        assert_ok(diffusion_help(topics[i][0], cut, 1, NULL));
        assert_string_equal(cut, "");
    }
}

static void help_refuses_what_it_does_not_know(void **state)
{
    (void)state;
    char text[] = "as it was";
    size_t needed = 77;
    assert_refused(diffusion_help("trainers", text, sizeof text, &needed), DIFFUSION_E_NAME,
                   "help: unknown topic 'trainers', expected one of schedule, model, trainer, sampler, evaluator");
    assert_refused(diffusion_help(NULL, text, sizeof text, &needed), DIFFUSION_E_ARGUMENT, "help: topic is NULL");
    assert_refused(diffusion_help("model", NULL, 4, &needed), DIFFUSION_E_ARGUMENT, "help: text is NULL");
    assert_int_equal(needed, 77);
    assert_string_equal(text, "as it was");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_says_which_it_is),
        cmocka_unit_test(every_status_has_its_name),
        cmocka_unit_test(each_thread_has_its_own_last_error),
        cmocka_unit_test(a_success_leaves_the_last_error),
        cmocka_unit_test(each_thread_has_its_own_count),
        cmocka_unit_test(all_memory_goes_through_the_hosts_allocator_and_back),
        cmocka_unit_test(an_allocator_needs_both_halves),
        cmocka_unit_test(a_log_may_be_set_and_taken_away),
        cmocka_unit_test(slow_kernels_are_warned_of),
        cmocka_unit_test(help_knows_every_topic_and_key),
        cmocka_unit_test(help_refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
