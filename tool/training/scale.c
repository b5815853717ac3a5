#include "training/scale.h"

#include "common/fail.h"
#include "common/note.h"
#include "common/specs.h"
#include "data/bins.h"

#include <math.h>

static int is_asked(const data_options *how)
{
    return how->scale != SCALE_AUTO || how->dequantize >= 0;
}

/* Of a model of bins the data is in these. */
static void take_bins(training_job *job, const diffusion_model *model)
{
    const column_scaling *c = job->scale.of;
    if (!bins_are_asked(diffusion_model_metadata(model, "bound")))
        return;
    if (job->data.minimum < c->minimum || job->data.maximum > c->maximum)
        fail("%s: values from %.9g to %.9g, but the bins of the model are those of %.9g to %.9g; --data scale=grid "
             "makes others",
             job->path, job->data.minimum, job->data.maximum, c->minimum, c->maximum);
    job->how.scale = SCALE_GRID;
}

/* In the scale that the model knows, in which other data may lie anywhere. */
static void take_scale(training_job *job, const diffusion_model *model)
{
    scaling_recall(&job->scale, model);
    scaling_check_like(&job->scale, &job->data, model, job->path, 0);
    take_bins(job, model);
    scaling_extend(&job->scale, &job->data);
    for (size_t j = 0; j < job->scale.columns; j++) {
        const column_scaling *c = &job->scale.of[j];
        double mean, variance;
        data_moments(&job->data, job->scale.columns > 1 ? j : job->data.dim, &mean, &variance);
        mean = (mean - c->shift) / c->scale;
        double deviation = sqrt(variance) / c->scale;
        if (fabs(mean) <= 3 && deviation >= 0.1 && deviation <= 5)
            continue;
        note("%s: in the scale of %s the data has mean %.3g and standard deviation %.3g; --data "
             "scale=unit or columns gives it a scale of its own",
             job->path, job->scale.columns > 1 ? "the model's columns" : "the model", mean, deviation);
        return;
    }
}

/* A scale of its own, of columns that are the model's all the same. */
static void make_scale(training_job *job, const diffusion_model *model, int binomial)
{
    scaling_check_columns(&job->data, model, job->path);
    scaling_fit(&job->scale, &job->data, &job->how, job->path, binomial);
}

void scale_tune(training_job *job, const diffusion_model *model, int binomial)
{
    if (binomial || is_asked(&job->how))
        make_scale(job, model, binomial);
    else
        take_scale(job, model);
}

static int is_binomial(const training_job *job)
{
    return spec_is_binomial(diffusion_schedule_spec(diffusion_trainer_schedule(job->trainer)));
}

void scale_resume(training_job *job, const diffusion_model *model)
{
    scaling asked;
    scaling_recall(&job->scale, model);
    if (!is_asked(&job->how))
        return;
    scaling_fit(&asked, &job->data, &job->how, job->path, is_binomial(job));
    if (!scaling_is_the_same(&asked, &job->scale))
        fail_usage("train: --data: scale and dequantize are not what the run began with; leave them out, or give them "
                   "as then");
    scaling_release(&asked);
}

static void apply_to(dataset *data, const training_job *job, const diffusion_model *model)
{
    const char *spec = diffusion_trainer_spec(job->trainer), *bound = diffusion_model_metadata(model, "bound");
    if (is_binomial(job))
        scaling_check_bits(data, job->path);
    scaling_apply(&job->scale, model, data, job->path);
    if (bins_are_asked(spec))
        bins_stand(data, &job->scale, spec, "--train");
    else if (bins_are_asked(bound))
        bins_stand(data, &job->scale, bound, "the model");
}

void scale_apply(training_job *job, const diffusion_model *model)
{
    apply_to(&job->data, job, model);
    if (job->held.count > 0)
        apply_to(&job->held, job, model);
}
