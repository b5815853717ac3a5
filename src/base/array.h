/* What is checked of a caller's arrays before they are read. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <diffusion/status.h>

/* That an array of n rows, of `values` of `size` bytes each, can be addressed; DIFFUSION_E_MEMORY otherwise. */
diffusion_status array_check_size(const char *function, size_t n, size_t values, size_t size);

/* That there is no NaN or infinity; DIFFUSION_E_NONFINITE otherwise. */
diffusion_status array_check_finite(const char *function, const char *name, const float *values, size_t count);
diffusion_status array_check_finite_double(const char *function, const char *name, const double *values, size_t count);

#endif
