/* A schedule and a sampler's spec as scheduler_config.json: written by the rows of a class, then read again and held
 * against what was asked for, so that what diffusers cannot express is refused and never left out. */
#include "interop/diffusers/specs.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "interop/diffusers/sampling.h"
#include "interop/diffusers/scheduler_compare.h"
#include "process/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const writing_row index_rows[] = {
    {"_class_name", "\"DDPMPipeline\""},
    {"_diffusers_version", "\"0.26.3\""},
    {"scheduler", "[\"diffusers\",\"DDPMScheduler\"]"},
    {"unet", "[\"diffusers\",\"UNet2DModel\"]"},
};

/* ---- which class ---- */

static scheduler_family family_of(const struct diffusion_schedule *schedule)
{
    static const char *const curves[] = {
        [FAMILY_TRIGONOMETRIC] = "trigonometric", [FAMILY_EDM] = "edm", [FAMILY_FLOW] = "flow"};
    for (size_t i = FAMILY_TRIGONOMETRIC; i < SPEC_COUNT(curves); i++)
        if (strcmp(schedule->curve->spec.name, curves[i]) == 0)
            return (scheduler_family)i;
    return FAMILY_BETAS;
}

/* Betas stand for any curve that preserves variance, and multistep schedulers know flows. */
static int suits(const scheduler_class *class, const struct diffusion_schedule *schedule)
{
    const scheduler_family family = family_of(schedule);
    return class->family == family ||
           (class->family == FAMILY_BETAS &&
            (schedule_preserves_variance(schedule) ||
             (family == FAMILY_FLOW && scheduler_class_option(class, "use_flow_sigmas") != NULL)));
}

/* How many of the class's fixed pairs a sampler's spec has otherwise. */
static int count_otherwise(const scheduler_class *class, const char *sampler)
{
    int count = 0;
    for (const char *at = class->fixed; *at != '\0'; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        char pair[64];
        snprintf(pair, sizeof pair, " %.*s ", (int)length, at);
        count += strstr(sampler, pair) == NULL;
        at += length;
    }
    return count;
}

/* The first of those that have fewest pairs otherwise; NULL where no class has such a sampler. */
static const scheduler_class *choose(const struct diffusion_schedule *schedule, const char *sampler)
{
    const scheduler_class *best = NULL, *class;
    for (size_t i = 0; (class = scheduler_class_at(i)) != NULL; i++)
        if (suits(class, schedule) && scheduler_class_has_kind(class, sampler, strcspn(sampler, " ")) &&
            (best == NULL || count_otherwise(class, sampler) < count_otherwise(best, sampler)))
            best = class;
    return best;
}

/* ---- the schedule ---- */

static int put_curve(writing *to, const char *schedule, const scheduler_class *class)
{
    writing from = {.spec = schedule};
    const size_t kind = strcspn(schedule, " ");
    const int rescaled = writing_says(&from, "zero_terminal_snr", "yes");
    if (rescaled && scheduler_class_option(class, "rescale_betas_zero_snr") == NULL)
        return 0;
    for (size_t i = 0; curves_here[i] != NULL; i++) {
        if (strlen(curves_here[i]) != kind || memcmp(schedule, curves_here[i], kind) != 0)
            continue;
        if (strcmp(curves_here[i], "sigmoid") == 0 && strcmp(class->name, "DDPMScheduler") != 0)
            return 0; /* which no other has */
        writing_put(to, "beta_schedule", "\"%s\"", diffusers_curves[i]);
        if (i != DIFFUSERS_CURVE_COSINE) {
            writing_put_real(to, "beta_start", writing_number(&from, "beta_start"));
            writing_put_real(to, "beta_end", writing_number(&from, "beta_end"));
        }
        writing_put_flag(to, "rescale_betas_zero_snr", rescaled);
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

static void put_schedule(writing *to, const struct diffusion_schedule *schedule, const scheduler_class *class)
{
    static const char *const of_edm[] = {"sigma_min", "sigma_max", "rho"};
    writing of = {.spec = schedule->spec};
    writing_put(to, "num_train_timesteps", "%d", (int)schedule->steps);
    for (size_t i = 0; i < SPEC_COUNT(of_edm) && class->family == FAMILY_EDM; i++)
        writing_put_real(to, of_edm[i], writing_number(&of, of_edm[i]));
    if (class->family == FAMILY_BETAS && family_of(schedule) != FAMILY_FLOW && !put_curve(to, schedule->spec, class))
        put_betas(to, schedule);
}

/* ---- the model ---- */

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

/* A DDPMScheduler draws by the variance. Others have no use for it, and it is known by the outputs' number unless it is
 * another; then they carry it, as configurations do that were made of a DDPMScheduler's. */
static int says_variance(const char *spec, const scheduler_class *class)
{
    writing of = {.spec = spec};
    return strcmp(class->name, "DDPMScheduler") == 0 ||
           (!writing_says(&of, "variance", "fixed_small") && !writing_says(&of, "variance", "learned_range"));
}

static void put_model(writing *to, const char *spec, const scheduler_class *class)
{
    writing of = {.spec = spec};
    const int edm = writing_says(&of, "predict", "edm"), edm_v = writing_says(&of, "predict", "edm_v");
    const char *prediction = edm     ? "epsilon"
                             : edm_v ? "v_prediction"
                                     : name_of(&of, "predict", predictions_here, diffusers_predictions);
    const char *variance = name_of(&of, "variance", variances_here, diffusers_variances);
    writing_put(to, "prediction_type", "\"%s\"", prediction);
    if (says_variance(spec, class))
        writing_put(to, "variance_type", "\"%s\"", variance);
    if (class->family == FAMILY_EDM)
        writing_put_real(to, "sigma_data", writing_number(&of, "sigma_data"));
    if (to->status == DIFFUSION_OK)
        to->status = of.status;
}

/* ---- the configuration ---- */

/* The class's own rows, and that of a variance that it carries. */
static size_t make_rows(writing_row rows[WRITING_ROWS], const char *model, const scheduler_class *class)
{
    size_t count = 0;
    rows[count++] = (writing_row){"_class_name", "null"};
    rows[count++] = (writing_row){"_diffusers_version", "null"};
    for (const scheduler_option *option = class->options; option->key != NULL; option++)
        rows[count++] = (writing_row){option->key, option->standard};
    if (says_variance(model, class) && scheduler_class_option(class, "variance_type") == NULL)
        rows[count++] = (writing_row){"variance_type", "null"};
    return count;
}

static diffusion_status write(json_value **out, const scheduler_class *class, const scheduler_asked *asked)
{
    writing_row rows[WRITING_ROWS];
    const size_t count = make_rows(rows, asked->model, class);
    writing to = writing_begin(rows, count, asked->sampler);
    describing of = {&to, asked->schedule, asked->schedule->steps, asked->steps};
    writing_put(&to, "_class_name", "\"%s\"", class->name);
    writing_put(&to, "_diffusers_version", "\"%s\"", class->version);
    sampling_write(&of, class);
    put_schedule(&to, asked->schedule, class);
    put_model(&to, asked->model, class);
    return writing_finish(out, &to);
}

static diffusion_status refuse_schedule(const struct diffusion_schedule *schedule, const char *sampler)
{
    const scheduler_class *class;
    const size_t length = strcspn(sampler, " ");
    for (size_t i = 0; (class = scheduler_class_at(i)) != NULL; i++)
        if (scheduler_class_has_kind(class, sampler, length))
            return error_set(DIFFUSION_E_SPEC,
                             "model_save_diffusers: schedule %s, expected one that the %s of "
                             "diffusers has",
                             schedule->curve->spec.name, class->name);
    return error_set(DIFFUSION_E_SPEC, "model_save_diffusers: sampler=%.*s, expected one that diffusers has",
                     (int)length, sampler);
}

diffusion_status diffusers_scheduler_write(json_value **out, const struct diffusion_schedule *schedule,
                                           const char *spec, const char *sampler)
{
    scheduler_asked asked = {.schedule = schedule, .model = spec};
    json_value *json = NULL;
    diffusion_status status = schedule_check_additive(schedule, "model_save_diffusers", "a scheduler");
    if (status == DIFFUSION_OK)
        status = scheduler_ask(&asked, sampler != NULL ? sampler : "ancestral");
    if (status != DIFFUSION_OK)
        return status;
    const scheduler_class *class = choose(schedule, asked.sampler);
    status = class != NULL ? write(&json, class, &asked) : refuse_schedule(schedule, asked.sampler);
    if (status == DIFFUSION_OK)
        status = scheduler_compare(&asked, json, class);
    scheduler_asked_release(&asked);
    if (status == DIFFUSION_OK)
        *out = json;
    else
        json_release(json);
    return status;
}

/* ---- the pipeline ---- */

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
