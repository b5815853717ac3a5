/** Which library this is: at compile time, at run time, and what it runs on. */
#ifndef DIFFUSION_VERSION_H
#define DIFFUSION_VERSION_H

#include <diffusion/export.h>

DIFFUSION_BEGIN

/** The version of these headers. A program compiled against X.Y runs with any library X.Z, Z >= Y (before 1.0: same
 * X.Y). */
#define DIFFUSION_VERSION_MAJOR 0
#define DIFFUSION_VERSION_MINOR 1
#define DIFFUSION_VERSION_PATCH 0

/**
 * The version of the loaded library, "major.minor.patch".
 *
 * @return a static string. Thread-safe. Since 0.1.
 */
DIFFUSION_API const char *diffusion_version(void);

/**
 * The OpenBLAS kernel set in use, such as "SkylakeX" or "Haswell". An AVX2 set on an AVX-512 machine can halve the
 * speed; the environment variable OPENBLAS_CORETYPE=SKYLAKEX, set before the program starts, mends that.
 *
 * @return a static string. Thread-safe. Since 0.1.
 */
DIFFUSION_API const char *diffusion_blas_core(void);

/**
 * How the loaded OpenBLAS makes threads: "serial", "pthreads" or "openmp". OpenMP is the one to prefer; with pthreads
 * the library sets OpenBLAS to one thread during its own calls and restores the count after.
 *
 * @return a static string. Thread-safe. Since 0.1.
 */
DIFFUSION_API const char *diffusion_blas_threading(void);

DIFFUSION_END

#endif
