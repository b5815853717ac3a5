#define _POSIX_C_SOURCE 200809L

#include "common/interrupt.h"

#include "common/fail.h"
#include "common/output.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t deferred, saving;
static atomic_int pending;
static atomic_llong pending_since; /* milliseconds */

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1000LL * time.tv_sec + time.tv_nsec / 1000000;
}

/* `timeout`, shells and containers send a signal to the process and to its group, or two kinds at once: one intention.
 */
static int is_the_same(void)
{
    enum { TOGETHER = 1000 };
    return saving || now() - atomic_load(&pending_since) < TOGETHER;
}

static void handle(int signal_number)
{
    int reason = errno, none = 0;
    if (deferred) {
        if (atomic_load(&pending) == 0)
            atomic_store(&pending_since, now());
        if (atomic_compare_exchange_strong(&pending, &none, signal_number) || is_the_same()) {
            errno = reason;
            return;
        }
    }
    output_remove_unfinished();
    _exit(EXIT_SIGNAL + signal_number);
}

/* Whoever started the command with a signal ignored (nohup, a shell's background job) wants it so. */
static void unless_ignored(int signal_number, void (*handler)(int))
{
    struct sigaction action;
    if (sigaction(signal_number, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
        return;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void interrupt_install(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGXCPU};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        unless_ignored(numbers[i], handle);
    unless_ignored(SIGXFSZ, SIG_IGN);
}

void interrupt_defer(void)
{
    deferred = 1;
}

void interrupt_saving(int begins)
{
    saving = begins;
}

int interrupt_pending(void)
{
    return atomic_load(&pending);
}
