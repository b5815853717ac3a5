#include "latent/latent.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/progress.h"
#include "common/text.h"
#include "data/prepare.h"
#include "data/scaling.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 100 };

static const char up[] = "_inverse";
static const char *const downs[] = {"ddim", "heun"};

static size_t kind_length(const char *spec)
{
    return strcspn(spec, " \t\r\n");
}

static int goes_up(const char *spec)
{
    const size_t length = kind_length(spec), ending = strlen(up);
    return length > ending && memcmp(spec + length - ending, up, ending) == 0;
}

char *latent_decoder(const diffusion_schedule *schedule)
{
    const int steps = diffusion_schedule_steps(schedule);
    return text_format("ddim steps=%d", steps < STEPS ? steps : STEPS);
}

char *latent_encoder(const char *command, const char *decoder)
{
    const size_t length = kind_length(decoder);
    if (goes_up(decoder))
        return text_format("%s", decoder);
    for (size_t i = 0; i < sizeof downs / sizeof downs[0]; i++)
        if (strlen(downs[i]) == length && memcmp(decoder, downs[i], length) == 0)
            return text_format("%s%s%s", downs[i], up, decoder + length);
    fail_usage("%s: --sampler %s: no solver goes its way from data to noise, expected ddim or heun", command, decoder);
}

void latent_check_decoder(const char *command, const char *spec)
{
    if (spec != NULL && goes_up(spec))
        fail_usage("%s: --sampler %s: goes from data to noise, as diffusion encode does, expected a solver that draws",
                   command, spec);
}

int latent_is_unlabelled(const char *command, const char *labels)
{
    if (labels != NULL && strcmp(labels, "none") != 0)
        fail_usage("%s: --labels %s: expected none, the labels being those of DATA", command, labels);
    return labels != NULL;
}

void latent_load(dataset *out, const char *path, const diffusion_model *model)
{
    data_options how;
    data_options_parse(&how, text_ends_with(path, ".npy") ? "labels=none" : NULL);
    data_options_complete(&how, model);
    data_prepare(out, path, &how, DATA_MEASURING);
    data_options_release(&how);
    scaling_check_columns(out, model, path);
}

void latent_give(diffusion_sampler *sampler, const dataset *latents, size_t n)
{
    float *x = allocate(n * latents->dim, sizeof *x);
    for (size_t i = 0; i < n * latents->dim; i++)
        x[i] = (float)latents->values[i];
    check(diffusion_sampler_set_start(sampler, x, n));
    free(x);
}

void latent_run(diffusion_sampler *sampler, const float *x, const int32_t *labels, size_t n, float *out, int quiet)
{
    progress bar;
    diffusion_condition *condition = condition_of(labels, n);
    progress_begin(&bar, "step", (int64_t)n, 0, 0, quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_set_start(sampler, x, n));
    check(diffusion_sampler_run(sampler, condition, n, out));
    progress_break();
    diffusion_condition_free(condition);
}
