#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "interop/diffusers/writing.h"
#include "process/quantity.h"

#include <string.h>

/* Every key that diffusers 0.26.3 writes, in its order, with what never differs. */
static const writing_row ddpm_rows[] = {
    {"_class_name", "\"DDPMScheduler\""},
    {"_diffusers_version", "\"0.26.3\""},
    {"num_train_timesteps", "1000"},
    {"beta_start", "0.0001"},
    {"beta_end", "0.02"},
    {"beta_schedule", "\"linear\""},
    {"trained_betas", "null"},
    {"variance_type", "\"fixed_small\""},
    {"clip_sample", "false"},
    {"prediction_type", "\"epsilon\""},
    {"thresholding", "false"},
    {"dynamic_thresholding_ratio", "0.995"},
    {"clip_sample_range", "1.0"},
    {"sample_max_value", "1.0"},
    {"timestep_spacing", "\"leading\""},
    {"steps_offset", "0"},
    {"rescale_betas_zero_snr", "false"},
};

static const writing_row ddim_rows[] = {
    {"_class_name", "\"DDIMScheduler\""},
    {"_diffusers_version", "\"0.26.3\""},
    {"num_train_timesteps", "1000"},
    {"beta_start", "0.0001"},
    {"beta_end", "0.02"},
    {"beta_schedule", "\"linear\""},
    {"trained_betas", "null"},
    {"clip_sample", "false"},
    {"set_alpha_to_one", "true"},
    {"steps_offset", "0"},
    {"prediction_type", "\"epsilon\""},
    {"thresholding", "false"},
    {"dynamic_thresholding_ratio", "0.995"},
    {"clip_sample_range", "1.0"},
    {"sample_max_value", "1.0"},
    {"timestep_spacing", "\"leading\""},
    {"rescale_betas_zero_snr", "false"},
};

static const writing_row index_rows[] = {
    {"_class_name", "\"DDPMPipeline\""},
    {"_diffusers_version", "\"0.26.3\""},
    {"scheduler", "[\"diffusers\",\"DDPMScheduler\"]"},
    {"unet", "[\"diffusers\",\"UNet2DModel\"]"},
};

/* "v_prediction" of "v". Refused where diffusers has no such thing. */
static const char *name_of(writing *to, const char *key, const char *const *here, const char *const *names)
{
    const char *value = "";
    size_t length = 0;
    for (size_t i = 0; here[i] != NULL; i++)
        if (writing_says(to, key, here[i]))
            return names[i];
    spec_find(to->spec, key, &value, &length);
    writing_refuse(to, key, value, length, "what diffusers has too");
    return "";
}

static int put_curve(writing *to, const char *schedule, int implicit)
{
    static const struct {
        const char *kind, *name;
    } curves[] = {{"linear ", "linear"},
                  {"scaled_linear ", "scaled_linear"},
                  {"cosine ", "squaredcos_cap_v2"},
                  {"sigmoid ", "sigmoid"}};
    writing of = {.spec = schedule};
    for (size_t i = 0; i < SPEC_COUNT(curves) - (size_t)implicit; i++) /* a DDIMScheduler has no sigmoid */
        if (strncmp(schedule, curves[i].kind, strlen(curves[i].kind)) == 0) {
            writing_put(to, "beta_schedule", "\"%s\"", curves[i].name);
            if (i != 2) {
                writing_put_real(to, "beta_start", writing_number(&of, "beta_start"));
                writing_put_real(to, "beta_end", writing_number(&of, "beta_end"));
            }
            writing_put_flag(to, "rescale_betas_zero_snr", writing_says(&of, "zero_terminal_snr", "yes"));
            return 1;
        }
    return 0;
}

/* Any other schedule by its betas, as they are in the end. */
static void put_betas(writing *to, const struct diffusion_schedule *schedule)
{
    double *values = memory_allocate((size_t)schedule->steps, sizeof *values);
    diffusion_status status =
        values != NULL ? quantity_fill(values, schedule, "model_save_diffusers", "beta") : DIFFUSION_E_MEMORY;
    text_buffer betas = {0};
    for (int32_t i = 0; i < schedule->steps && status == DIFFUSION_OK; i++) {
        text_append(&betas, i > 0 ? "," : "[");
        writing_append_real(&betas, values[i]);
    }
    text_append(&betas, "]");
    memory_release(values);
    writing_put_text(to, "trained_betas", &betas);
    if (to->status == DIFFUSION_OK)
        to->status = status;
}

/* Numbers by their value, words by their letters. */
static int is_same(const char *value, size_t length, const char *text)
{
    double number, other;
    if (number_parse_real(&number, value, length) && number_parse_real(&other, text, strlen(text)))
        return number == other;
    return length == strlen(text) && memcmp(value, text, length) == 0;
}

/* A pipeline adds noise to DDIM's steps, or goes another way, only when it is called so. */
static void check_sampling(writing *to, const char *sampler)
{
    static const writing_row fixed[] = {
        {"eta", "0"},        {"last", "mean"},    {"posterior", "constant"}, {"particles", "1"},
        {"threshold", "0"},  {"times", "whole"},  {"drop_lowest", "no"},     {"clipped_epsilon", "no"},
        {"lambda_min", "0"}, {"signal_min", "0"}, {"guidance_scale", "1"},   {"steps_list", ""},
    };
    static const char *const kinds[] = {"ancestral", "ddim"};
    const size_t kind = strcspn(sampler, " ");
    int is_known = kind == 0;
    for (size_t i = 0; i < SPEC_COUNT(kinds); i++)
        is_known = is_known || (strlen(kinds[i]) == kind && memcmp(sampler, kinds[i], kind) == 0);
    if (!is_known)
        writing_refuse(to, "sampler", sampler, kind, "ancestral or ddim, of which there is a pipeline");
    for (size_t i = 0; i < SPEC_COUNT(fixed); i++) {
        const char *value;
        size_t length;
        if (spec_find(sampler, fixed[i].key, &value, &length) && !is_same(value, length, fixed[i].value))
            writing_refuse(to, fixed[i].key, value, length, "what a pipeline does by default");
    }
}

/* How the model's text "sampler" would have it. */
static void put_sampling(writing *to, const char *sampler, int implicit)
{
    static const char *const spacings[] = {"leading", "linspace", "trailing"};
    writing of = {.spec = sampler};
    const char *value;
    size_t length;
    double clip = spec_find(sampler, "clip", &value, &length) ? writing_number(&of, "clip") : 0.0;
    double offset = spec_find(sampler, "steps_offset", &value, &length) ? writing_number(&of, "steps_offset") : 0.0;
    writing_put_flag(to, "clip_sample", clip > 0);
    if (clip > 0)
        writing_put_real(to, "clip_sample_range", clip);
    writing_put(to, "steps_offset", "%.0f", offset);
    int spaced = !spec_find(sampler, "spacing", &value, &length);
    for (size_t i = 0; i < SPEC_COUNT(spacings); i++)
        if (writing_says(&of, "spacing", spacings[i])) {
            writing_put(to, "timestep_spacing", "\"%s\"", spacings[i]);
            spaced = 1;
        }
    if (!spaced)
        writing_refuse(to, "spacing", value, length, "leading, linspace or trailing");
    if (!implicit && writing_says(&of, "final", "sigma_min"))
        writing_refuse(to, "final", "sigma_min", 9, "zero");
    if (implicit)
        writing_put_flag(to, "set_alpha_to_one", !writing_says(&of, "final", "sigma_min"));
    if (of.status != DIFFUSION_OK)
        to->status = of.status;
}

diffusion_status diffusers_scheduler_write(json_value **out, const struct diffusion_schedule *schedule,
                                           const char *spec, const char *sampler)
{
    static const char implicit_kind[] = "ddim";
    int implicit = sampler != NULL && strncmp(sampler, implicit_kind, strlen(implicit_kind)) == 0;
    diffusion_status additive = schedule_check_additive(schedule, "model_save_diffusers", "a scheduler");
    if (additive != DIFFUSION_OK)
        return additive;
    if (!schedule_preserves_variance(schedule))
        return error_set(DIFFUSION_E_SPEC, "model_save_diffusers: schedule %s, expected one that preserves variance",
                         schedule->curve->spec.name);
    writing to = implicit ? writing_begin(ddim_rows, SPEC_COUNT(ddim_rows), spec)
                          : writing_begin(ddpm_rows, SPEC_COUNT(ddpm_rows), spec);
    const char *prediction = name_of(&to, "predict", predictions_here, diffusers_predictions);
    const char *variance = name_of(&to, "variance", variances_here, diffusers_variances);
    if (strcmp(prediction, "flow_prediction") == 0)
        writing_refuse(&to, "predict", "flow", 4, "what a DDPMScheduler has too");
    writing_put(&to, "num_train_timesteps", "%d", (int)schedule->steps);
    writing_put(&to, "prediction_type", "\"%s\"", prediction);
    if (!implicit)
        writing_put(&to, "variance_type", "\"%s\"", variance);
    if (!put_curve(&to, schedule->spec, implicit))
        put_betas(&to, schedule);
    check_sampling(&to, sampler != NULL ? sampler : "");
    put_sampling(&to, sampler != NULL ? sampler : "", implicit);
    return writing_finish(out, &to);
}

/* Whether these are the steps that a DDPMPipeline takes by default, and a DDIMPipeline does not. */
static int takes_all_steps(const json_value *scheduler, const char *sampler)
{
    int64_t steps = 0, total = 0;
    const char *value;
    size_t length;
    return sampler != NULL && spec_find(sampler, "steps", &value, &length) &&
           number_parse_integer(&steps, value, length) &&
           json_integer(&total, json_get(scheduler, "num_train_timesteps")) &&
           steps == diffusers_default_steps(DIFFUSERS_DDPM, total) &&
           steps != diffusers_default_steps(DIFFUSERS_DDIM, total);
}

diffusion_status diffusers_index_write(json_value **out, const json_value *scheduler, const char *sampler)
{
    const char *class = json_string(json_get(scheduler, "_class_name"));
    writing to = writing_begin(index_rows, SPEC_COUNT(index_rows), "");
    writing_put(&to, "scheduler", "[\"diffusers\",\"%s\"]", class);
    if (strcmp(class, "DDIMScheduler") == 0 && !takes_all_steps(scheduler, sampler))
        writing_put(&to, "_class_name", "\"DDIMPipeline\"");
    return writing_finish(out, &to);
}
