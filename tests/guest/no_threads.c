/* Where no thread can be made, the caller's does the work. */
#define _DEFAULT_SOURCE

#include "guest.h"

#include <pthread.h>
#include <sys/resource.h>

static void *do_nothing(void *argument)
{
    return argument;
}

static void allow_no_threads(void)
{
    const struct rlimit none = {1, 1};
    if (geteuid() == 0) { /* whom the limit does not bind */
        assert_int_equal(setgid(65534), 0);
        assert_int_equal(setuid(65534), 0);
    }
    assert_int_equal(setrlimit(RLIMIT_NPROC, &none), 0);
}

static void the_caller_works_alone(void **state)
{
    (void)state;
    pthread_t thread;
    float *truth = guest_truth();
    allow_no_threads();
    if (pthread_create(&thread, NULL, do_nothing, NULL) == 0) {
        pthread_join(thread, NULL);
        skip(); /* a user namespace, or more rights than a limit */
    }
    assert_true(guest_agrees(truth, 8));
    free(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_caller_works_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
