#include "base/error.h"
#include "base/memory.h"
#include "sample/sampler.h"

#include <math.h>
#include <string.h>

size_t given_row(const given *self, const struct diffusion_sampler *sampler, size_t row)
{
    return row / (size_t)sampler->options.particles % self->n;
}

diffusion_status given_copy(given *out, const float *values, const uint8_t *mask, size_t n, size_t dim)
{
    const size_t count = n * dim; /* which the setter checked */
    given copy = {.n = n};
    copy.values = memory_allocate(count, sizeof *values);
    copy.mask = mask != NULL ? memory_allocate(count, sizeof *mask) : NULL;
    if (copy.values == NULL || (mask != NULL && copy.mask == NULL)) {
        given_release(&copy);
        return DIFFUSION_E_MEMORY;
    }
    if (count > 0)
        memcpy(copy.values, values, count * sizeof *values);
    if (count > 0 && mask != NULL)
        memcpy(copy.mask, mask, count * sizeof *mask);
    *out = copy;
    return DIFFUSION_OK;
}

void given_release(given *self)
{
    memory_release(self->values);
    memory_release(self->mask);
    *self = (given){.n = 0};
}

diffusion_status given_check(const given *self, const char *setter, size_t n)
{
    if (self->n > 0 && n % self->n != 0)
        return error_set(DIFFUSION_E_SHAPE, "sampler: n=%zu samples, expected a multiple of the %zu of %s", n, self->n,
                         setter);
    return DIFFUSION_OK;
}

/* A value that the kernel may have. */
diffusion_status given_check_value(const struct diffusion_sampler *sampler, const char *function, const char *name,
                                   double value, size_t column, size_t row)
{
    const kernel_class *methods = sampler_schedule(sampler)->kernel.methods;
    if (!isfinite(value))
        return error_set(DIFFUSION_E_NONFINITE, "%s: %s[%zu] of sample %zu is %g", function, name, column, row, value);
    if (!methods->is_value(value))
        return error_set(DIFFUSION_E_ARGUMENT, "%s: %s[%zu]=%g of sample %zu, expected %s", function, name, column,
                         value, row, methods->values);
    return DIFFUSION_OK;
}
