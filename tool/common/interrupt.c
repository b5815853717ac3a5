#define _POSIX_C_SOURCE 200809L

#include "common/interrupt.h"

#include "common/fail.h"
#include "common/output.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t deferred;
static volatile sig_atomic_t pending;

static void handle(int signal_number)
{
    if (deferred && pending == 0) {
        pending = signal_number;
        return;
    }
    output_remove_unfinished();
    _exit(EXIT_SIGNAL + signal_number);
}

void interrupt_install(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_defer(void)
{
    deferred = 1;
}

int interrupt_pending(void)
{
    return pending;
}
