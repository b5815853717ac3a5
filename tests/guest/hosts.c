/* Threads of the host: many that call at once, such with little stack, and signals that are theirs. */
#define _POSIX_C_SOURCE 200809L

#include "guest.h"

#include <pthread.h>
#include <signal.h>

enum { HOSTS = 8, SMALL_STACK = 128 * 1024 };

typedef struct host {
    const float *truth;
    int32_t threads;
    int agrees;
} host;

static void *use(void *argument)
{
    host *self = argument;
    self->agrees = guest_agrees(self->truth, self->threads);
    return NULL;
}

static void many_threads_call_at_once(void **state)
{
    (void)state;
    float *truth = guest_truth();
    host hosts[HOSTS];
    pthread_t threads[HOSTS];
    for (int i = 0; i < HOSTS; i++) {
        hosts[i] = (host){truth, 1 + i % 4, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, use, &hosts[i]), 0);
    }
    for (int i = 0; i < HOSTS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < HOSTS; i++)
        assert_true(hosts[i].agrees);
    free(truth);
}

static void a_stack_of_128_kilobytes_is_enough(void **state)
{
    (void)state;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    skip(); /* they want more for themselves */
#endif
    float *truth = guest_truth();
    pthread_attr_t attributes;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, SMALL_STACK), 0);
    for (int32_t threads = 1; threads <= 2; threads++) {
        host small = {truth, threads, 0};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, &attributes, use, &small), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(small.agrees);
    }
    pthread_attr_destroy(&attributes);
    free(truth);
}

/* A signal that the host's only thread blocks stays pending: no thread of ours takes it. */
static void signals_are_the_hosts(void **state)
{
    (void)state;
    sigset_t blocked, pending;
    int signal;
    if (strcmp(diffusion_blas_threading(), "pthreads") == 0)
        skip(); /* OpenBLAS has threads of its own then, which take any signal */
    float *truth = guest_truth();
    assert_true(guest_agrees(truth, 4));
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &blocked, NULL), 0);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_int_equal(sigpending(&pending), 0);
    assert_true(sigismember(&pending, SIGUSR1));
    assert_int_equal(sigwait(&blocked, &signal), 0);
    free(truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads_call_at_once),
        cmocka_unit_test(a_stack_of_128_kilobytes_is_enough),
        cmocka_unit_test(signals_are_the_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
