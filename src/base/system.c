#define _GNU_SOURCE /* sched_getaffinity, RTLD_DEFAULT, dladdr */

#include "base/system.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

size_t system_processors(void)
{
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (size_t)CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}

/* Where the linker can say so of the library (-z nodelete), it did. */
static void stay_loaded(void)
{
#if !defined(__ELF__)
    static const char here;
    Dl_info library;
    if (dladdr(&here, &library) != 0)
        (void)dlopen(library.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

int system_start_thread(void *(*run)(void *), void *argument, size_t stack)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    stay_loaded();
    sigfillset(&all);
    int made = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
               pthread_attr_setstacksize(&attributes, stack) == 0 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    if (made) {
        made = pthread_create(&thread, &attributes, run, argument) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return made;
}

int system_guard_forks(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    return pthread_atfork(before, in_parent, in_child) == 0;
}

void *system_symbol(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}
