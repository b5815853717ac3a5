/* Conditions of data: what is kept, repeated for particles and draws, and cut into chunks. */
#include "make.h"

#include "model/condition.h"

enum { N = 3, WIDTH = 2, DIM = 4 };

static const int32_t labels[N] = {4, -1, 2};
static const float vectors[N * WIDTH] = {1, 2, 3, 4, 5, 6};
static const uint8_t observed[N * DIM] = {1, 0, 0, 1, 0, 0, 0, 0, 255, 1, 1, 0};

static diffusion_condition *full(void)
{
    diffusion_condition *condition = make_condition(N);
    assert_ok(diffusion_condition_set_labels(condition, labels));
    assert_ok(diffusion_condition_set_vectors(condition, vectors, WIDTH));
    assert_ok(diffusion_condition_set_observed(condition, observed, DIM));
    return condition;
}

static void what_is_set_is_copied_and_can_be_removed(void **state)
{
    (void)state;
    diffusion_condition *condition = full();
    size_t width;
    assert_int_equal(diffusion_condition_count(condition), N);
    assert_ptr_not_equal(diffusion_condition_labels(condition), labels);
    assert_memory_equal(diffusion_condition_labels(condition), labels, sizeof labels);
    assert_memory_equal(diffusion_condition_vectors(condition, &width), vectors, sizeof vectors);
    assert_int_equal(width, WIDTH);
    assert_memory_equal(diffusion_condition_observed(condition), observed, sizeof observed);
    assert_ok(diffusion_condition_set_labels(condition, NULL));
    assert_ok(diffusion_condition_set_vectors(condition, NULL, 17));
    assert_ok(diffusion_condition_set_observed(condition, NULL, 17));
    assert_null(diffusion_condition_labels(condition));
    assert_null(diffusion_condition_vectors(condition, &width));
    assert_int_equal(width, 0);
    assert_null(diffusion_condition_observed(condition));
    diffusion_condition_free(condition);
}

static void every_row_is_repeated_in_place(void **state)
{
    (void)state;
    enum { TIMES = 5 };
    diffusion_condition *condition = full(), *repeated, *none = condition;
    assert_ok(condition_repeat(&repeated, condition, TIMES));
    assert_int_equal(repeated->n, N * TIMES);
    assert_true(repeated->width == WIDTH && repeated->dim == DIM);
    for (size_t i = 0; i < N * TIMES; i++) {
        assert_int_equal(repeated->labels[i], labels[i / TIMES]);
        assert_memory_equal(repeated->vectors + i * WIDTH, vectors + i / TIMES * WIDTH, WIDTH * sizeof *vectors);
        assert_memory_equal(repeated->observed + i * DIM, observed + i / TIMES * DIM, DIM);
    }
    condition_free(repeated);
    assert_ok(condition_repeat(&none, NULL, TIMES));
    assert_null(none);
    diffusion_condition_free(condition);
}

static void rows_share_the_memory_of_the_whole(void **state)
{
    (void)state;
    diffusion_condition *condition = full(), *bare = make_condition(N);
    const struct diffusion_condition rows = condition_rows(condition, 1, 2), nothing = condition_rows(bare, 1, 2);
    assert_int_equal(rows.n, 2);
    assert_ptr_equal(rows.labels, condition->labels + 1);
    assert_ptr_equal(rows.vectors, condition->vectors + WIDTH);
    assert_ptr_equal(rows.observed, condition->observed + DIM);
    assert_true(nothing.n == 2 && nothing.labels == NULL && nothing.vectors == NULL && nothing.observed == NULL);
    diffusion_condition_free(condition);
    diffusion_condition_free(bare);
}

static void sizes_that_cannot_be_addressed_are_refused(void **state)
{
    (void)state;
    diffusion_condition *condition = make_condition(SIZE_MAX / 2), *none = NULL;
    assert_refused(diffusion_condition_set_labels(condition, labels), DIFFUSION_E_MEMORY, "cannot be addressed");
    assert_refused(diffusion_condition_set_vectors(condition, vectors, SIZE_MAX / 2), DIFFUSION_E_MEMORY,
                   "cannot be addressed");
    assert_refused(diffusion_condition_set_observed(condition, observed, 3), DIFFUSION_E_MEMORY, "cannot be addressed");
    assert_null(diffusion_condition_labels(condition));
    diffusion_condition_free(condition);
    condition = full();
    assert_refused(condition_repeat(&none, condition, SIZE_MAX), DIFFUSION_E_MEMORY, "cannot be addressed");
    assert_null(none);
    diffusion_condition_free(condition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_is_copied_and_can_be_removed),
        cmocka_unit_test(every_row_is_repeated_in_place),
        cmocka_unit_test(rows_share_the_memory_of_the_whole),
        cmocka_unit_test(sizes_that_cannot_be_addressed_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
