#define _POSIX_C_SOURCE 200809L
#include "fault.h"

enum { M = 3, N = 2, DIM = 2 };

static const float samples[M * DIM] = {1, 0, 0, 0, 1, 1}, data[N * DIM] = {0.5f, 0, 1, 0.25f};

/* A reference or a run that failed leaves those before; bandwidth=0 chooses one. */
static diffusion_status measure(const char *spec)
{
    diffusion_evaluator *evaluator = NULL;
    double bits[N] = {-1, -1}, kept[N], bandwidth = -1;
    diffusion_status status = diffusion_evaluator_create(&evaluator, NULL, NULL, spec);
    assert_true((evaluator == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_set_reference(evaluator, samples, M, DIM);
    if (status == DIFFUSION_OK) {
        status = diffusion_evaluator_run(evaluator, data, NULL, N);
        if (status == DIFFUSION_OK || diffusion_evaluator_run(evaluator, data, NULL, N) == DIFFUSION_OK) {
            assert_ok(diffusion_evaluator_samples(evaluator, bits, NULL, N));
            assert_true(isfinite(bits[0]) && isfinite(bits[1]));
        }
    }
    if (status == DIFFUSION_OK) {
        status = diffusion_evaluator_set_reference(evaluator, samples, 1, DIM);
        if (status != DIFFUSION_OK && diffusion_evaluator_run(evaluator, data, NULL, N) == DIFFUSION_OK) {
            assert_ok(
                diffusion_evaluator_samples(evaluator, kept, NULL, N)); /* against the three that were set before */
            assert_true(kept[0] == bits[0] && kept[1] == bits[1]);
        }
    }
    if (evaluator != NULL && status == DIFFUSION_OK) {
        assert_ok(diffusion_evaluator_value(evaluator, "bandwidth", &bandwidth));
        assert_true(bandwidth > 0);
    }
    diffusion_evaluator_free(evaluator);
    return status;
}

static diffusion_status log_densities(void)
{
    return measure("parzen bandwidth=0.5");
}

static diffusion_status a_bandwidth(void)
{
    return measure("parzen minimum=0.01 maximum=10");
}

static int leave(void **state)
{
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(log_densities),
        FAULT_SCENARIO(a_bandwidth),
    };
    return cmocka_run_group_tests(tests, fault_enter, leave);
}
