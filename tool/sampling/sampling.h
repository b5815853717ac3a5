/* What `diffusion sample` draws from, and what of it is shown. */
#ifndef SAMPLING_SAMPLING_H
#define SAMPLING_SAMPLING_H

#include "common/options.h"
#include "data/scaling.h"
#include "picture/tiles.h"
#include "sampling/record.h"

#include <diffusion.h>

enum { COUNT_MAX = 100000000, COLUMNS_MAX = 10000 };

typedef struct sample_options {
    char *output, *sampler, *schedule, *labels, *trajectory, *data, *latents;
    long long count, per_class, columns;
    int force;
    run_options run;
} sample_options;

/* A model, what it was trained with, and what is drawn of it. */
typedef struct sampling {
    const sample_options *options;
    diffusion_model *model;
    diffusion_schedule *schedule;
    scaling scale;
    int64_t shape[DATA_RANK];
    size_t rank, dim, count;
    dataset latents;                /* first states, none where these are drawn */
    size_t columns;                 /* of the picture, 0 for a good number of them */
    double widest;                  /* pixels of a sample in one, 0 for any number */
    int32_t *labels;                /* [count], or NULL */
    diffusion_condition *condition; /* of these */
    float *values;                  /* [count, dim], in the model's units until they are inverted */
    float *data;                    /* the same of what is shown beside them or on its way to noise, or NULL */
} sampling;

/* Sets count, columns and labels: sample i gets label i of the list, over and over, which makes a column of each. */
void sampling_choose_labels(sampling *s);

/* What stands above the columns of --n-per-class: [columns] texts, all freed by free(). */
char **sampling_class_names(const sampling *s);

/* Where labels go that the file of samples has no room for; NULL for nowhere, else freed by free(). */
char *sampling_labels_path(const sample_options *options);

/* Whether samples are points of the plane. */
int sampling_is_plane(const sampling *s);

/* How samples are shown as pictures; the brightness is the data's range, else that of these values. */
tiles sampling_tiles(const sampling *s, const float *values, size_t count);

/* The first samples of a data file, [count, dim], in the model's units; freed by free(). */
float *sampling_load(const sampling *s, const char *path, size_t count);

/* Whether a sampler of that spec, NULL for the model's own, shows states on its way. */
int sampling_has_states(const sampling *s, const char *given);

/* How many samples the picture of their way shows. */
size_t sampling_recorded(const sampling *s);

/* A good number of moments and of samples to show of a way. */
void sampling_record_begin(record *r, const sampling *s);

/* Draws the samples, as diffusion_sampler_run() does, and keeps the states of these moments. */
void sampling_record(sampling *s, diffusion_sampler *sampler, record *r);

/* The picture of their way, and of the forward process from `start`, [r->count, dim]. */
cairo_t *sampling_trajectory(const sampling *s, record *r, const float *start);

/* Ends the command if the sampler of that spec, NULL for the model's own, has no states to show on its way. */
void sampling_check_recorded(const sampling *s, const char *given);

/* Draws the samples step by step, and the picture of their way; the forward process is that of the data if there is
 * some. */
void sampling_run_recorded(sampling *s, diffusion_sampler *sampler);

#endif
