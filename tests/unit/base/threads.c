#include "test.h"

#include "base/threads.h"

enum { TASKS = 1000, SLOTS = 8 };

typedef struct record {
    int runs[TASKS]; /* how often each task ran */
    int busy[SLOTS]; /* 1 while a task uses the slot */
    int used[SLOTS];
    int clashes; /* two tasks in one slot, or a slot out of range */
} record;

static void run_task(void *context, size_t task, size_t slot)
{
    record *to = context;
    if (slot >= SLOTS) {
        __atomic_add_fetch(&to->clashes, 1, __ATOMIC_RELAXED);
        return;
    }
    __atomic_add_fetch(&to->clashes, __atomic_exchange_n(&to->busy[slot], 1, __ATOMIC_ACQUIRE), __ATOMIC_RELAXED);
    __atomic_add_fetch(&to->runs[task], 1, __ATOMIC_RELAXED);
    to->used[slot] = 1; /* nobody else has the slot now */
    __atomic_store_n(&to->busy[slot], 0, __ATOMIC_RELEASE);
}

static void check_loop(int32_t threads, size_t tasks, size_t cost)
{
    record seen = {0};
    assert_ok(diffusion_set_threads(threads));
    parallel_for(tasks, cost, run_task, &seen);
    assert_int_equal(seen.clashes, 0);
    for (size_t i = 0; i < TASKS; i++)
        assert_int_equal(seen.runs[i], i < tasks);
    for (int slot = threads; slot < SLOTS; slot++)
        assert_int_equal(seen.used[slot], 0);
    assert_ok(diffusion_set_threads(0));
}

static void each_task_runs_once_whatever_the_thread_count(void **state)
{
    (void)state;
    static const size_t tasks[] = {0, 1, 2, 3, 7, TASKS};
    for (int32_t threads = 1; threads <= 3; threads++)
        for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++)
            for (size_t cost = 0; cost < 100000; cost = 10 * cost + 500)
                check_loop(threads, tasks[i], cost);
}

static void the_callers_thread_count_is_kept(void **state)
{
    (void)state;
    int32_t standard = diffusion_threads();
    assert_true(standard >= 1);
    assert_ok(diffusion_set_threads(3));
    assert_int_equal(diffusion_threads(), 3);
    check_loop(3, 5, 100000); /* ends with set_threads(0) */
    assert_int_equal(diffusion_threads(), standard);
}

static void a_thread_count_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_ok(diffusion_set_threads(2));
    assert_refused(diffusion_set_threads(-1), DIFFUSION_E_ARGUMENT, "set_threads: threads=-1, expected 0..1024");
    assert_refused(diffusion_set_threads(1025), DIFFUSION_E_ARGUMENT, "threads=1025");
    assert_int_equal(diffusion_threads(), 2);
    assert_ok(diffusion_set_threads(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_runs_once_whatever_the_thread_count),
        cmocka_unit_test(the_callers_thread_count_is_kept),
        cmocka_unit_test(a_thread_count_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
