#include "base/system.h"

#define WIN32_LEAN_AND_MEAN
#define PSAPI_VERSION 2 /* within kernel32 */
#include <windows.h>

#include <psapi.h>
#include <pthread.h>
#include <string.h>

/* Of the process's own group: one of 64 at most. */
size_t system_processors(void)
{
    DWORD_PTR ours = 0, all = 0;
    size_t count = 0;
    if (GetProcessAffinityMask(GetCurrentProcess(), &ours, &all))
        for (; ours != 0; ours &= ours - 1)
            count++;
    return count > 0 ? count : 1;
}

static void stay_loaded(void)
{
    static const char here;
    HMODULE library;
    (void)GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, &here, &library);
}

int system_start_thread(void *(*run)(void *), void *argument, size_t stack)
{
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    stay_loaded();
    int made = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
               pthread_attr_setstacksize(&attributes, stack) == 0 &&
               pthread_create(&thread, &attributes, run, argument) == 0;
    pthread_attr_destroy(&attributes);
    return made;
}

/* There is no fork(). */
int system_guard_forks(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    (void)before;
    (void)in_parent;
    (void)in_child;
    return 1;
}

void *system_symbol(const char *name)
{
    enum { MOST = 1024 };
    HMODULE modules[MOST];
    DWORD size = 0;
    if (!EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &size))
        return NULL;
    for (size_t i = 0; i < MOST && i < size / sizeof modules[0]; i++) {
        FARPROC found = GetProcAddress(modules[i], name);
        void *symbol;
        memcpy(&symbol, &found, sizeof symbol);
        if (symbol != NULL)
            return symbol;
    }
    return NULL;
}
