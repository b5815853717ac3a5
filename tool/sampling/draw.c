#include "sampling/draw.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/model.h"
#include "common/progress.h"
#include "data/scaling.h"

#include <diffusion.h>
#include <stdlib.h>

static void run(float *out, size_t count, const diffusion_model *model, diffusion_sampler *sampler, int quiet)
{
    progress bar;
    int32_t *labels = labels_of_all(model, count);
    diffusion_condition *condition = condition_of(labels, count);
    progress_begin(&bar, "step", (int64_t)count, 0, 0, quiet);
    check(diffusion_sampler_set_progress(sampler, progress_report, &bar));
    check(diffusion_sampler_run(sampler, condition, count, out));
    progress_break();
    diffusion_condition_free(condition);
    free(labels);
}

void draw_from_model(dataset *out, const char *path, size_t count, const char *sampler, const char *schedule_spec,
                     int quiet)
{
    int64_t shape[DATA_RANK];
    size_t rank;
    diffusion_model *model = model_open(path);
    diffusion_schedule *schedule = schedule_of(model, path, schedule_spec);
    check(diffusion_model_shape(model, shape, DATA_RANK, &rank));
    *out = (dataset){0};
    data_reserve(out, path, count, shape, rank);
    out->scaled = allocate(out->count * out->dim, sizeof *out->scaled);
    diffusion_sampler *drawer = sampler_open(model, schedule, path, sampler, quiet);
    run(out->scaled, count, model, drawer, quiet);
    diffusion_sampler_free(drawer);
    check(diffusion_model_to_data(model, out->scaled, out->count, out->values));
    data_measure(out);
    diffusion_schedule_free(schedule);
    diffusion_model_free(model);
}
