#include <diffusion/runtime.h>

#include "base/log.h"
#include "math/blas.h"

#include <string.h>

/* Whether OpenBLAS, not knowing this processor, uses AVX2 kernels where it could use AVX-512. */
static int kernels_are_slow(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    int avx2 = strcmp(blas_core(), "Haswell") == 0 || strcmp(blas_core(), "Zen") == 0;
    __builtin_cpu_init();
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

void diffusion_set_log(diffusion_log_fn *log, void *user)
{
    log_listen(log, user);
    if (log != NULL && kernels_are_slow())
        log_warning(
            "OpenBLAS uses its %s kernels (AVX2) on a processor with AVX-512: set OPENBLAS_CORETYPE=SKYLAKEX in the "
            "environment before the program starts for up to twice the speed of matrix products",
            blas_core());
}
