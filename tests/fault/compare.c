#define _POSIX_C_SOURCE 200809L
#include "fault.h"

enum { M = 5, N = 4, DIM = 2 };

static const float data[M * DIM] = {1, 0, 0, 0, 1, 1, 3, 2, 2, 5};
static const float samples[N * DIM] = {0.5f, 0, 1, 0.25f, 2, 2, -1, 4};

/* A run that failed leaves the figures of the one before. */
static diffusion_status compare(const char *spec, const char *quantity)
{
    diffusion_evaluator *evaluator = NULL;
    double first = -1, second = -1;
    int64_t rows[N];
    diffusion_status status = diffusion_evaluator_create(&evaluator, NULL, NULL, spec);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_set_reference(evaluator, data, M, DIM);
    if (status == DIFFUSION_OK)
        status = diffusion_evaluator_run(evaluator, samples, NULL, N);
    if (status == DIFFUSION_OK) {
        assert_ok(diffusion_evaluator_value(evaluator, quantity, &first));
        status = diffusion_evaluator_run(evaluator, samples, NULL, N - 1);
        assert_ok(diffusion_evaluator_value(evaluator, quantity, &second));
        assert_true(isfinite(first) && (status == DIFFUSION_OK || second == first));
        if (strcmp(spec, "nearest") == 0)
            assert_ok(diffusion_evaluator_neighbours(evaluator, rows, status == DIFFUSION_OK ? N - 1 : N));
    }
    diffusion_evaluator_free(evaluator);
    return status;
}

static diffusion_status directions(void)
{
    return compare("sliced_wasserstein projections=40", "distance");
}

static diffusion_status kernels(void)
{
    return compare("mmd", "mmd_squared");
}

static diffusion_status two_samples(void)
{
    return compare("two_sample", "accuracy");
}

static diffusion_status nearest_rows(void)
{
    return compare("nearest", "median_distance");
}

static int leave(void **state)
{
    return fault_blocks.live == 0 ? folder_leave(state) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(directions),
        FAULT_SCENARIO(kernels),
        FAULT_SCENARIO(two_samples),
        FAULT_SCENARIO(nearest_rows),
    };
    return cmocka_run_group_tests(tests, fault_enter, leave);
}
