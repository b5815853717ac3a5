#include "process/kernel.h"

#include "base/array.h"
#include "base/error.h"

#include <math.h>

void kernel_diffuse_data(const kernel *self, double *xt, const noise_level *t, const double *x0, const double *noise,
                         size_t dim)
{
    const noise_level data = level_of_data();
    self->methods->diffuse(self, xt, &data, t, x0, noise, dim);
}

void kernel_marginal(const kernel *self, law out, const noise_level *t, const double *x0, size_t dim)
{
    const noise_level data = level_of_data();
    self->methods->step(self, out, &data, t, x0, dim);
}

kernel kernel_from(const kernel *self, size_t first)
{
    kernel part = *self;
    if (part.rate_count > part.group) {
        part.rates += first;
        part.rate_count -= first;
    }
    return part;
}

static diffusion_status check_value(const kernel *self, const char *function, const char *name, size_t i, double value)
{
    if (!isfinite(value))
        return error_set(DIFFUSION_E_NONFINITE, "%s: %s[%zu]=%g, expected a finite number", function, name, i, value);
    if (!self->methods->is_value(value))
        return error_set(DIFFUSION_E_ARGUMENT, "%s: %s[%zu]=%g, expected %s (%s)", function, name, i, value,
                         self->methods->values, self->methods->title);
    return DIFFUSION_OK;
}

diffusion_status kernel_check_values(const kernel *self, const char *function, const char *name, const float *values,
                                     size_t count)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = check_value(self, function, name, i, (double)values[i]);
    return status;
}

diffusion_status kernel_check_values_double(const kernel *self, const char *function, const char *name,
                                            const double *values, size_t count)
{
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        status = check_value(self, function, name, i, values[i]);
    return status;
}

diffusion_status kernel_check_means(const kernel *self, const char *function, const char *name, const double *means,
                                    size_t count)
{
    const double least = self->methods->mean_minimum, most = self->methods->mean_maximum;
    diffusion_status status = array_check_finite_double(function, name, means, count);
    for (size_t i = 0; i < count && status == DIFFUSION_OK; i++)
        if (!(means[i] >= least && means[i] <= most))
            status = error_set(DIFFUSION_E_ARGUMENT, "%s: %s[%zu]=%g, expected %g..%g (%s)", function, name, i,
                               means[i], least, most, self->methods->title);
    return status;
}

diffusion_status kernel_refuse_draw(const kernel *self, const char *function, size_t index, double draw)
{
    if (!isfinite(draw))
        return error_set(DIFFUSION_E_NONFINITE, "%s: noise[%zu]=%g, expected a finite number", function, index, draw);
    return error_set(DIFFUSION_E_ARGUMENT, "%s: noise[%zu]=%g, expected %s (%s)", function, index, draw,
                     self->methods->draws, self->methods->title);
}
