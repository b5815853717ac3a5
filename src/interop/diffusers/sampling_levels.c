/* The levels of the schedulers that go by sigma / signal, or by its logarithm. */
#include "interop/diffusers/sampling_steps.h"

#include "process/schedule.h"

#include <float.h>
#include <string.h>

/* ---- the schedulers of the DPM-Solvers: a step more is laid out, and the last not visited ---- */

static void append_lambda_min(sampling *of)
{
    const json_value *value = json_get(of->from->json, "lambda_min_clipped");
    const char *limit = json_is(value, JSON_NOT_FINITE) ? value->text : json_string(value);
    if (config_is_null(of->from, "lambda_min_clipped") ||
        (limit != NULL && (strcmp(limit, "-Infinity") == 0 || strcmp(limit, "-inf") == 0)))
        return;
    text_append_real(of->spec, " lambda_min=", config_real(of->from, "lambda_min_clipped", 0, -1000, 0));
}

static void read_multistep_levels(sampling *of)
{
    const spacing spaced = sampling_read_spacing(of, LINSPACE);
    if (config_flag(of->from, "use_flow_sigmas", 0)) {
        sampling_check_flow_alone(of);
        sampling_append_multistep_flow_times(of);
        return;
    }
    sampling_read_steps(of);
    sampling_append_least_signal(of);
    if (sampling_append_sigmas(of)) /* whose ends are the schedule's, whatever lambda is */
        return;
    append_lambda_min(of);
    text_append(of->spec, " spacing=%s%s", scheduler_spacings[spaced], spaced == TRAILING ? "" : " drop_lowest=yes");
    if (spaced == LEADING)
        sampling_append_offset(of);
}

static void write_multistep_levels(describing *of)
{
    const char *value;
    size_t length;
    const double least = writing_number(of->to, "lambda_min");
    if (spec_find(of->to->spec, "steps_list", &value, &length)) {
        sampling_put_multistep_flow_times(of);
        return;
    }
    if (least < 0.0)
        writing_put_real(of->to, "lambda_min_clipped", least);
    if (!sampling_put_sigmas(of))
        sampling_write_whole_steps(of);
}

const scheduler_part multistep_levels_part = {read_multistep_levels, write_multistep_levels};

static void refuse_final(sampling *of, const char *expected)
{
    config_refuse(of->from, "final_sigmas_type", json_get(of->from->json, "final_sigmas_type"), "%s", expected);
}

/* The DPM-Solvers take the betas' least sigma for a flow's end, and do not go to the data by the noise. */
static void read_dpmsolver_levels(sampling *of)
{
    const int to_data = !sampling_ends_at_sigma_min(of);
    const char *algorithm = json_string(json_get(of->from->json, "algorithm_type"));
    const int by_noise =
        algorithm != NULL && (strcmp(algorithm, "dpmsolver") == 0 || strcmp(algorithm, "sde-dpmsolver") == 0);
    if (by_noise && to_data)
        refuse_final(of, "\"sigma_min\" with algorithm_type=\"dpmsolver\" or \"sde-dpmsolver\"");
    if (config_flag(of->from, "use_flow_sigmas", 0) && !to_data)
        refuse_final(of, "\"zero\" with use_flow_sigmas");
    read_multistep_levels(of);
}

/* Nor does UniPC. */
static void read_unipc_levels(sampling *of)
{
    if (!config_flag(of->from, "predict_x0", 1) && !sampling_ends_at_sigma_min(of))
        refuse_final(of, "\"sigma_min\" with predict_x0=false");
    read_multistep_levels(of);
}

const scheduler_part dpmsolver_levels_part = {read_dpmsolver_levels, write_multistep_levels},
                     unipc_levels_part = {read_unipc_levels, write_multistep_levels};

/* ---- the schedulers of k-diffusion's samplers: x / signal over sigma / signal ---- */

/* The ends of a spacing in sigma are those of the steps that would be visited without it; 0: the schedule's own. */
typedef struct sigma_ends {
    double least, most;
} sigma_ends;

static sigma_ends ends_of(const struct diffusion_schedule *schedule, int64_t steps, spacing spaced, int64_t offset)
{
    const int64_t total = schedule->steps, stride = total / steps;
    const int64_t lowest = spaced == LEADING    ? 1 + offset
                           : spaced == TRAILING ? sampling_lowest_trailing(total, steps)
                                                : 1;
    const int64_t first = spaced == LEADING ? lowest + (steps - 1) * stride : total;
    sigma_ends ends = {0.0, 0.0};
    if (lowest > 1 && lowest <= total)
        ends.least = level_ratio(&schedule->levels[lowest]);
    if (first < total)
        ends.most = level_ratio(&schedule->levels[first]);
    return ends;
}

static double real_or(config *from, const char *key, double standard)
{
    const double given = config_is_null(from, key) ? 0.0 : config_real(from, key, 0, 0, DBL_MAX);
    return given > 0.0 ? given : standard;
}

static int is_log_linear(sampling *of)
{
    static const char *const kinds[] = {"linear", "log_linear", NULL};
    return config_choice(of->from, "interpolation_type", kinds, 0) == 1;
}

/* Levels laid out log-linearly have the schedule's ends, which are those of a spacing in sigma then. */
static sigma_ends read_ends(sampling *of)
{
    const spacing spaced = is_log_linear(of) ? LINSPACE : sampling_read_spacing(of, LINSPACE);
    const sigma_ends ends = ends_of(of->schedule, of->steps, spaced, sampling_read_offset(of));
    return (sigma_ends){real_or(of->from, "sigma_min", ends.least), real_or(of->from, "sigma_max", ends.most)};
}

static void append_ends(sampling *of)
{
    const sigma_ends ends = read_ends(of);
    if (ends.least > 0.0)
        text_append_real(of->spec, " sigma_min=", ends.least);
    if (ends.most > 0.0)
        text_append_real(of->spec, " sigma_max=", ends.most);
}

/* As numbers, where the class has such options, or by the spacing by time whose ends they are. */
static void put_ends(describing *of)
{
    static const spacing tried[] = {LINSPACE, TRAILING, LEADING};
    const double least = writing_number(of->to, "sigma_min"), most = writing_number(of->to, "sigma_max");
    for (size_t i = 0; i < SPEC_COUNT(tried) && of->steps <= of->total; i++)
        for (int64_t offset = 0; offset < (tried[i] == LEADING ? of->total : 1); offset++) {
            const sigma_ends ends = ends_of(of->schedule, of->steps, tried[i], offset);
            if (ends.least != least || ends.most != most)
                continue;
            writing_put(of->to, "timestep_spacing", "\"%s\"", scheduler_spacings[tried[i]]);
            writing_put(of->to, "steps_offset", "%lld", (long long)offset);
            return;
        }
    if (least > 0.0)
        writing_put_real(of->to, "sigma_min", least);
    if (most > 0.0)
        writing_put_real(of->to, "sigma_max", most);
}

/* One level more is laid out, and the last step goes to sigma_min, whatever is said of the end. */
static void append_log_linear(sampling *of)
{
    static const char *const finals[] = {"zero", "sigma_min", NULL};
    text_append(of->spec, " spacing=exponential drop_lowest=yes%s",
                config_choice(of->from, "final_sigmas_type", finals, 0) == 0 ? " final=sigma_min" : "");
}

static void read_sigma_levels(sampling *of)
{
    const spacing spaced = sampling_read_spacing(of, LINSPACE);
    sampling_read_steps(of);
    sampling_append_least_signal(of);
    if (sampling_append_sigmas(of)) {
        append_ends(of);
        return;
    }
    if (is_log_linear(of)) {
        append_log_linear(of);
        return;
    }
    text_append(of->spec, " spacing=%s%s", scheduler_spacings[spaced], spaced == LINSPACE ? " times=real" : "");
    if (spaced == LEADING)
        sampling_append_offset(of);
}

static void write_sigma_levels(describing *of)
{
    if (writing_says(of->to, "spacing", "exponential") && writing_says(of->to, "drop_lowest", "yes")) {
        writing_put(of->to, "interpolation_type", "\"log_linear\"");
        writing_put(of->to, "final_sigmas_type", "\"zero\"");
    } else if (sampling_put_sigmas(of)) {
        put_ends(of);
    } else {
        sampling_write_whole_steps(of);
    }
}

const scheduler_part sigma_levels_part = {read_sigma_levels, write_sigma_levels};

/* To Euler sigma_min as an end is the first step's, whatever its spacing ends at. */
static void read_euler_levels(sampling *of)
{
    const double least = sampling_spacing_in_sigma(of) != NULL ? read_ends(of).least : 0.0;
    if (least > 0.0 && sampling_ends_at_sigma_min(of))
        config_refuse(of->from, "final_sigmas_type", json_get(of->from->json, "final_sigmas_type"),
                      "\"zero\": its sigma_min is that of the first step, below %g", least);
    read_sigma_levels(of);
}

const scheduler_part euler_levels_part = {read_euler_levels, write_sigma_levels};

/* ---- EDM ---- */

static void read_edm_levels(sampling *of)
{
    const double rho = config_real(of->from, "rho", 7, 1e-3, 1e3);
    static const char *const schedules[] = {"karras", "exponential", NULL};
    if (rho != 7.0 && config_choice(of->from, "sigma_schedule", schedules, 0) == 0) /* the other has no power */
        text_append_real(of->spec, " rho=", rho);
}

const scheduler_part edm_levels_part = {read_edm_levels, NULL};
