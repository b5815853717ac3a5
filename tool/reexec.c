#define _POSIX_C_SOURCE 200809L

#include "reexec.h"

#include <diffusion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)

#if defined(__x86_64__) || defined(__i386__)

static int processor_has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#else

static int processor_has_avx512(void)
{
    return 0;
}

#endif

static int kernels_are_avx2(void)
{
    const char *core = diffusion_blas_core();
    return strcmp(core, "Haswell") == 0 || strcmp(core, "Zen") == 0;
}

/* Whether it was not set and now is. */
static int set(const char *variable, const char *value)
{
    return getenv(variable) == NULL && setenv(variable, value, 0) == 0;
}

void reexec_with_best_settings(char **argv)
{
    if (processor_has_avx512() && kernels_are_avx2() && set("OPENBLAS_CORETYPE", "SKYLAKEX"))
        execv("/proc/self/exe", argv); /* returns only if it fails: then the slower way has to do */
}

#else

void reexec_with_best_settings(char **argv)
{
    (void)argv;
}

#endif
