#include "common/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLEAN_UPS_MAX = 4 };

static void (*clean_ups[CLEAN_UPS_MAX])(void);

void fail_clean_up(void (*clean_up)(void))
{
    size_t i = 0;
    while (i < CLEAN_UPS_MAX && clean_ups[i] != NULL && clean_ups[i] != clean_up)
        i++;
    if (i == CLEAN_UPS_MAX)
        fail("more than %d clean-ups", CLEAN_UPS_MAX);
    clean_ups[i] = clean_up;
}

/* _Exit, not exit: no handler of any library may run on a state that is known to be broken. */
static _Noreturn void leave(int code, const char *format, va_list arguments)
{
    for (size_t i = 0; i < CLEAN_UPS_MAX && clean_ups[i] != NULL; i++)
        clean_ups[i]();
    fflush(stdout);
    fputs("diffusion: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    _Exit(code);
}

_Noreturn void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    leave(EXIT_FAILED, format, arguments);
}

_Noreturn void fail_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    leave(EXIT_USAGE, format, arguments);
}

void check_of(diffusion_status status, const char *path)
{
    if (status != DIFFUSION_OK && path != NULL)
        fail("%s: %s", path, diffusion_last_error());
    check(status);
}

void check(diffusion_status status)
{
    if (status == DIFFUSION_E_SPEC)
        fail_usage("%s", diffusion_last_error());
    if (status != DIFFUSION_OK)
        fail("%s", diffusion_last_error());
}
