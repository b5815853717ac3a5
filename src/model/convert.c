#include "model/convert.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/parameterization.h"

#include <math.h>

static const char function[] = "prediction_convert";

/* As a callback's model would be read. */
static diffusion_status step_of(reverse_step *out, const struct diffusion_schedule *schedule, double t,
                                const char *named)
{
    model_options options;
    text_buffer text = {0};
    text_append(&text, "shape=1 predict=%s", named);
    char *spec = text_finish(&text);
    if (spec == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = spec_parse(model_callback_grammar(), spec, &options, NULL);
    memory_release(spec);
    if (status != DIFFUSION_OK)
        return status;
    options.of_network = 0;
    status = schedule_check_additive(schedule, function, "a change of prediction");
    const noise_level from = schedule_level(schedule, t), to = schedule_level(schedule, t - 1.0);
    if (status == DIFFUSION_OK)
        *out = reverse_step_between(&options, schedule, &from, &to, NULL);
    spec_release(model_callback_grammar(), 0, &options);
    return status;
}

static int is_told(const reverse_step *at)
{
    return isfinite(at->x0_x) && isfinite(at->x0_output) && isfinite(at->epsilon_x) && isfinite(at->epsilon_output);
}

diffusion_status convert_prediction(const struct diffusion_schedule *schedule, double t, const char *from,
                                    const char *to, const double *x, const double *output, size_t count, double *out)
{
    reverse_step source, wanted;
    if (!(t > 0.0 && t <= (double)schedule->steps))
        return error_set(DIFFUSION_E_STEP, "%s: t=%g, expected above 0 and at most %d", function, t,
                         (int)schedule->steps);
    diffusion_status status = step_of(&source, schedule, t, from);
    if (status == DIFFUSION_OK)
        status = step_of(&wanted, schedule, t, to);
    if (status != DIFFUSION_OK)
        return status;
    if (!is_told(&source) || !isfinite(wanted.target.x0) || !isfinite(wanted.target.epsilon))
        return error_set(DIFFUSION_E_KERNEL, "%s: %s does not tell %s at t=%g", function, from, to, t);
    const double of_x = wanted.target.x0 * source.x0_x + wanted.target.epsilon * source.epsilon_x;
    const double of_output = wanted.target.x0 * source.x0_output + wanted.target.epsilon * source.epsilon_output;
    for (size_t i = 0; i < count; i++)
        out[i] = of_x * x[i] + of_output * output[i];
    return DIFFUSION_OK;
}
