#define _POSIX_C_SOURCE 200809L

#include "reexec.h"

#include <diffusion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__i386__))

static int processor_has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static int kernels_are_avx2(void)
{
    const char *core = diffusion_blas_core();
    return strcmp(core, "Haswell") == 0 || strcmp(core, "Zen") == 0;
}

void reexec_with_best_blas(char **argv)
{
    static const char variable[] = "OPENBLAS_CORETYPE";
    if (getenv(variable) != NULL || !processor_has_avx512() || !kernels_are_avx2())
        return;
    if (setenv(variable, "SKYLAKEX", 1) == 0)
        execv("/proc/self/exe", argv); /* returns only if it fails: then the slower kernels have to do */
}

#else

void reexec_with_best_blas(char **argv)
{
    (void)argv;
}

#endif
