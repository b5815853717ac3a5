/* Which OpenBLAS a test run is on: the variants of tests/variants.cmake say what they expect. */
#include "test.h"

#include <stdlib.h>

static void the_kernel_set_is_the_one_asked_for(void **state)
{
    (void)state;
    const char *expected = getenv("TEST_BLAS_CORE");
    if (expected == NULL)
        skip();
    assert_string_equal(diffusion_blas_core(), expected);
}

static void the_threading_is_the_one_asked_for(void **state)
{
    (void)state;
    const char *expected = getenv("TEST_BLAS_THREADING");
    if (expected == NULL)
        skip();
    assert_string_equal(diffusion_blas_threading(), expected);
}

static void kernel_set_and_threading_have_names(void **state)
{
    (void)state;
    const char *threading = diffusion_blas_threading();
    assert_true(strlen(diffusion_blas_core()) > 0);
    if (strcmp(threading, "serial") != 0 && strcmp(threading, "pthreads") != 0 && strcmp(threading, "openmp") != 0)
        fail_msg("threading is '%s', expected serial, pthreads or openmp", threading);
}

static void the_loaded_library_has_the_headers_version(void **state)
{
    (void)state;
    char expected[64];
    snprintf(expected, sizeof expected, "%d.%d.%d", DIFFUSION_VERSION_MAJOR, DIFFUSION_VERSION_MINOR,
             DIFFUSION_VERSION_PATCH);
    assert_string_equal(diffusion_version(), expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_set_is_the_one_asked_for),
        cmocka_unit_test(the_threading_is_the_one_asked_for),
        cmocka_unit_test(kernel_set_and_threading_have_names),
        cmocka_unit_test(the_loaded_library_has_the_headers_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
