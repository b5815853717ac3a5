#define _POSIX_C_SOURCE 200809L
#include "fault.h"

#include "model/condition.h"

enum { N = 3 };

static const int32_t labels[N] = {0, -1, 2}, others[N] = {1, 1, 1};
static const float vectors[2 * N] = {1, 2, 3, 4, 5, 6}, more[N] = {7, 8, 9};
static const uint8_t observed[N] = {1, 0, 1}, all[2 * N] = {1, 1, 1, 1, 1, 1};

/* Set twice: a setter that failed leaves what was set before. */
static diffusion_status conditions_that_are_set(void)
{
    diffusion_condition *condition = NULL;
    size_t width = 7;
    diffusion_status status = diffusion_condition_create(&condition, N);
    assert_true((condition == NULL) == (status != DIFFUSION_OK));
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_labels(condition, labels);
    if (status == DIFFUSION_OK && (status = diffusion_condition_set_labels(condition, others)) != DIFFUSION_OK)
        assert_memory_equal(diffusion_condition_labels(condition), labels, sizeof labels);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_vectors(condition, vectors, 2);
    if (status == DIFFUSION_OK && (status = diffusion_condition_set_vectors(condition, more, 1)) != DIFFUSION_OK) {
        assert_memory_equal(diffusion_condition_vectors(condition, &width), vectors, sizeof vectors);
        assert_int_equal(width, 2);
    }
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_observed(condition, observed, 1);
    if (status == DIFFUSION_OK && (status = diffusion_condition_set_observed(condition, all, 2)) != DIFFUSION_OK)
        assert_memory_equal(diffusion_condition_observed(condition), observed, sizeof observed);
    diffusion_condition_free(condition);
    return status;
}

static diffusion_status conditions_that_are_repeated(void)
{
    struct diffusion_condition *condition = NULL, *repeated = NULL;
    diffusion_status status = condition_create(&condition, N);
    if (status == DIFFUSION_OK)
        status = condition_set_labels(condition, labels);
    if (status == DIFFUSION_OK)
        status = condition_set_vectors(condition, vectors, 2);
    if (status == DIFFUSION_OK)
        status = condition_set_observed(condition, observed, 1);
    if (status == DIFFUSION_OK)
        status = condition_repeat(&repeated, condition, 4);
    assert_true((repeated == NULL) == (status != DIFFUSION_OK));
    condition_free(repeated);
    condition_free(condition);
    return status;
}

/* A vector that is refused leaves nothing behind. */
static diffusion_status vectors_that_are_refused(void)
{
    static const float broken[N] = {1, NAN, 3};
    diffusion_condition *condition = NULL;
    diffusion_status status = diffusion_condition_create(&condition, N);
    if (status == DIFFUSION_OK)
        status = diffusion_condition_set_vectors(condition, broken, 1);
    diffusion_condition_free(condition);
    return status == DIFFUSION_E_NONFINITE ? DIFFUSION_OK : status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(conditions_that_are_set),
        FAULT_SCENARIO(conditions_that_are_repeated),
        FAULT_SCENARIO(vectors_that_are_refused),
    };
    return cmocka_run_group_tests(tests, fault_enter, folder_leave);
}
