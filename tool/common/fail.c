#include "common/fail.h"

#include "common/tame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLEAN_UPS_MAX = 4 };

static void (*clean_ups[CLEAN_UPS_MAX])(void);
static char *(*saviour)(void);

void fail_clean_up(void (*clean_up)(void))
{
    size_t i = 0;
    while (i < CLEAN_UPS_MAX && clean_ups[i] != NULL && clean_ups[i] != clean_up)
        i++;
    if (i == CLEAN_UPS_MAX)
        fail("more than %d clean-ups", CLEAN_UPS_MAX);
    clean_ups[i] = clean_up;
}

void fail_rescue(char *(*rescue)(void))
{
    saviour = rescue;
}

static void clean_up_all(void)
{
    for (size_t i = 0; i < CLEAN_UPS_MAX && clean_ups[i] != NULL; i++)
        clean_ups[i]();
}

static char sentence[4096]; /* of all that has failed: a rescue may fail in turn */

static void say(const char *format, va_list arguments)
{
    size_t used = strlen(sentence);
    if (used > 0)
        used += (size_t)snprintf(sentence + used, sizeof sentence - used, "; ");
    if (used < sizeof sentence)
        vsnprintf(sentence + used, sizeof sentence - used, format, arguments);
}

/* If it fails in turn, there is none any more but what it has named itself. */
static void rescue(void)
{
    char *(*const last)(void) = saviour;
    saviour = NULL;
    char *more = last != NULL ? last() : NULL;
    if (more != NULL)
        snprintf(sentence + strlen(sentence), sizeof sentence - strlen(sentence), "%s", more);
    free(more);
}

/* _Exit, not exit: no handler of any library may run on a state that is known to be broken. */
static _Noreturn void leave(int code, const char *format, va_list arguments)
{
    say(format, arguments);
    clean_up_all();
    rescue();
    tame(sentence);
    fflush(stdout);
    fprintf(stderr, "diffusion: %s\n", sentence);
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
