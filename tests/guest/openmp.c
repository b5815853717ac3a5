/* A host's own OpenMP loop that calls the library from each of its threads. */
#include "guest.h"

#include <omp.h>

enum { HOSTS = 8 };

static void a_hosts_loop_calls_the_library(void **state)
{
    (void)state;
    float *truth = guest_truth();
    const int threads = omp_get_max_threads();
    int agree = 0, team = 0;
#pragma omp parallel for num_threads(HOSTS) schedule(static, 1) reduction(+ : agree)
    for (int i = 0; i < HOSTS; i++)
        agree += guest_agrees(truth, 1 + i % 3);
    assert_int_equal(agree, HOSTS);
    assert_int_equal(omp_get_max_threads(), threads); /* the host's next loop has as many as before */
#pragma omp parallel num_threads(HOSTS) reduction(+ : team)
    team += 1;
    assert_int_equal(team, HOSTS);
    free(truth);
}

int main(void)
{
#if defined(__SANITIZE_THREAD__)
    return 77; /* it does not see the barriers of OpenMP's runtime */
#endif
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_hosts_loop_calls_the_library)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
