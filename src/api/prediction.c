#include <diffusion/model.h>

#include "base/array.h"
#include "base/error.h"
#include "model/convert.h"

diffusion_status diffusion_prediction_convert(const diffusion_schedule *schedule, double t, const char *from,
                                              const char *to, const double *x, const double *output, size_t count,
                                              double *out)
{
    static const char function[] = "prediction_convert";
    ERROR_IF_NULL(function, schedule);
    ERROR_IF_NULL(function, from);
    ERROR_IF_NULL(function, to);
    ERROR_IF_NULL(function, x);
    ERROR_IF_NULL(function, output);
    ERROR_IF_NULL(function, out);
    diffusion_status status = array_check_size(function, 1, count, sizeof *x);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "x", x, count);
    if (status == DIFFUSION_OK)
        status = array_check_finite_double(function, "output", output, count);
    return status == DIFFUSION_OK ? convert_prediction(schedule, t, from, to, x, output, count, out) : status;
}
