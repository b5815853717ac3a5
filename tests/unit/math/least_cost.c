/* Paths of least cost against all paths there are. */
#include "test.h"

#include "math/least_cost.h"

enum { LAST = 9 };

static double cost[LAST * (LAST + 1) / 2];

static double sum_of(const int32_t *path, int32_t jumps)
{
    double sum = 0.0;
    for (int32_t k = 0; k < jumps; k++)
        sum += cost[least_cost_place(path[k], path[k + 1])];
    return sum;
}

/* Of all ways from `from` to LAST in so many jumps. */
static double least_of_all(int32_t from, int32_t jumps)
{
    double least = INFINITY;
    if (jumps == 1)
        return cost[least_cost_place(from, LAST)];
    for (int32_t next = from + 1; next < LAST; next++)
        least = fmin(least, cost[least_cost_place(from, next)] + least_of_all(next, jumps - 1));
    return least;
}

static void check_all(void)
{
    for (int32_t jumps = 1; jumps <= LAST; jumps++) {
        int32_t path[LAST + 1];
        double total = -1.0;
        assert_ok(least_cost_path(path, &total, cost, LAST, jumps));
        assert_int_equal(path[0], 0);
        assert_int_equal(path[jumps], LAST);
        for (int32_t k = 0; k < jumps; k++)
            assert_true(path[k] < path[k + 1]);
        assert_close(total, least_of_all(0, jumps), 1e-14, 0.0);
        assert_close(sum_of(path, jumps), total, 1e-14, 0.0);
    }
}

static void paths_are_the_cheapest_of_all(void **state)
{
    (void)state;
    uint32_t random = 5;
    assert_int_equal(least_cost_size(LAST), sizeof cost / sizeof cost[0]);
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < least_cost_size(LAST); i++) {
            random = random * 1664525u + 1013904223u;
            cost[i] = (double)(random >> 8) * 0x1p-20 - 3.0; /* some below 0 */
        }
        check_all();
    }
}

static void jumps_that_cannot_be_are_avoided_where_there_is_a_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < least_cost_size(LAST); i++)
        cost[i] = i % 3 == 0 ? INFINITY : (double)i;
    check_all();
    for (size_t i = 0; i < least_cost_size(LAST); i++)
        cost[i] = INFINITY;
    check_all();
}

static void ties_are_settled_alike(void **state)
{
    (void)state;
    int32_t path[4], again[4];
    for (size_t i = 0; i < least_cost_size(LAST); i++)
        cost[i] = 1.0;
    check_all();
    assert_ok(least_cost_path(path, NULL, cost, LAST, 3));
    assert_ok(least_cost_path(again, NULL, cost, LAST, 3));
    assert_memory_equal(path, again, sizeof path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_the_cheapest_of_all),
        cmocka_unit_test(jumps_that_cannot_be_are_avoided_where_there_is_a_way),
        cmocka_unit_test(ties_are_settled_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
