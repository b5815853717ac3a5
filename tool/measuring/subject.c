#include "measuring/subject.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/model.h"
#include "common/progress.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/bins.h"

#include <diffusion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_kind(const char *spec, const char *kind)
{
    return strncmp(spec, kind, strlen(kind)) == 0;
}

/* Where nothing is said of the edge, what the model was trained for. */
static char *with_edge(const char *spec, const diffusion_model *model)
{
    const char *own = is_kind(spec, "flow") ? NULL : diffusion_model_metadata(model, "bound");
    char *edge = spec_value(spec, "edge"), *noise = spec_value(spec, "dequantize");
    char *whole = own != NULL && edge == NULL && noise == NULL ? spec_complete(spec, own) : text_format("%s", spec);
    free(edge);
    free(noise);
    return whole;
}

static char *with_noise(const char *spec, const scaling *scale)
{
    if (!(scaling_width(scale) > 0) || bins_are_asked(spec))
        return text_format("%s", spec);
    char *width = text_real(scaling_width(scale)), *standard = text_format("dequantize=%s", width);
    char *whole = spec_complete(spec, standard);
    free(width);
    free(standard);
    return whole;
}

static double width_told(const char *spec)
{
    char *width = spec_value(spec, "dequantize");
    const double noise = width != NULL ? strtod(width, NULL) : 0;
    free(width);
    return noise;
}

void subject_open(subject *out, const char *model, const char *schedule)
{
    *out = (subject){.path = model, .model = model_open(model)};
    out->schedule = schedule_of(out->model, model, schedule);
    scaling_recall(&out->scale, out->model);
}

void subject_choose(subject *of, const char *option, const char *spec)
{
    char *edged = with_edge(spec, of->model);
    of->option = option;
    of->binned = bins_are_asked(edged);
    of->spec = with_noise(edged, &of->scale);
    of->noise = width_told(of->spec);
    free(edged);
}

void subject_close(subject *of)
{
    free(of->spec);
    scaling_release(&of->scale);
    diffusion_schedule_free(of->schedule);
    diffusion_model_free(of->model);
}

void subject_load(const subject *of, dataset *data, const char *path, data_options *how)
{
    data_options_complete(how, of->model);
    data_prepare(data, path, how, DATA_MEASURING);
    subject_scale(of, data, path);
}

void subject_scale(const subject *of, dataset *data, const char *path)
{
    scaling_check_like(&of->scale, data, of->model, path, 0);
    scaling_apply(&of->scale, of->model, data, path);
    if (of->binned)
        bins_stand(data, &of->scale, of->spec, of->option);
    for (size_t i = 0; i < data->count * data->dim; i++)
        data->scaled[i] += scaling_noise(&of->scale, i % data->dim, i / data->dim, i % data->dim);
}

size_t subject_count(const char *spec, const char *key)
{
    char *text = spec_value(spec, key);
    size_t count = text != NULL ? (size_t)strtoull(text, NULL, 10) : 0;
    free(text);
    return count;
}

/* What the library counts: terms of draws, steps of trajectories, thousandths of a draw's way. */
static void begin_progress(progress *bar, const char *spec, size_t rows, int quiet)
{
    if (is_kind(spec, "iwae"))
        progress_begin(bar, "step", (int64_t)(rows * subject_count(spec, "samples")), 0, 0, quiet);
    else if (is_kind(spec, "flow"))
        progress_begin(bar, "row", (int64_t)(1000 * subject_count(spec, "draws")), 0, 0, quiet);
    else
        progress_begin(bar, "term", (int64_t)(rows * subject_count(spec, "draws")), 0, 0, quiet);
}

diffusion_evaluator *subject_evaluator(const subject *of)
{
    diffusion_evaluator *evaluator;
    check(diffusion_evaluator_create(&evaluator, of->model, of->schedule, of->spec));
    return evaluator;
}

diffusion_status subject_run(diffusion_evaluator *evaluator, const dataset *data, int labelled, size_t first,
                             size_t count, int quiet)
{
    diffusion_condition *condition = condition_of(labelled ? data->labels + first : NULL, count);
    progress bar;
    begin_progress(&bar, diffusion_evaluator_spec(evaluator), count, quiet);
    check(diffusion_evaluator_set_progress(evaluator, progress_report, &bar));
    diffusion_status status = diffusion_evaluator_run(evaluator, data->scaled + first * data->dim, condition, count);
    check(diffusion_evaluator_set_progress(evaluator, NULL, NULL));
    progress_break();
    diffusion_condition_free(condition);
    return status;
}

/* Whether the library's noise alone says how far apart the data's values are. */
static int is_told_unit(const subject *of)
{
    return of->noise > 0 && of->scale.columns == 1 && !scaling_dequantizes(&of->scale);
}

double subject_code(const subject *of, double log_bits)
{
    const size_t dim = diffusion_model_dim(of->model);
    const double unit = is_told_unit(of) ? -(double)dim * log2(of->noise) : scaling_bits(&of->scale, dim);
    return (of->binned ? 0 : unit) - log_bits;
}

int subject_is_dequantized(const subject *of)
{
    return !of->binned && (of->noise > 0 || (of->scale.columns > 1 && scaling_dequantizes(&of->scale)));
}

int subject_is_discrete(const subject *of)
{
    static const double same = 1e-6;
    if (of->binned || spec_is_binomial(diffusion_schedule_spec(of->schedule)) || is_told_unit(of))
        return 1;
    for (size_t j = 0; j < of->scale.columns; j++)
        if (of->scale.of[j].width == 0)
            return 0;
    return of->scale.columns > 1 || fabs(of->noise / scaling_width(&of->scale) - 1) < same;
}
