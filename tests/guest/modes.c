/* Hosts with another rounding mode, or that flush denormal numbers to zero: all works, the library's threads calculate
 * as their caller does, so that the bits are the same for any number of them, and nothing of it stays. */
#include "guest.h"

#include <fenv.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { N = 40, DIM = 64 };

/* Everything that is not a network pass too. */
static diffusion_status use_rest(double *k, double *density)
{
    static float x0[N * DIM];
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_evaluator *elbo = NULL, *parzen = NULL;
    make_numbers(x0, N * DIM, 1);
    diffusion_status status = diffusion_schedule_create(&schedule, "cosine steps=5");
    if (status == DIFFUSION_OK)
        status = diffusion_model_create(&model, "mlp shape=64 width=16 depth=1 variance=learned_range", 1);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_create(&elbo, model, schedule, "elbo seed=3 edge=model dequantize=0.01");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(elbo, x0, NULL, N);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_value(elbo, "k_bits", k);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_create(&parzen, NULL, NULL, "parzen");
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_set_reference(parzen, x0, N / 2, DIM);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(parzen, x0 + N / 2 * DIM, NULL, N / 2);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_value(parzen, "log_density_bits", density);
    diffusion_evaluator_free(elbo);
    diffusion_evaluator_free(parzen);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return status;
}

/* Saved and loaded under the mode: the same bits. */
static void check_file(void)
{
    diffusion_model *model = make_model("mlp shape=2 width=8 depth=1", 1), *back = NULL;
    size_t needed;
    fill_weights(model, 5);
    assert_ok(diffusion_model_save_memory(model, NULL, 0, &needed));
    void *bytes = malloc(needed);
    assert_non_null(bytes);
    assert_ok(diffusion_model_save_memory(model, bytes, needed, NULL));
    assert_ok(diffusion_model_load_memory(&back, bytes, needed));
    float *sent = model_weights(model), *got = model_weights(back);
    assert_same(got, sent, model_parameters(model) * sizeof *got);
    free(sent);
    free(got);
    free(bytes);
    diffusion_model_free(model);
    diffusion_model_free(back);
}

typedef struct figures {
    float *networks;
    double k, density;
} figures;

static figures measure(void)
{
    figures of;
    of.networks = guest_truth();
    assert_ok(diffusion_set_threads(1));
    assert_ok(use_rest(&of.k, &of.density));
    return of;
}

static void check_threads(const figures *truth)
{
    double k, density;
    assert_true(guest_agrees(truth->networks, 3));
    assert_ok(use_rest(&k, &density));
    assert_same(&k, &truth->k, sizeof k);
    assert_same(&density, &truth->density, sizeof density);
}

/* In the mode that is set. */
static void check_mode(const figures *nearest)
{
    figures here = measure();
    check_threads(&here);
    check_file();
    assert_close(here.k, nearest->k, 1e-3, 0);
    assert_close(here.density, nearest->density, 1e-3, 0);
    for (size_t i = 0; i < GUEST_MODELS * GUEST_SIZE; i++)
        assert_close((double)here.networks[i], (double)nearest->networks[i], 0.02, 0.02);
    free(here.networks);
}

static void rounding_modes_are_the_callers(void **state)
{
    const figures *nearest = *state;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    static const int modes[] = {FE_UPWARD}; /* the others would take a minute */
#else
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
#endif
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(fesetround(modes[i]), 0);
        check_mode(nearest);
        assert_int_equal(fegetround(), modes[i]);
    }
    assert_int_equal(fesetround(FE_TONEAREST), 0);
    check_threads(nearest);
}

static void flushing_denormals_is_the_callers(void **state)
{
    const figures *nearest = *state;
#if defined(__x86_64__)
    const unsigned before = _mm_getcsr(), flushing = before | _MM_FLUSH_ZERO_ON | 0x40; /* and denormals are zeros */
    _mm_setcsr(flushing);
    check_mode(nearest);
    assert_int_equal(_mm_getcsr() & ~0x3fu, flushing & ~0x3fu);
    _mm_setcsr(before);
    check_threads(nearest);
#else
    (void)nearest;
    skip();
#endif
}

static int set_up(void **state)
{
    static figures nearest;
    nearest = measure();
    *state = &nearest;
    return 0;
}

static int tear_down(void **state)
{
    free(((figures *)*state)->networks);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding_modes_are_the_callers),
        cmocka_unit_test(flushing_denormals_is_the_callers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
