#include "common/fail.h"

#include "common/output.h"
#include "common/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* _Exit, not exit: no handler of any library may run on a state that is known to be broken. */
static _Noreturn void leave(int code, const char *format, va_list arguments)
{
    progress_break();
    output_remove_unfinished();
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

void check(diffusion_status status)
{
    if (status == DIFFUSION_E_SPEC)
        fail_usage("%s", diffusion_last_error());
    if (status != DIFFUSION_OK)
        fail("%s", diffusion_last_error());
}
