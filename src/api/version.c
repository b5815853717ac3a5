#include <diffusion/version.h>

#include "math/blas.h"

#define TEXT(number) #number
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *diffusion_version(void)
{
    return VERSION_TEXT(DIFFUSION_VERSION_MAJOR, DIFFUSION_VERSION_MINOR, DIFFUSION_VERSION_PATCH);
}

const char *diffusion_blas_core(void)
{
    return blas_core();
}

const char *diffusion_blas_threading(void)
{
    return blas_threading();
}
