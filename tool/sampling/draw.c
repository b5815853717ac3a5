#include "sampling/draw.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/progress.h"
#include "data/prepare.h"

#include <diffusion.h>
#include <stdlib.h>

static int32_t *labels_in_turn(const diffusion_model *model, size_t count)
{
    int32_t classes = diffusion_model_classes(model), *labels = NULL;
    if (classes > 0)
        labels = allocate(count, sizeof *labels);
    for (size_t i = 0; classes > 0 && i < count; i++)
        labels[i] = (int32_t)(i % (size_t)classes);
    return labels;
}

static void run(dataset *out, const diffusion_model *model, const diffusion_schedule *schedule, const char *spec,
                int quiet)
{
    diffusion_sampler *sampler;
    progress bar;
    int32_t *labels = labels_in_turn(model, out->count);
    check(diffusion_sampler_create(&sampler, model, schedule, spec));
    progress_begin(&bar, "step", 0, diffusion_schedule_steps(schedule), quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_run(sampler, labels, out->count, out->values));
    progress_break();
    diffusion_sampler_free(sampler);
    free(labels);
}

void draw_from_model(dataset *out, const char *path, size_t count, const char *sampler, const char *schedule_spec,
                     int quiet)
{
    diffusion_model *model;
    scaling scale;
    int64_t shape[DATA_RANK];
    size_t rank;
    check(diffusion_model_load(&model, path));
    diffusion_schedule *schedule = schedule_of(model, path, schedule_spec);
    scaling_recall(&scale, model);
    check(diffusion_model_shape(model, shape, DATA_RANK, &rank));
    *out = (dataset){0};
    data_reserve(out, path, count, shape, rank);
    char *spec = sampler_of(model, sampler);
    run(out, model, schedule, spec, quiet);
    free(spec);
    for (size_t i = 0; i < out->count * out->dim; i++)
        out->values[i] = (float)scaling_invert(&scale, out->values[i]);
    data_measure(out);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}
