#include "sample/posterior.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"

#include <string.h>

double posterior_power(const struct diffusion_sampler *self, int32_t t)
{
    return self->options.posterior == POSTERIOR_ANNEALED ? (double)(self->whole->steps - t) / self->whole->steps : 1.0;
}

int32_t posterior_below(const struct diffusion_sampler *self)
{
    return self->original != NULL ? self->original[self->step - 1] : self->step - 1;
}

size_t given_row(const given *self, const struct diffusion_sampler *sampler, size_t row)
{
    return row / (size_t)sampler->options.particles % self->n;
}

diffusion_status given_copy(given *out, const float *values, const uint8_t *mask, size_t n, size_t dim)
{
    size_t count;
    given copy = {.n = n};
    if (!size_multiply(&count, n, dim))
        return error_set(DIFFUSION_E_MEMORY, "sampler: n=%zu samples of %zu values cannot be addressed", n, dim);
    copy.values = memory_allocate(count, sizeof *values);
    copy.mask = mask != NULL ? memory_allocate(count, sizeof *mask) : NULL;
    if (copy.values == NULL || (mask != NULL && copy.mask == NULL)) {
        given_release(&copy);
        return DIFFUSION_E_MEMORY;
    }
    memcpy(copy.values, values, count * sizeof *values);
    if (mask != NULL)
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
