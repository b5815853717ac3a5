/* Under a limit on the address space a call succeeds or says that memory is short; it neither hangs nor ends the host.
 */
#define _DEFAULT_SOURCE

#include "guest.h"

#include <sys/resource.h>
#include <sys/wait.h>

enum { SECONDS = 60, WORKS = 10, REFUSED = 11, OTHER = 12 };

static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* In a child with so many MiB left. */
static void use_within(rlim_t megabytes, const char *spec, int32_t threads)
{
    static float out[GUEST_SIZE];
    const rlim_t most = address_space() + (megabytes << 20);
    const struct rlimit limit = {most, most};
    alarm(SECONDS);
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        _exit(OTHER);
    diffusion_status status = guest_use(spec, threads, out);
    _exit(status == DIFFUSION_OK ? WORKS : status == DIFFUSION_E_MEMORY ? REFUSED : OTHER);
}

static int outcome(rlim_t megabytes, const char *spec, int32_t threads)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        use_within(megabytes, spec, threads);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        fail_msg("%s, %d threads, %lu MiB: ended by signal %d", spec, (int)threads, (unsigned long)megabytes,
                 WTERMSIG(status));
    return WEXITSTATUS(status);
}

static void a_limit_is_an_error_at_worst(void **state)
{
    (void)state;
    static const rlim_t megabytes[] = {1, 4, 16, 64, 127, 130, 135, 160, 200, 270, 400, 700};
    for (size_t i = 0; i < sizeof megabytes / sizeof *megabytes; i++)
        for (size_t j = 0; j < GUEST_MODELS; j++)
            for (int32_t threads = 1; threads <= 4; threads *= 2) {
                int got = outcome(megabytes[i], guest_models[j], threads);
                if (got != WORKS && got != REFUSED)
                    fail_msg("%s, %d threads, %lu MiB: neither done nor out of memory", guest_models[j], (int)threads,
                             (unsigned long)megabytes[i]);
            }
    assert_int_equal(outcome(16, guest_models[0], 1), REFUSED);
    assert_int_equal(outcome(2000, guest_models[0], 1), WORKS);
}

int main(void)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    return 77; /* they reserve terabytes */
#endif
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_limit_is_an_error_at_worst)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
