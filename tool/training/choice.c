#include "training/choice.h"

#include "common/fail.h"
#include "common/note.h"
#include "common/specs.h"
#include "common/text.h"
#include "data/bins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_LEAST = 4, /* of a level's pictures */
    SIDE_SMALL = 8, /* no level is needed below */
    LEVELS_MOST = 5,
    PIXELS_LARGE = 65536,  /* of a picture, or of a batch */
    ATTENTION_MOST = 1024, /* pixels that can attend to one another */
    CLASSES_MOST = 1000,   /* unless they are asked for */
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int is_kind(const char *spec, const char *kind)
{
    size_t length = strlen(kind);
    return strncmp(spec, kind, length) == 0 && strchr(" \t\r\n", spec[length]) != NULL;
}

/* ---- the model ---- */

static int suits_unet(const dataset *data)
{
    return (data->rank == 2 || data->rank == 3) && least(data->shape[0], data->shape[1]) >= SIDE_LEAST;
}

/* A picture of 3 rows and many channels is rather one whose channels come first. */
static void note_shape(const dataset *data, const char *path)
{
    char *shape = data_shape_text(data);
    int first = data->rank == 3 && data->shape[0] <= 4 && data->shape[1] > 4 && data->shape[2] > 4;
    note("%s: samples of %s are too narrow for a unet, so this is an mlp%s", path, shape,
         first ? "; if their channels come first, move them last" : "");
    free(shape);
}

static void note_large(const dataset *data, const char *path)
{
    if (data->shape[0] * data->shape[1] > PIXELS_LARGE / 4)
        note("%s: images of %lldx%lld take hours or days to learn on a processor; --data "
             "crop=32,32 cuts pieces out of them",
             path, (long long)data->shape[1], (long long)data->shape[0]);
}

/* Halved while both sides are even and the picture is not small. Where that leaves many pixels, none attends. */
static char *unet_levels(const dataset *data)
{
    static const char *const channels[LEVELS_MOST] = {"32", "32,64", "32,64,64", "32,64,64,128", "32,64,64,128,128"};
    int64_t height = data->shape[0], width = data->shape[1];
    size_t levels = 1;
    while (levels < LEVELS_MOST && height % 2 == 0 && width % 2 == 0 && least(height, width) / 2 >= SIDE_LEAST &&
           (levels == 1 || height > SIDE_SMALL || width > SIDE_SMALL)) {
        height /= 2;
        width /= 2;
        levels++;
    }
    return text_format("channels=%s blocks=%d%s", channels[levels - 1], levels == 1 ? 2 : 1,
                       height * width > ATTENTION_MOST ? " mid_attention=no" : "");
}

/* Labels are there to be learnt. */
static void add_classes(char **pairs, const dataset *data, const char *given, const char *path)
{
    char *own = spec_value(given, "classes");
    if (own == NULL && data->labels != NULL && data->classes > CLASSES_MOST)
        fail("%s: labels up to %d would be that many classes; say so with --model \"… classes=%d\", or do without them "
             "by --data labels=none",
             path, (int)data->classes - 1, (int)data->classes);
    if (own == NULL && data->labels != NULL)
        text_append(pairs, " classes=%d", (int)data->classes);
    free(own);
}

/* Values of a deviation up to edm's largest sigma are read as EDM reads them: v would leave them as large as they are.
 */
static char *standard_model(const dataset *data, const char *path, const diffusion_schedule *schedule,
                            const char *trainer)
{
    const char *process = diffusion_schedule_spec(schedule);
    if (spec_is_binomial(process))
        return text_format("mlp width=64 depth=3 predict=perturbation");
    if (suits_unet(data))
        note_large(data, path);
    else if (data->rank > 1)
        note_shape(data, path);
    return text_format("%s %s variance=%s", suits_unet(data) ? "unet" : "mlp width=256 depth=4",
                       is_kind(process, "edm") ? "predict=edm time=edm" : "predict=v",
                       trainer != NULL && spec_is(trainer, "objective", "simple", "pair") ? "fixed_large"
                                                                                          : "learned_range");
}

/* It is asked for in what the data is scaled to. */
static void add_deviation(char **pairs, const char *spec)
{
    char *predict = spec_value(spec, "predict");
    if (predict != NULL && (strcmp(predict, "edm") == 0 || strcmp(predict, "edm_v") == 0))
        text_append(pairs, " sigma_data=1");
    free(predict);
}

char *choose_model(const training_specs *options, const dataset *data, const char *path,
                   const diffusion_schedule *schedule, int has_unit_scale)
{
    const char *given = options->model;
    char *spec = given != NULL ? text_format("%s", given + strspn(given, " \t\r\n"))
                               : standard_model(data, path, schedule, options->train);
    char *shape = data_shape_text(data), *pairs = text_format("shape=%s", shape);
    char *channels = spec_value(spec, "channels");
    if (has_unit_scale)
        add_deviation(&pairs, spec);
    if (is_kind(spec, "mlp") || is_kind(spec, "unet"))
        add_classes(&pairs, data, spec, path);
    if (is_kind(spec, "unet") && channels == NULL && suits_unet(data)) {
        char *levels = unet_levels(data);
        text_append(&pairs, " %s", levels);
        free(levels);
    }
    char *complete = spec_complete(spec, pairs);
    free(spec);
    free(channels);
    free(shape);
    free(pairs);
    return complete;
}

/* ---- the trainer ---- */

/* A model of the mean itself, or of bits, is taught by the bound; one that learns its variance needs that taught too.
 */
static const char *standard_objective(const diffusion_model *model, int binomial)
{
    const char *spec = diffusion_model_spec(model);
    if (binomial || spec_is(spec, "predict", "mean", "perturbation"))
        return "objective=bound";
    return spec_is(spec, "variance", "learned", "learned_range") ? "objective=hybrid" : "objective=simple";
}

/* So that a step of a U-Net takes about as long whatever the size of the pictures; of very large ones memory decides.
 */
static int64_t batch_of(const diffusion_model *model)
{
    int64_t shape[DATA_RANK] = {1, 1}, batch = 64;
    size_t rank;
    check(diffusion_model_shape(model, shape, DATA_RANK, &rank));
    int64_t pixels = shape[0] * shape[1], fewest = pixels <= PIXELS_LARGE ? 4 : 1;
    while (batch > fewest && batch * pixels > PIXELS_LARGE)
        batch /= 2;
    return batch;
}

/* The steps to take: --steps, else those of --train, else the standard. A trainer may do without, a run may not. */
static int64_t steps_of(const training_specs *options, int64_t standard)
{
    char *text = spec_value(options->train != NULL ? options->train : "", "steps");
    int64_t steps;
    if (text == NULL || !text_integer(&steps, text, 0, INT64_MAX / 16))
        steps = standard;
    if (steps == 0 && options->steps == 0)
        fail_usage("train: --train steps=%s, expected a whole number of at least 1", text);
    free(text);
    return options->steps > 0 ? options->steps : steps;
}

/* U-Nets learn faster by Muon, which takes a higher rate; what goes on from other weights goes gently. */
static const char *standard_optimizer(const training_specs *options, int unet)
{
    char *given = spec_value(options->train != NULL ? options->train : "", "optimizer");
    const int muon = given != NULL ? strcmp(given, "muon") == 0 : unet;
    free(given);
    if (options->init != NULL)
        return "rate=2e-4";
    return muon ? "optimizer=muon rate=8e-3" : "rate=1e-3";
}

/* "steps=… batch=…" and how fast. */
static char *standard_pace(const training_specs *options, const diffusion_model *model)
{
    const int unet = is_kind(diffusion_model_spec(model), "unet");
    const char *optimizer = standard_optimizer(options, unet);
    if (!unet)
        return text_format("steps=%lld batch=128 %s", (long long)steps_of(options, 5000), optimizer);
    int64_t steps = steps_of(options, 2000);
    return text_format("steps=%lld batch=%lld %s warmup=%lld decay=cosine clip=1", (long long)steps,
                       (long long)batch_of(model), optimizer, (long long)least(100, steps / 10));
}

/* Whether whole numbers are bins: where the trainer's spec asks, or they stand in such and it says nothing else. */
static int takes_bins(const char *trainer, int grid)
{
    char *edge = spec_value(trainer, "edge");
    int takes = bins_are_asked(trainer) || (grid && edge == NULL);
    free(edge);
    return takes;
}

/* The last step has a term of its own in these objectives alone. */
static int trains_edge(const char *trainer, const char *standard)
{
    char *spec = spec_complete(trainer, standard);
    int does = spec_is(spec, "objective", "bound", "hybrid");
    free(spec);
    return does;
}

/* How the last step reads whole numbers: as bins, or spread by noise. */
static char *standard_edge(const training_specs *options, const scaling *scale, int grid, const char *objective)
{
    const char *given = options->train != NULL ? options->train : "";
    char *bins = takes_bins(given, grid) ? bins_pairs(scale) : NULL, *width = text_real(scaling_width(scale)), *pairs;
    if (takes_bins(given, grid))
        pairs = text_format("%s", bins != NULL && trains_edge(given, objective) ? bins : "");
    else
        pairs = scaling_width(scale) > 0 ? text_format("dequantize=%s", width) : text_format("%s", "");
    free(bins);
    free(width);
    return pairs;
}

void choose_bound(diffusion_model *model, const scaling *scale, const char *trainer, int grid)
{
    char *bins = takes_bins(trainer, grid) ? bins_pairs(scale) : NULL;
    check(diffusion_model_set_metadata(model, "bound", bins));
    free(bins);
}

char *choose_trainer(const training_specs *options, const diffusion_model *model, const scaling *scale, int grid,
                     int binomial)
{
    const char *objective = standard_objective(model, binomial);
    char *pace = standard_pace(options, model), *edge = standard_edge(options, scale, grid, objective);
    char *standards = text_format("%s %s ema=0.999 seed=1%s %s", objective, pace,
                                  options->snapshots ? " post_hoc_ema=yes" : "", edge);
    char *spec = spec_complete(options->train != NULL ? options->train : "", standards);
    char *steps = options->steps > 0 ? text_format("%lld", (long long)options->steps) : NULL;
    char *all = steps != NULL ? spec_replace(spec, "steps", steps) : text_format("%s", spec);
    free(pace);
    free(edge);
    free(standards);
    free(spec);
    free(steps);
    return all;
}
