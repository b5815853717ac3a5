#include "base/size.h"
#include "blocks.h"

#include "base/memory.h"

static void memory_is_aligned_and_zero(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 63, 64, 65, 1000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *dirty = memory_allocate(sizes[i], 1);
        memset(dirty, 0xff, sizes[i]);
        memory_release(dirty);
        unsigned char *clean = memory_allocate(sizes[i], 1);
        assert_int_equal((uintptr_t)clean % 64, 0);
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(clean[j], 0);
        memory_release(clean);
    }
    memory_release(NULL);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    size_t product = 7;
    assert_null(memory_allocate(SIZE_MAX / 2, 3));
    assert_non_null(strstr(diffusion_last_error(), "more than can be addressed"));
    assert_null(memory_allocate(SIZE_MAX - 8, 1));
    assert_false(size_multiply(&product, SIZE_MAX / 2 + 1, 2));
    assert_int_equal(product, 7);
    assert_true(size_multiply(&product, SIZE_MAX / 2, 2) && product == SIZE_MAX - 1);
    assert_true(size_multiply(&product, SIZE_MAX, 0) && product == 0);
}

static void memory_comes_from_the_hosts_allocator_and_goes_back(void **state)
{
    (void)state;
    block_counts blocks = {0};
    blocks_use(&blocks);
    double *values = memory_allocate(10, sizeof *values);
    char *text = memory_text("a copy");
    assert_string_equal(text, "a copy");
    assert_true(blocks.live == 2 && blocks.asked == 2 && blocks.largest >= 80);
    memory_release(values);
    memory_release(text);
    assert_true(blocks.live == 0);
    blocks_count_from_here(&blocks, 1, 2);
    assert_null(memory_allocate(10, 100));
    assert_non_null(strstr(diffusion_last_error(), "memory: 1000 bytes could not be allocated"));
    assert_null(memory_text("another"));
    assert_true(blocks.live == 0);
    blocks_use(NULL);
}

static void half_an_allocator_is_refused(void **state)
{
    (void)state;
    assert_refused(diffusion_set_allocator(blocks_allocate, NULL, NULL), DIFFUSION_E_ARGUMENT, "must both be given");
    assert_refused(diffusion_set_allocator(NULL, blocks_release, NULL), DIFFUSION_E_ARGUMENT, "must both be given");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_aligned_and_zero),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(memory_comes_from_the_hosts_allocator_and_goes_back),
        cmocka_unit_test(half_an_allocator_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
