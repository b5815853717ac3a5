#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "interop/diffusers/config.h"

#include <float.h>
#include <string.h>

enum { STEPS = 100000 };

static const char *const classes[] = {"DDPMScheduler", "DDIMScheduler", NULL};

static const char *const curves[] = {"linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", NULL};
static const char *const curve_kinds[] = {"linear", "scaled_linear", "cosine", "sigmoid"};
enum { CURVE_COSINE = 2 }; /* has no beta_start, beta_end */

const char *const diffusers_predictions[] = {"epsilon", "sample", "v_prediction", NULL};
const char *const predictions_here[] = {"epsilon", "x0", "v", NULL};

/* The _log ones are the same variances, told by their logarithms. */
const char *const diffusers_variances[] = {"fixed_small",     "fixed_large",     "learned_range",
                                           "fixed_small_log", "fixed_large_log", NULL};
const char *const variances_here[] = {"fixed_small", "fixed_large", "learned_range",
                                      "fixed_small", "fixed_large", NULL};

static const char *const spacings[] = {"leading", "linspace", "trailing", NULL};

/* The last three are of early versions. */
static const config_plain plain[] = {
    {"thresholding", "false"},
    {"timestep_values", "null"},
    {"tensor_format", "\"pt\"|\"np\""},
    {"predict_epsilon", "true"},
};

static const char *const known[] = {
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "trained_betas",
    "variance_type",
    "clip_sample",
    "clip_sample_range",
    "prediction_type",
    "dynamic_thresholding_ratio",
    "sample_max_value",
    "skip_prk_steps", /* of a PNDMScheduler, whose configurations became others' */
    "timestep_spacing",
    "steps_offset",
    "set_alpha_to_one",
    "rescale_betas_zero_snr",
    NULL,
};

static void append_real(text_buffer *spec, const char *before, double value)
{
    char text[NUMBER_SIZE];
    number_format_real(text, value);
    text_append(spec, "%s%s", before, text);
}

/* They stand for any curve. */
static void append_betas(text_buffer *spec, config *from, int64_t steps)
{
    const json_value *betas = json_get(from->json, "trained_betas");
    if (json_count(betas) != (size_t)steps)
        config_refuse(from, "trained_betas", betas, "%lld numbers, as num_train_timesteps says", (long long)steps);
    text_append(spec, "betas values=");
    for (const json_value *value = json_first(betas); value != NULL; value = json_next(betas, value)) {
        double beta = 0.0;
        if (!json_real(&beta, value))
            config_refuse(from, "trained_betas", value, "numbers");
        append_real(spec, value != json_first(betas) ? "," : "", beta);
    }
}

static void append_schedule(text_buffer *spec, config *from)
{
    int64_t steps = config_integer(from, "num_train_timesteps", 1000, 1, STEPS);
    int kind = config_choice(from, "beta_schedule", curves, 0);
    double start = config_real(from, "beta_start", 1e-4, 0, 1), end = config_real(from, "beta_end", 0.02, 0, 1);
    if (!config_is_null(from, "trained_betas")) {
        append_betas(spec, from, steps);
    } else {
        text_append(spec, "%s steps=%lld", curve_kinds[kind], (long long)steps);
        if (kind != CURVE_COSINE) {
            append_real(spec, " beta_start=", start);
            append_real(spec, " beta_end=", end);
        }
    }
    if (config_flag(from, "rescale_betas_zero_snr", 0))
        text_append(spec, " zero_terminal_snr=yes");
}

int64_t diffusers_default_steps(diffusers_pipeline pipeline, int64_t total)
{
    const int64_t steps = pipeline == DIFFUSERS_DDIM ? 50 : 1000;
    return steps < total ? steps : total;
}

/* A DDIMScheduler counts floor(T / steps) down from where it is, whether or not a step is visited there. */
static void append_sampler(text_buffer *spec, config *from, diffusers_pipeline pipeline, int implicit)
{
    int64_t total = config_integer(from, "num_train_timesteps", 1000, 1, STEPS);
    int64_t offset = config_integer(from, "steps_offset", 0, 0, STEPS);
    int64_t steps = diffusers_default_steps(pipeline, total);
    int spacing = config_choice(from, "timestep_spacing", spacings, 0);
    double range = config_real(from, "clip_sample_range", 1, 0, DBL_MAX);
    text_append(spec, "%s", implicit ? "ddim" : "ancestral");
    if (implicit || steps < total)
        text_append(spec, " steps=%lld", (long long)steps);
    if (range <= 0) /* all samples would be 0; here 0 is no limit */
        config_refuse(from, "clip_sample_range", json_get(from->json, "clip_sample_range"), "a number above 0");
    if (config_flag(from, "clip_sample", 1))
        append_real(spec, " clip=", range);
    if (spacing > 0)
        text_append(spec, " spacing=%s", spacings[spacing]);
    else if (offset > 0)
        text_append(spec, " steps_offset=%lld", (long long)offset);
    if (implicit && (spacing > 0 || offset > 0))
        text_append(spec, " stride=even");
    if (implicit && !config_flag(from, "set_alpha_to_one", 1))
        text_append(spec, " set_alpha_to_one=no");
}

/* A DDIMScheduler has no variance_type: its noise is a share of the posterior's. */
static const char *read_variance(config *from, int implicit, int learned)
{
    const json_value *type = json_get(from->json, "variance_type");
    const char *variance = variances_here[config_choice(from, "variance_type", diffusers_variances, 0)];
    if (implicit && type == NULL && learned)
        return "learned_range";
    if ((strcmp(variance, "learned_range") == 0) != learned)
        config_refuse(from, "variance_type", type, "%s, as the unet's out_channels %s in_channels",
                      learned ? "learned_range" : "a fixed one", learned ? "are twice its" : "are its");
    return variance;
}

/* The complete spec of the schedule that a spec makes, so that it is known to make one. */
static diffusion_status complete(char **spec)
{
    struct diffusion_schedule *schedule = NULL;
    diffusion_status status = *spec != NULL ? schedule_create(&schedule, *spec) : DIFFUSION_E_MEMORY;
    memory_release(*spec);
    *spec = status == DIFFUSION_OK ? memory_text(schedule->spec) : NULL;
    schedule_release(schedule);
    return status == DIFFUSION_OK && *spec == NULL ? DIFFUSION_E_MEMORY : status;
}

diffusion_status diffusers_scheduler_read(diffusers_scheduler *out, const json_value *json, const char *path,
                                          const diffusers_index *index, int learned)
{
    config from = {json, path, DIFFUSION_OK};
    text_buffer schedule = {0}, sampler = {0};
    const int implicit = index->implicit || index->pipeline == DIFFUSERS_DDIM;
    config_choice(&from, "_class_name", classes, -1);
    config_check_plain(&from, plain, SPEC_COUNT(plain));
    config_check_known(&from, known, plain, SPEC_COUNT(plain));
    diffusers_scheduler read = {
        .predict = predictions_here[config_choice(&from, "prediction_type", diffusers_predictions, 0)],
        .variance = read_variance(&from, implicit, learned),
    };
    append_schedule(&schedule, &from);
    append_sampler(&sampler, &from, index->pipeline, implicit);
    read.schedule = text_finish(&schedule);
    read.sampler = text_finish(&sampler);
    if (from.status == DIFFUSION_OK)
        from.status = error_within(complete(&read.schedule), path);
    if (from.status == DIFFUSION_OK && read.sampler == NULL)
        from.status = DIFFUSION_E_MEMORY;
    if (from.status == DIFFUSION_OK)
        *out = read;
    else
        diffusers_scheduler_release(&read);
    return from.status;
}

void diffusers_scheduler_release(diffusers_scheduler *self)
{
    memory_release(self->schedule);
    memory_release(self->sampler);
    *self = (diffusers_scheduler){.schedule = NULL};
}

char *diffusers_model_spec(const diffusers_unet *unet, const diffusers_scheduler *scheduler)
{
    text_buffer spec = {0};
    const char *variance = unet->learned ? "learned_range" : "fixed_small";
    text_append(&spec, "%s predict=%s variance=%s", unet->spec, scheduler != NULL ? scheduler->predict : "epsilon",
                scheduler != NULL ? scheduler->variance : variance);
    return text_finish(&spec);
}
