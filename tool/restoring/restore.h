/* What `diffusion inpaint` and `diffusion denoise` share: data in, several draws of each sample, pictures and errors.
 */
#ifndef RESTORING_RESTORE_H
#define RESTORING_RESTORE_H

#include "common/model.h"
#include "common/options.h"
#include "common/results.h"
#include "data/scaling.h"

#include <diffusion.h>

typedef struct restore_options {
    char *output, *sampler, *schedule, *data, *seed;
    long long count, draws;
    int force, noisy; /* noisy: DATA is, so that it needs not be as the model's */
    run_options run;
} restore_options;

/* The options that both commands have; `about` says which sampler stands where none is given. */
#define RESTORE_OPTIONS(o, about)                                                                                      \
    {"output",    'o', POPT_ARG_STRING,                                                                                \
     &(o).output, 0,   "Where results go: .png, .csv, .tsv, .txt, .npy, or - for standard output",                     \
     "FILE"},                                                                                                          \
        {"count", 'n', POPT_ARG_LONGLONG, &(o).count, 0, "Samples of DATA to take (default 8)", "N"},                  \
        {"draws", '\0', POPT_ARG_LONGLONG, &(o).draws, 0, "Results for each sample (default 1)", "N"},                 \
        {"sampler", '\0', POPT_ARG_STRING, &(o).sampler, 0, about, "SPEC"}, OPTIONS_SCHEDULE((o).schedule),            \
        OPTIONS_FORCE((o).force),                                                                                      \
        {"seed",    '\0', POPT_ARG_STRING,                                                                             \
         &(o).seed, 0,    "Of masks, noise and, unless it has its own, the sampler (default 1)",                       \
         "N"},                                                                                                         \
    {                                                                                                                  \
        "data", '\0', POPT_ARG_STRING, &(o).data, 0, "How to read DATA; see diffusion help data", "\"key=value...\""   \
    }

/* Values are in the data's units, [count, dim], unless it says otherwise. */
typedef struct restoration {
    const restore_options *options;
    const command_page *page;
    const char *model_path;
    diffusion_model *model;
    diffusion_schedule *schedule;
    diffusion_sampler *sampler;
    scaling scale;
    dataset data;
    size_t count, dim, draws;
    uint64_t seed;
    int binomial;
    int uses_labels;    /* whether the model takes those of the data */
    int32_t *labels;    /* [draws, count], or NULL */
    double *given;      /* what the sampler knows or sees, as it is shown */
    float *scaled;      /* the same as the model has it */
    double *results;    /* [draws, count, dim] */
    uint8_t *known;     /* [count, dim], which of each draw's results are those of the data; or NULL */
    struct results out; /* what is printed */
} restoration;

/* Ends the command unless the options make sense. */
void restore_check(const restore_options *options, const command_page *page);

/* Loads model and data; given is a copy of the data. */
void restore_open(restoration *r, const command_page *page, const restore_options *options, const char *model_path,
                  const char *data_path);

/* Does without the labels of the data, as --labels none asks. */
void restore_leave_labels(restoration *r);

/* Ends the command, before anything is drawn, if restore_write() could not draw the picture. */
void restore_check_picture(const restoration *r, int blind);

/* Makes the sampler; `standards` are the keys of an ancestral one that hold unless the user gives others, `others`
 * those of any other kind. */
void restore_sampler(restoration *r, const char *standards, const char *others);

/* Brings `given` to the model's scale, whole numbers to the middle of their interval. */
void restore_scale(restoration *r);

/* Draws the results. */
void restore_run(restoration *r);

/* Writes the results: a picture with a column for each sample, above it the original (unless `blind`) and what was
 * given. */
void restore_write(const restoration *r, int blind);

/* Begins what is printed: where it goes, and whether as JSON. */
void restore_print(restoration *r);

/* Prints the mean squared error of `values`, [rounds, count, dim], against the data, where known is 0 or NULL. Columns
 * with scales of their own count in units of these. */
void restore_error(restoration *r, const char *key, const char *name, const double *values, size_t rounds,
                   const uint8_t *known);

/* The same of the mean over the draws, which estimates the posterior's mean. */
void restore_error_of_mean(restoration *r, const uint8_t *known);

void restore_close(restoration *r);

#endif
