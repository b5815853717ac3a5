#include "training/setup.h"

#include "common/fail.h"
#include "common/model.h"
#include "common/specs.h"
#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* " key=value", where the spec has it and it is not 0. */
static void append_key(char **text, const char *spec, const char *key)
{
    char *value = spec_value(spec, key);
    if (value != NULL && strcmp(value, "0") != 0)
        text_append(text, " %s=%s", key, value);
    free(value);
}

/* The spec's kind, and of its keys those that tell most. */
static void append_spec(char **text, const char *spec, const char *const *keys)
{
    text_append(text, "; %.*s", (int)strcspn(spec, " "), spec);
    for (; *keys != NULL; keys++)
        append_key(text, spec, *keys);
}

/* "652 parameters", "1.06 M parameters" */
static void append_parameters(char **text, double count)
{
    int thousands = count < 1e3 ? 0 : count < 999500 ? 1 : 2;
    double shown = count / pow(1000, thousands);
    text_append(text, ", %.*f %sparameters",
                thousands == 0 || shown >= 100 ? 0
                : shown >= 10                  ? 1
                                               : 2,
                shown,
                thousands == 0   ? ""
                : thousands == 1 ? "k "
                                 : "M ");
}

static void append_data(char **text, const training_job *job, const diffusion_model *model)
{
    char *shape = data_shape_text(&job->data);
    text_append(text, "%zu x %s", job->data.count, shape);
    if (job->held.count > 0)
        text_append(text, ", %zu held out", job->held.count);
    if (diffusion_model_classes(model) > 0)
        text_append(text, ", %d classes", (int)diffusion_model_classes(model));
    else if (job->data.labels != NULL)
        text_append(text, ", labels left out");
    free(shape);
}

void training_announce(const training_job *job)
{
    static const char *const model_keys[] = {"channels", "blocks", "width", "depth", "units", "scales", NULL},
                             *const schedule_keys[] = {"steps", NULL};
    const diffusion_model *model = diffusion_trainer_model(job->trainer);
    char *line = text_format("%s", "");
    append_data(&line, job, model);
    append_spec(&line, diffusion_model_spec(model), model_keys);
    append_parameters(&line, (double)model_parameters(model));
    append_spec(&line, diffusion_schedule_spec(diffusion_trainer_schedule(job->trainer)), schedule_keys);
    char *objective = spec_value(diffusion_trainer_spec(job->trainer), "objective");
    long long steps = training_number(job->trainer, "steps"), batch = training_number(job->trainer, "batch");
    fprintf(stderr, "diffusion: %s; %s, %lld step%s of %lld\n", line, objective, steps, steps > 1 ? "s" : "", batch);
    free(objective);
    free(line);
}
