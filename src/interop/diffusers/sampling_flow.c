/* The times of flow matching as diffusers' schedulers make them, by their own lights: a static shift is applied before
 * the spacing and again after it. */
#include "interop/diffusers/sampling.h"

#include "math/beta_quantile.h"

#include <math.h>

enum { MOST = 1000 };

static double shifted(double s, double shift)
{
    return shift * s / (1.0 + (shift - 1.0) * s);
}

static void append_list(sampling *of, const double *s, int64_t count)
{
    text_append(of->spec, " steps_list=");
    for (int64_t i = 0; i < count; i++)
        text_append_real(of->spec, i > 0 ? "," : "", s[i] * (double)of->total);
}

static int is_countable(sampling *of)
{
    if (of->steps <= MOST)
        return 1;
    config_refuse(of->from, "num_train_timesteps", json_get(of->from->json, "num_train_timesteps"),
                  "a pipeline of at most %d steps of flow matching", (int)MOST);
    return 0;
}

/* exp(mu) / (exp(mu) + 1/s - 1), or with mu for exp(mu). */
static void shift_dynamically(sampling *of, double *s, int64_t count)
{
    static const char *const types[] = {"exponential", "linear", NULL};
    const int linear = config_choice(of->from, "time_shift_type", types, 0);
    const double mu = of->index->mu, shift = linear ? mu : exp(mu);
    if (!isfinite(mu))
        config_refuse(of->from, "use_dynamic_shifting", json_get(of->from->json, "use_dynamic_shifting"),
                      "false: the shift would follow from the size of images, which nobody has told");
    for (int64_t i = 0; i < count; i++)
        s[i] = shift / (shift + (1.0 / s[i] - 1.0));
}

static void stretch(sampling *of, double *s, int64_t count)
{
    if (config_is_null(of->from, "shift_terminal"))
        return;
    const double end = config_real(of->from, "shift_terminal", 0, 0, 1);
    const double scale = (1.0 - s[count - 1]) / (1.0 - end);
    for (int64_t i = 0; i < count; i++)
        s[i] = 1.0 - (1.0 - s[i]) / scale;
}

static void space(sampling *of, double *s, int64_t count)
{
    const double high = s[0], low = s[count - 1], rho = 7.0;
    const int karras = config_flag(of->from, "use_karras_sigmas", 0),
              beta = config_flag(of->from, "use_beta_sigmas", 0);
    const int exponential = config_flag(of->from, "use_exponential_sigmas", 0);
    for (int64_t i = 0; i < count && (karras || exponential || beta); i++) {
        const double part = count > 1 ? (double)i / (double)(count - 1) : 0.0;
        if (karras)
            s[i] = pow(pow(high, 1.0 / rho) + part * (pow(low, 1.0 / rho) - pow(high, 1.0 / rho)), rho);
        else if (exponential)
            s[i] = exp(log(high) + part * (log(low) - log(high)));
        else
            s[i] = low + beta_quantile(1.0 - part, 0.6, 0.6) * (high - low);
    }
}

void sampling_append_flow_times(sampling *of)
{
    double s[MOST];
    const int dynamic = config_flag(of->from, "use_dynamic_shifting", 0);
    const double shift = config_real(of->from, "shift", 1, 1e-3, 1e3), total = (double)of->total;
    const double least = dynamic ? 1.0 / total : shifted(1.0 / total, shift);
    const int64_t count = of->steps;
    if (!is_countable(of))
        return;
    for (int64_t i = 0; i < count; i++)
        s[i] = 1.0 + (count > 1 ? (double)i / (double)(count - 1) : 0.0) * (least - 1.0);
    for (int64_t i = 0; i < count && !dynamic; i++)
        s[i] = shifted(s[i], shift);
    if (dynamic)
        shift_dynamically(of, s, count);
    stretch(of, s, count);
    space(of, s, count);
    append_list(of, s, count);
}

/* s from 0 to 1 - 1/T in steps + 1 points, shifted, and without the lowest. */
void sampling_append_multistep_flow_times(sampling *of)
{
    double s[MOST];
    const double shift = config_real(of->from, "flow_shift", 1, 1e-3, 1e3), span = 1.0 - 1.0 / (double)of->total;
    if (!is_countable(of))
        return;
    for (int64_t i = 0; i < of->steps; i++)
        s[i] = shifted(span * (double)(of->steps - i) / (double)of->steps, shift);
    append_list(of, s, of->steps);
}
