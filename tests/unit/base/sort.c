/* Items in rising order, whatever order they came in. */
#include "test.h"

#include "base/sort.h"

#include <stdlib.h>

typedef struct item {
    uint32_t key;
    unsigned char rest[13];
} item;

static int compare(const void *a, const void *b)
{
    const uint32_t left = ((const item *)a)->key, right = ((const item *)b)->key;
    return left < right ? -1 : left > right;
}

/* Each with bytes of its own, which must follow it. */
static void any_order_of_any_count_comes_out_rising(void **state)
{
    (void)state;
    enum { MOST = 300 };
    static item items[MOST];
    for (size_t count = 0; count <= MOST; count++)
        for (uint32_t order = 0; order < 4; order++) {
            uint64_t sum = 0, sorted = 0;
            for (size_t i = 0; i < count; i++) {
                uint32_t at = (uint32_t)i;
                items[i].key = order == 0 ? at : order == 1 ? MOST - at : order == 2 ? at % 7 : at * 2654435761u % 101;
                memset(items[i].rest, (int)(items[i].key % 251), sizeof items[i].rest);
                sum += items[i].key;
            }
            sort_items(items, count, sizeof items[0], compare);
            for (size_t i = 0; i < count; i++) {
                assert_true(i == 0 || items[i - 1].key <= items[i].key);
                assert_int_equal(items[i].rest[12], items[i].key % 251);
                sorted += items[i].key;
            }
            assert_int_equal(sorted, sum);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_of_any_count_comes_out_rising),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
