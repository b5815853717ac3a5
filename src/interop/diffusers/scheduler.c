#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "interop/diffusers/sampling.h"

#include <float.h>
#include <string.h>

enum { STEPS = 100000 };

const char *const diffusers_curves[] = {"linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", NULL};
const char *const curves_here[] = {"linear", "scaled_linear", "cosine", "sigmoid", NULL};

const char *const diffusers_predictions[] = {"epsilon", "sample", "v_prediction", "flow_prediction", NULL};
const char *const predictions_here[] = {"epsilon", "x0", "v", "flow", NULL};

/* The _log ones are the same variances, told by their logarithms. */
const char *const diffusers_variances[] = {
    "fixed_small", "fixed_large", "learned_range", "learned", "fixed_small_log", "fixed_large_log", NULL};
const char *const variances_here[] = {"fixed_small", "fixed_large", "learned_range", "learned_raw", "fixed_small",
                                      "fixed_large", NULL};

/* The last three are of early versions. */
static const config_plain plain[] = {
    {"timestep_type", "\"discrete\""},  {"solver_p", "null"},        {"tau_func", "null"}, {"timestep_values", "null"},
    {"tensor_format", "\"pt\"|\"np\""}, {"predict_epsilon", "true"},
};

/* What configurations carry from another class that they were made of, and what then plays no part. */
static const char *const carried[] = {
    "skip_prk_steps",    "set_alpha_to_one", "steps_offset",     "variance_type",   "dynamic_thresholding_ratio",
    "clip_sample_range", "sample_max_value", "timestep_spacing", "prediction_type", NULL,
};

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
        text_append_real(spec, value != json_first(betas) ? "," : "", beta);
    }
}

static void append_betas_schedule(text_buffer *spec, config *from)
{
    const int64_t steps = config_integer(from, "num_train_timesteps", 1000, 1, STEPS);
    const int kind = config_choice(from, "beta_schedule", diffusers_curves, 0);
    const double start = config_real(from, "beta_start", 0, 0, 1), end = config_real(from, "beta_end", 0, 0, 1);
    if (!config_is_null(from, "trained_betas")) {
        append_betas(spec, from, steps);
    } else {
        text_append(spec, "%s steps=%lld", curves_here[kind], (long long)steps);
        if (kind != DIFFUSERS_CURVE_COSINE) {
            text_append_real(spec, " beta_start=", start);
            text_append_real(spec, " beta_end=", end);
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

static void append_edm_schedule(text_buffer *spec, config *from, int64_t steps)
{
    text_append(spec, "edm steps=%lld", (long long)steps);
    text_append_real(spec, " sigma_min=", config_real(from, "sigma_min", 0.002, 0, DBL_MAX));
    text_append_real(spec, " sigma_max=", config_real(from, "sigma_max", 80, 0, DBL_MAX));
    text_append_real(spec, " rho=", config_real(from, "rho", 7, 1e-3, 1e3));
}

static void append_schedule(text_buffer *spec, config *from, const scheduler_class *class)
{
    const int64_t steps = config_integer(from, "num_train_timesteps", 1000, 1, STEPS);
    const int flows = class->family == FAMILY_FLOW || config_flag(from, "use_flow_sigmas", 0);
    if (flows)
        text_append(spec, "flow steps=%lld", (long long)steps);
    else if (class->family == FAMILY_TRIGONOMETRIC)
        text_append(spec, "trigonometric steps=%lld", (long long)steps);
    else if (class->family == FAMILY_EDM)
        append_edm_schedule(spec, from, steps);
    else
        append_betas_schedule(spec, from);
}

/* What the class reads the output as; a flow's says nothing of it. */
static void read_prediction(diffusers_scheduler *read, config *from, const scheduler_class *class)
{
    const json_value *type = json_get(from->json, "prediction_type");
    const int flows = class->family == FAMILY_FLOW, edm = class->family == FAMILY_EDM;
    read->predict = predictions_here[config_choice(from, "prediction_type", diffusers_predictions, flows ? 3 : 0)];
    if (class->takes_v)
        read->predict = "v";
    if (strcmp(read->predict, "flow") == 0 && !flows && !config_flag(from, "use_flow_sigmas", 0))
        config_refuse(from, "prediction_type", type, "another without use_flow_sigmas");
    if (!edm)
        return;
    read->sigma_data = config_real(from, "sigma_data", 0.5, 1e-6, 1e6);
    if (strcmp(read->predict, "epsilon") != 0 && strcmp(read->predict, "v") != 0)
        config_refuse(from, "prediction_type", type, "\"epsilon\" or \"v_prediction\", which are EDM's F and -F");
    read->predict = strcmp(read->predict, "v") == 0 ? "edm_v" : "edm";
}

/* Only a DDPMScheduler's variance_type says what a half of the output is for; others have noise of their own. `from` is
 * the configuration as it was given. */
static const char *read_variance(config *from, const scheduler_class *class, int learned)
{
    const json_value *type = json_get(from->json, "variance_type");
    const int is_said = !config_is_null(from, "variance_type");
    if (!is_said && strcmp(class->name, "DDPMScheduler") != 0)
        return learned ? "learned_range" : "fixed_small";
    const char *variance = variances_here[is_said ? config_choice(from, "variance_type", diffusers_variances, 0) : 0];
    if ((strncmp(variance, "learned", 7) == 0) != learned)
        config_refuse(from, "variance_type", type, "%s, as the unet's out_channels %s in_channels",
                      learned ? "learned_range or learned" : "a fixed one", learned ? "are twice its" : "are its");
    return variance;
}

/* A DDIMPipeline makes a DDIMScheduler of any. `own` is the class that the configuration was saved by. */
static const scheduler_class *class_of(config *from, const diffusers_index *index, const scheduler_class **own)
{
    static const char implicit[] = "DDIMScheduler";
    const json_value *value = json_get(from->json, "_class_name");
    *own = scheduler_class_named(json_string(value));
    if (*own == NULL) {
        config_refuse(from, "_class_name", value, "a scheduler that is read, such as \"DDPMScheduler\"");
        return NULL;
    }
    return index->pipeline == DIFFUSERS_DDIM ? scheduler_class_named(implicit)
           : index->scheduler != NULL        ? scheduler_class_named(index->scheduler)
                                             : *own;
}

/* Whether some class has such an option, and that by default: configurations that were made of another's keep its. */
static int is_default_elsewhere(const json_value *value)
{
    char text[64];
    const size_t length = json_print(text, sizeof text, value, 0);
    const scheduler_class *class;
    for (size_t i = 0; length < sizeof text && (class = scheduler_class_at(i)) != NULL; i++) {
        const scheduler_option *option = scheduler_class_option(class, json_key(value));
        if (option != NULL && number_text_is_same(text, length, option->standard, strlen(option->standard)))
            return 1;
    }
    return 0;
}

/* Refuses an option by its name that none of both classes has. Those of the class that it was saved by alone play no
 * part, as diffusers has it. */
static void check_known(config *from, const scheduler_class *class, const scheduler_class *own)
{
    for (const json_value *value = json_first(from->json); value != NULL; value = json_next(from->json, value)) {
        const char *key = json_key(value);
        if (scheduler_class_option(class, key) == NULL && scheduler_class_option(own, key) == NULL &&
            !config_is_noted(value, carried, plain, SPEC_COUNT(plain)) && !is_default_elsewhere(value))
            config_refuse(from, key, value, "no such option");
    }
}

static void append_value(text_buffer *to, const json_value *value)
{
    char shown[256], *whole = NULL;
    const size_t length = json_print(shown, sizeof shown, value, 0);
    if (length < sizeof shown) {
        text_append(to, "%s", shown);
        return;
    }
    whole = memory_allocate(length + 1, 1); /* a list of betas */
    if (whole != NULL) {
        json_print(whole, length + 1, value, 0);
        text_append(to, "%s", whole);
    } else {
        to->failed = 1;
    }
    memory_release(whole);
}

/* The configuration of a class with all its options and no others. */
static diffusion_status complete(json_value **out, const config *from, const scheduler_class *class)
{
    text_buffer text = {0};
    for (const scheduler_option *option = class->options; option->key != NULL; option++) {
        const json_value *given = json_get(from->json, option->key);
        text_append(&text, "%s\"%s\":", option == class->options ? "{" : ",", option->key);
        if (given != NULL)
            append_value(&text, given);
        else
            text_append(&text, "%s", option->standard);
    }
    text_append(&text, "}");
    char *document = text_finish(&text);
    diffusion_status status = document != NULL
                                  ? json_parse(out, from->path, "the configuration", document, strlen(document))
                                  : DIFFUSION_E_MEMORY;
    memory_release(document);
    return status;
}

/* The sampler of a schedule that is known to be one. */
static void append_sampler(text_buffer *spec, config *from, const diffusers_index *index, const scheduler_class *class,
                           const struct diffusion_schedule *schedule)
{
    const int64_t total = schedule->steps;
    const int64_t steps = index->steps > 0 ? index->steps : diffusers_default_steps(index->pipeline, total);
    sampling of = {spec, from, index, schedule, total, steps};
    sampling_read(&of, class);
}

static diffusion_status finish(char **out, text_buffer *text)
{
    *out = text_finish(text);
    return *out != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
}

/* The schedule's spec complete, and the sampler's. */
static diffusion_status read_specs(diffusers_scheduler *out, config *from, const diffusers_index *index,
                                   const scheduler_class *class)
{
    text_buffer text = {0}, sampler = {0};
    struct diffusion_schedule *schedule = NULL;
    char *spec = NULL;
    append_schedule(&text, from, class);
    diffusion_status status = finish(&spec, &text);
    if (status == DIFFUSION_OK && from->status == DIFFUSION_OK)
        status = error_within(schedule_create(&schedule, spec), from->path);
    memory_release(spec);
    if (status != DIFFUSION_OK || from->status != DIFFUSION_OK)
        return status != DIFFUSION_OK ? status : from->status;
    append_sampler(&sampler, from, index, class, schedule);
    status = finish(&out->sampler, &sampler);
    out->schedule = memory_text(schedule->spec);
    schedule_release(schedule);
    return status == DIFFUSION_OK && out->schedule == NULL ? DIFFUSION_E_MEMORY : status;
}

static diffusion_status read_complete(diffusers_scheduler *out, config *from, const diffusers_index *index,
                                      const scheduler_class *class)
{
    json_value *json = NULL;
    diffusion_status status = complete(&json, from, class);
    if (status != DIFFUSION_OK)
        return status;
    config whole = {json, from->path, DIFFUSION_OK};
    read_prediction(out, &whole, class);
    status = read_specs(out, &whole, index, class);
    json_release(json);
    return status == DIFFUSION_OK ? whole.status : status;
}

diffusion_status diffusers_scheduler_read(diffusers_scheduler *out, const json_value *json, const char *path,
                                          const diffusers_index *index, int learned)
{
    config from = {json, path, DIFFUSION_OK};
    diffusers_scheduler read = {.sigma_data = 0.5};
    const scheduler_class *own, *class = class_of(&from, index, &own);
    if (class == NULL)
        return from.status;
    config_check_plain(&from, plain, SPEC_COUNT(plain));
    check_known(&from, class, own);
    read.variance = read_variance(&from, class, learned);
    diffusion_status status = from.status;
    if (status == DIFFUSION_OK)
        status = read_complete(&read, &from, index, class);
    if (status == DIFFUSION_OK)
        *out = read;
    else
        diffusers_scheduler_release(&read);
    return status;
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
    if (scheduler != NULL && strncmp(scheduler->predict, "edm", 3) == 0)
        text_append_real(&spec, " time=edm sigma_data=", scheduler->sigma_data);
    return text_finish(&spec);
}
