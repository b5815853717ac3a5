/* Each kind of call, those that fail too, leaves the host as it was and prints nothing. */
#define _GNU_SOURCE /* RTLD_DEFAULT, fegetexcept */

#include "guest.h"
#include "host_state.h"

enum { N = 40, DIM = 64 };

static float x0[N * DIM], noise[N * DIM], out[4 * N * DIM];
static int32_t steps_of[N];
static double times[N], wide[N], result[N];

static diffusion_status fail_in_many_ways(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    int failed = diffusion_model_create(&model, "mlp shape=2 wdth=4", 1) == DIFFUSION_E_SPEC &&
                 diffusion_model_load(&model, "nosuch/file") == DIFFUSION_E_IO &&
                 diffusion_model_load_memory(&model, "12345678", 8) == DIFFUSION_E_FORMAT &&
                 diffusion_trainer_resume(&trainer, ".") == DIFFUSION_E_IO &&
                 diffusion_schedule_create(&schedule, "linear steps=0,5") == DIFFUSION_E_SPEC &&
                 diffusion_set_threads(-1) == DIFFUSION_E_ARGUMENT;
    return failed ? DIFFUSION_OK : DIFFUSION_E_STATE;
}

static diffusion_status use_process(void)
{
    diffusion_schedule *schedule = NULL;
    diffusion_status status = diffusion_schedule_create(&schedule, "cosine steps=4");
    if (status == DIFFUSION_OK)
        status = diffusion_forward_sample(schedule, steps_of, x0, noise, N, DIM, out);
    if (status == DIFFUSION_OK)
        status = diffusion_forward_trajectory(schedule, x0, noise, 1, DIM, out);
    if (status == DIFFUSION_OK)
        status = diffusion_marginal(schedule, 2, wide, N, result, times);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status use_files(void)
{
    diffusion_model *model = NULL, *other = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_status status = diffusion_model_create(&model, guest_models[0], 1);
    if (status == DIFFUSION_OK)
        status = diffusion_schedule_create(&schedule, "linear steps=4");
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_create(&trainer, model, schedule, "ema=0.9");
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_save(trainer, "leaves.safetensors");
    diffusion_trainer_free(trainer);
    trainer = NULL;
    if (status == DIFFUSION_OK)
        status = diffusion_trainer_resume(&trainer, "leaves.safetensors");
    if (status == DIFFUSION_OK)
        status = diffusion_model_save(model, "leaves.safetensors");
    if (status == DIFFUSION_OK)
        status = diffusion_model_load(&other, "leaves.safetensors");
    unlink("leaves.safetensors");
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_model_free(other);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status use_evaluators(void)
{
    diffusion_model *model = NULL;
    diffusion_schedule *schedule = NULL;
    diffusion_evaluator *elbo = NULL, *parzen = NULL;
    diffusion_status status = diffusion_model_create(&model, guest_models[0], 1);
    if (status == DIFFUSION_OK)
        status = diffusion_schedule_create(&schedule, "linear steps=4");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_create(&elbo, model, schedule, "elbo");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(elbo, x0, NULL, N);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_create(&parzen, NULL, NULL, "parzen");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_set_reference(parzen, x0, N, DIM);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(parzen, noise, NULL, N);
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(parzen);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

static diffusion_status use_networks(void)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < GUEST_MODELS && status == DIFFUSION_OK; i++)
        status = guest_use(guest_models[i], 2, out);
    return status;
}

static diffusion_status use_log(void)
{
    char text[64];
    size_t needed;
    diffusion_set_log(NULL, NULL);
    (void)diffusion_blas_core();
    return diffusion_help("model", text, sizeof text, &needed);
}

static const struct {
    const char *name;
    diffusion_status (*use)(void);
} kinds[] = {
    {"failing calls", fail_in_many_ways},    {"the process", use_process},   {"files", use_files},
    {"training and sampling", use_networks}, {"evaluators", use_evaluators}, {"texts", use_log},
};

static void calls_leave_the_host_as_it_was_and_print_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const host_state before = host_now();
        host_prints prints = host_listen();
        diffusion_status status = kinds[i].use();
        off_t printed = host_heard(&prints);
        if (status != DIFFUSION_OK)
            fail_msg("%s: %s", kinds[i].name, diffusion_last_error());
        host_assert_unchanged(&before, kinds[i].name);
        if (printed != 0)
            fail_msg("%s printed %ld bytes", kinds[i].name, (long)printed);
    }
}

/* The same where the host has settings of its own. */
static void a_hosts_own_settings_stay(void **state)
{
    (void)state;
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    assert_int_equal(sigprocmask(SIG_BLOCK, &usr1, NULL), 0);
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR && signal(SIGINT, SIG_IGN) != SIG_ERR);
    umask(027);
    assert_int_equal(fesetround(FE_UPWARD), 0);
    calls_leave_the_host_as_it_was_and_print_nothing(state);
    assert_int_equal(fesetround(FE_TONEAREST), 0);
}

static int fill(void **state)
{
    (void)state;
    make_numbers(x0, N * DIM, 1);
    make_numbers(noise, N * DIM, 2);
    for (size_t i = 0; i < N; i++) {
        steps_of[i] = 1 + (int32_t)(i % 4);
        wide[i] = 0.1 * (double)i;
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_leave_the_host_as_it_was_and_print_nothing),
        cmocka_unit_test(a_hosts_own_settings_stay),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
