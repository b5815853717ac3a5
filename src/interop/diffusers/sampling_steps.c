/* What the schedulers do at each step, and the whole steps that they visit. */
#include "interop/diffusers/sampling_steps.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STEPS = 100000 };

const char *const scheduler_spacings[] = {"leading", "linspace", "trailing", NULL};

/* ---- x_0 held ---- */

static void read_limit(sampling *of)
{
    config *from = of->from;
    if (config_flag(from, "thresholding", 0)) {
        text_append_real(of->spec, " threshold=", config_real(from, "dynamic_thresholding_ratio", 0.995, 0, 1));
        text_append_real(of->spec, " threshold_max=", config_real(from, "sample_max_value", 1, 1, DBL_MAX));
        return;
    }
    if (!config_flag(from, "clip_sample", 0))
        return;
    const double range = config_real(from, "clip_sample_range", 1, 0, DBL_MAX);
    if (range <= 0) /* all samples would be 0; here 0 is no limit */
        config_refuse(from, "clip_sample_range", json_get(from->json, "clip_sample_range"), "a number above 0");
    text_append_real(of->spec, " clip=", range);
}

/* UniPC does not hold x_0 where it goes by the noise. */
static void read_limit_of_x0(sampling *of)
{
    if (config_flag(of->from, "predict_x0", 1))
        read_limit(of);
}

static void write_limit(describing *of)
{
    const double threshold = writing_number(of->to, "threshold"), clip = writing_number(of->to, "clip");
    writing_put_flag(of->to, "thresholding", threshold > 0.0);
    writing_put_flag(of->to, "clip_sample", clip > 0.0);
    if (threshold > 0.0) {
        writing_put_real(of->to, "dynamic_thresholding_ratio", threshold);
        writing_put_real(of->to, "sample_max_value", writing_number(of->to, "threshold_max"));
    }
    if (clip > 0.0)
        writing_put_real(of->to, "clip_sample_range", clip);
}

const scheduler_part limit_part = {read_limit, write_limit}, limit_of_x0_part = {read_limit_of_x0, write_limit};

/* ---- how many steps: a configuration says nothing of it ---- */

void sampling_read_steps(sampling *of)
{
    text_append(of->spec, " steps=%lld", (long long)of->steps);
}

static void read_ddpm_steps(sampling *of)
{
    if (of->steps < of->total)
        sampling_read_steps(of);
}

const scheduler_part steps_part = {sampling_read_steps, NULL}, ddpm_steps_part = {read_ddpm_steps, NULL};

/* ---- the schedulers that visit whole steps ---- */

spacing sampling_read_spacing(sampling *of, spacing standard)
{
    return (spacing)config_choice(of->from, "timestep_spacing", scheduler_spacings, (int)standard);
}

int64_t sampling_read_offset(sampling *of)
{
    return config_integer(of->from, "steps_offset", 0, 0, STEPS);
}

int sampling_ends_at_sigma_min(const sampling *of)
{
    const char *final = json_string(json_get(of->from->json, "final_sigmas_type"));
    return final != NULL && strcmp(final, "sigma_min") == 0;
}

/* The last of numpy's arange(total, 0, -total / steps), rounded: none, and so the first step, where rounding makes it
 * one longer. */
int64_t sampling_lowest_trailing(int64_t total, int64_t steps)
{
    const double first = (double)total, stride = first / (double)steps, count = ceil(first / stride);
    const double lowest = nearbyint(first + (count - 1.0) * ((first - stride) - first));
    return lowest > 1.0 ? (int64_t)lowest : 1;
}

void sampling_append_offset(sampling *of)
{
    const int64_t offset = sampling_read_offset(of);
    if (offset > 0)
        text_append(of->spec, " steps_offset=%lld", (long long)offset);
}

static void read_whole_steps(sampling *of)
{
    const spacing spaced = sampling_read_spacing(of, LEADING);
    if (spaced != TRAILING)
        text_append(of->spec, " spacing=%s", scheduler_spacings[spaced]);
    if (spaced == LEADING)
        sampling_append_offset(of);
}

void sampling_write_whole_steps(describing *of)
{
    for (size_t i = 0; scheduler_spacings[i] != NULL; i++)
        if (writing_says(of->to, "spacing", scheduler_spacings[i]))
            writing_put(of->to, "timestep_spacing", "\"%s\"", scheduler_spacings[i]);
    writing_put(of->to, "steps_offset", "%.0f", writing_number(of->to, "steps_offset"));
}

const scheduler_part whole_steps_part = {read_whole_steps, sampling_write_whole_steps};

/* DDPM draws noise behind every step but that from the first; a variance of the network's own is the same there. */
static void read_ddpm_last(sampling *of)
{
    const spacing spaced = sampling_read_spacing(of, LEADING);
    const char *variance = json_string(json_get(of->from->json, "variance_type"));
    const int64_t lowest = spaced == LEADING    ? 1 + sampling_read_offset(of)
                           : spaced == TRAILING ? sampling_lowest_trailing(of->total, of->steps)
                                                : 1;
    if (lowest > 1 && variance != NULL && strcmp(variance, "learned") == 0)
        text_append(of->spec, " last=model");
}

const scheduler_part ddpm_last_part = {read_ddpm_last, NULL};

/* DDIM and PNDM count floor(T / steps) down from where they are, whether or not a step is visited there. */
static int stride_meets_steps(sampling *of, int64_t lowest)
{
    const spacing spaced = sampling_read_spacing(of, LEADING);
    return spaced == LEADING ? sampling_read_offset(of) <= lowest : spaced == TRAILING && of->total % of->steps == 0;
}

static void read_stride(sampling *of)
{
    if (!stride_meets_steps(of, 0))
        text_append(of->spec, " stride=even");
}

const scheduler_part stride_part = {read_stride, NULL};

/* PNDM's Runge-Kutta steps halve the stride as a whole number. */
static void read_pndm_stride(sampling *of)
{
    const int64_t stride = of->total / of->steps;
    const int halves = config_flag(of->from, "skip_prk_steps", 0) || stride % 2 == 0;
    if (!halves || !stride_meets_steps(of, stride - 1))
        text_append(of->spec, " stride=even");
}

const scheduler_part pndm_stride_part = {read_pndm_stride, NULL};

static void read_inverse_stride(sampling *of)
{
    const spacing spaced = sampling_read_spacing(of, LEADING);
    if (spaced == LINSPACE)
        config_refuse(of->from, "timestep_spacing", json_get(of->from->json, "timestep_spacing"),
                      "\"leading\" or \"trailing\"");
    if (spaced != LEADING)
        text_append(of->spec, " stride=even");
}

const scheduler_part inverse_stride_part = {read_inverse_stride, NULL};

/* PNDM mixes what the network says as it is. */
static void read_combine(sampling *of)
{
    static const char *const predictions[] = {"epsilon", "v_prediction", NULL};
    if (config_choice(of->from, "prediction_type", predictions, 0) == 1)
        text_append(of->spec, " combine=v");
}

const scheduler_part combine_part = {read_combine, NULL};

/* ---- what single solvers have ---- */

static void read_curvature(sampling *of)
{
    const char *algorithm = json_string(json_get(of->from->json, "algorithm_type"));
    if (config_integer(of->from, "solver_order", 2, 1, 3) == 3)
        text_append(of->spec, " curvature=%s",
                    algorithm != NULL && strcmp(algorithm, "sde-dpmsolver++") == 0 ? "diffusers" : "published");
}

const scheduler_part curvature_part = {read_curvature, NULL};

static void read_uncorrected(sampling *of)
{
    const json_value *list = json_get(of->from->json, "disable_corrector");
    for (size_t i = 0; i < json_count(list); i++) {
        int64_t step = 0;
        if (!config_whole(&step, json_item(list, i)) || step < 0 || step > STEPS)
            config_refuse(of->from, "disable_corrector", list, "numbers of steps");
        text_append(of->spec, "%s%lld", i == 0 ? " disable_corrector=" : ",", (long long)step);
    }
}

static void write_uncorrected(describing *of)
{
    const char *value;
    size_t length;
    text_buffer list = {0};
    if (!spec_find(of->to->spec, "disable_corrector", &value, &length))
        return;
    text_append(&list, "[%.*s]", (int)length, value);
    writing_put_text(of->to, "disable_corrector", &list);
}

const scheduler_part uncorrected_part = {read_uncorrected, write_uncorrected};
