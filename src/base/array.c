#include "base/array.h"

#include "base/error.h"
#include "base/size.h"

#include <math.h>

/* More bytes than any processor gives a process. */
static const size_t most = (uint64_t)PTRDIFF_MAX > UINT64_C(1) << 56 ? (size_t)(UINT64_C(1) << 56) : PTRDIFF_MAX;

diffusion_status array_check_size(const char *function, size_t n, size_t values, size_t size)
{
    size_t bytes;
    if (size_multiply(&bytes, n, values) && size_multiply(&bytes, bytes, size) && bytes <= most)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_MEMORY, "%s: %zu samples of %zu values cannot be addressed", function, n, values);
}

static diffusion_status refuse(const char *function, const char *name, size_t i, double value)
{
    return error_set(DIFFUSION_E_NONFINITE, "%s: %s[%zu]=%g, expected a finite number", function, name, i, value);
}

diffusion_status array_check_finite(const char *function, const char *name, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return refuse(function, name, i, (double)values[i]);
    return DIFFUSION_OK;
}

diffusion_status array_check_finite_double(const char *function, const char *name, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return refuse(function, name, i, values[i]);
    return DIFFUSION_OK;
}
