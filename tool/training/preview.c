#include "training/preview.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/interrupt.h"
#include "common/kind.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/progress.h"
#include "common/specs.h"
#include "common/text.h"
#include "picture/canvas.h"
#include "picture/scatter.h"
#include "picture/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PICTURES_LEAST = 4,
    PICTURES_MOST = 64,
    CLASSES_MOST = 20, /* that get a column each */
    ROWS = 20,         /* of bits */
    POINTS = 512,
    STEPS = 20, /* of the solver */
};

/* ---- its name ---- */

static const char mark[] = "{step}";

/* Of a step, with zeros before it so that names sort. */
static char *name_at(const char *path, int64_t step)
{
    const char *place = strstr(path, mark);
    if (place == NULL)
        return text_format("%s", path);
    return text_format("%.*s%06lld%s", (int)(place - path), path, (long long)step, place + strlen(mark));
}

static char *name_beside(const char *output)
{
    char *stem = text_without(output, ".safetensors"), *path = text_format("%s-preview.png", stem);
    free(stem);
    return path;
}

char *preview_check(const preview_options *options, const char *output, int force)
{
    if (options->every == 0 && options->file != NULL)
        fail_usage("train: --preview-file %s: expected --preview N, how often it is drawn", options->file);
    if (options->every == 0)
        return NULL;
    char *path = options->file != NULL ? text_format("%s", options->file) : name_beside(output);
    char *first = name_at(path, options->every);
    canvas_check("--preview-file", first, force);
    free(first);
    return path;
}

/* ---- what is drawn ---- */

/* All T where they are few, or of bits, which have no solver of fewer. With edge=forward step 1 is not trained. What
 * tells x_0 through a step of its own does not do so at a raised signal. */
static char *sampler_for(const training_job *job)
{
    const diffusion_schedule *schedule = diffusion_trainer_schedule(job->trainer);
    const diffusion_model *model = diffusion_trainer_model(job->trainer);
    const char *own = diffusion_model_metadata(model, "sampler");
    const char *least =
        spec_is(diffusion_model_spec(model), "predict", "perturbation", "mean") ? "" : " signal_min=1e-3";
    char *edge = spec_value(diffusion_trainer_spec(job->trainer), "edge");
    char *clip = own != NULL ? spec_value(own, "clip") : NULL, *spec;
    int forward = edge != NULL && strcmp(edge, "forward") == 0;
    if (diffusion_schedule_steps(schedule) <= STEPS || spec_is_binomial(diffusion_schedule_spec(schedule)))
        spec = text_format("ancestral%s", forward ? " last=forward" : "");
    else
        spec = text_format("dpmsolver++ steps=%d spacing=%s%s", STEPS, forward ? "leading steps_offset=1" : "linspace",
                           forward ? "" : least);
    if (clip != NULL)
        text_append(&spec, " clip=%s", clip);
    free(edge);
    free(clip);
    return spec;
}

static size_t limited(size_t value, size_t least, size_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* Pictures as many as a batch has, so that they cost a few of its steps; a column each of few classes. */
static void lay_out_pictures(preview *out, size_t batch)
{
    const diffusion_model *model = diffusion_trainer_model(out->job->trainer);
    size_t classes;
    free(classes_seen(model, &classes));
    out->count = limited(batch, PICTURES_LEAST, PICTURES_MOST);
    out->columns = 1;
    while (out->columns * out->columns < out->count)
        out->columns++;
    if (classes > 0 && classes <= CLASSES_MOST) {
        out->columns = classes;
        out->count = classes * limited(out->count / classes, 1, PICTURES_MOST);
    }
    out->labels = labels_of_all(model, out->count);
}

/* Points stand among as many of the data, and have the labels of these. */
static void lay_out_points(preview *out)
{
    const dataset *data = &out->job->data;
    out->count = limited(data->count, 1, POINTS);
    float *points = allocate(out->count * data->dim, sizeof *points);
    if (training_uses_labels(out->job))
        out->labels = allocate(out->count, sizeof *out->labels);
    for (size_t i = 0; i < out->count; i++) {
        size_t from = i * data->count / out->count;
        memcpy(points + i * data->dim, data->scaled + from * data->dim, data->dim * sizeof *points);
        if (out->labels != NULL)
            out->labels[i] = data->labels[from];
    }
    out->points = scaling_invert(diffusion_trainer_model(out->job->trainer), points, out->count * data->dim);
    free(points);
}

void preview_begin(preview *out, char *path, int64_t every, int force, const training_job *job)
{
    const dataset *data = &job->data;
    *out = (preview){.path = path, .every = every, .force = force, .job = job};
    if (path == NULL)
        return;
    out->sampler = sampler_for(job);
    if (data_is_image(data->shape, data->rank)) {
        lay_out_pictures(out, (size_t)training_number(job->trainer, "batch"));
    } else if (spec_is_binomial(diffusion_schedule_spec(diffusion_trainer_schedule(job->trainer)))) {
        out->count = ROWS;
        out->columns = 1;
        out->labels = labels_of_all(diffusion_trainer_model(job->trainer), ROWS);
    } else {
        lay_out_points(out);
    }
}

void preview_release(preview *of)
{
    free(of->path);
    free(of->sampler);
    free(of->labels);
    free(of->points);
}

/* ---- drawing ---- */

/* Ends the sampler's work at a signal: the checkpoint waits. */
static int32_t stop_at_signal(int64_t done, int64_t total, void *user)
{
    (void)done, (void)total, (void)user;
    return interrupt_pending();
}

static diffusion_status run_sampler(const preview *of, const diffusion_trainer *trainer, float *values)
{
    diffusion_sampler *sampler;
    diffusion_status status = diffusion_sampler_create(&sampler, diffusion_trainer_model(trainer),
                                                       diffusion_trainer_schedule(trainer), of->sampler);
    if (status != DIFFUSION_OK)
        return status;
    diffusion_condition *condition = condition_of(of->labels, of->count);
    status = diffusion_sampler_set_progress(sampler, stop_at_signal, NULL);
    if (status == DIFFUSION_OK)
        status = diffusion_sampler_run(sampler, condition, of->count, values);
    diffusion_condition_free(condition);
    diffusion_sampler_free(sampler);
    return status;
}

static void save_picture(const preview *of, const diffusion_model *model, float *values, const char *path)
{
    const dataset *data = &of->job->data;
    size_t all = of->count * data->dim;
    if (of->columns == 0) {
        double *points = scaling_invert(model, values, all);
        const scatter_names names = {data->names != NULL ? data->names[0] : NULL,
                                     data->names != NULL && data->dim > 1 ? data->names[1] : NULL};
        canvas_save(scatter_sheet_beside(of->points, points, of->count, data->dim, &names), path);
        free(points);
        return;
    }
    scaling_invert_floats(model, values, all);
    double low, high;
    scaling_range(&of->job->scale, &low, &high);
    tiles as = tiles_of(data->shape, data->rank, low, high);
    canvas_save(tiles_sheet(&as, values, of->count, of->columns), path);
}

static void note_none(const diffusion_trainer *trainer, const char *why)
{
    progress_break();
    note("no preview at step %lld: %s", (long long)diffusion_trainer_steps(trainer), why);
}

static void draw(const preview *of, const diffusion_trainer *trainer, const char *path)
{
    float *values = allocate(multiply(of->count, of->job->data.dim, "preview"), sizeof *values);
    diffusion_status status = run_sampler(of, trainer, values);
    if (status == DIFFUSION_OK)
        save_picture(of, diffusion_trainer_model(trainer), values, path);
    else
        note_none(trainer, interrupt_pending() != 0 ? "interrupted" : diffusion_last_error());
    free(values);
}

void preview_draw(const preview *of, const diffusion_trainer *trainer, int64_t steps)
{
    int64_t step = diffusion_trainer_steps(trainer);
    if (of->path == NULL || (step % of->every != 0 && step != steps))
        return;
    char *path = name_at(of->path, step), *kind = of->force ? NULL : kind_in_the_way(path);
    if (kind != NULL) {
        char *why = text_format("%s is there already, and it is %s", path, kind);
        note_none(trainer, why);
        free(why);
    } else {
        draw(of, trainer, path);
    }
    free(kind);
    free(path);
}
