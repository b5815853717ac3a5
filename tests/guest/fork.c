/* A process that has used the library forks, and its children use it too. */
#define _DEFAULT_SOURCE

#include "guest.h"

#include <pthread.h>
#include <sys/wait.h>

enum { SECONDS = 60, FORKS = 10, WORKS = 10, DIFFERS = 11 };

/* In a child: nothing of cmocka, and no wait for ever. */
static void use_and_end(const float *truth)
{
    alarm(SECONDS);
    _exit(guest_agrees(truth, 2) ? WORKS : DIFFERS);
}

static void assert_child_works(pid_t child)
{
    int status;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != WORKS)
        fail_msg("the child's status is %#x, expected the end with %d", (unsigned)status, (int)WORKS);
}

static void a_child_uses_the_library_after_its_parent(void **state)
{
    (void)state;
    float *truth = guest_truth();
    assert_true(guest_agrees(truth, 2));
    pid_t child = fork();
    if (child == 0)
        use_and_end(truth);
    assert_child_works(child);
    assert_true(guest_agrees(truth, 2));
    free(truth);
}

static void a_childs_child_does_too(void **state)
{
    (void)state;
    float *truth = guest_truth();
    pid_t child = fork();
    if (child == 0) {
        int status;
        alarm(SECONDS);
        if (!guest_agrees(truth, 2))
            _exit(DIFFERS);
        pid_t grandchild = fork();
        if (grandchild == 0)
            use_and_end(truth);
        _exit(waitpid(grandchild, &status, 0) == grandchild && WIFEXITED(status) ? WEXITSTATUS(status) : DIFFERS);
    }
    assert_child_works(child);
    free(truth);
}

typedef struct user {
    const float *truth;
    int stop, agrees;
} user;

static void *use_on(void *argument)
{
    user *self = argument;
    while (!__atomic_load_n(&self->stop, __ATOMIC_RELAXED))
        self->agrees = self->agrees && guest_agrees(self->truth, 2);
    return NULL;
}

/* The pool's owner does not come along. */
static void a_fork_while_another_thread_computes(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* its allocator does not free its locks in a child */
#endif
    float *truth = guest_truth();
    user other = {truth, 0, 1};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, use_on, &other), 0);
    for (int i = 0; i < FORKS; i++) {
        usleep(1000 * (useconds_t)(i % 7));
        pid_t child = fork();
        if (child == 0)
            use_and_end(truth);
        assert_child_works(child);
    }
    __atomic_store_n(&other.stop, 1, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    assert_true(other.agrees);
    free(truth);
}

int main(void)
{
#if defined(__SANITIZE_THREAD__)
    return 77; /* ThreadSanitizer allows no threads in a forked child */
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_uses_the_library_after_its_parent),
        cmocka_unit_test(a_childs_child_does_too),
        cmocka_unit_test(a_fork_while_another_thread_computes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
