/* What `diffusion report` knows of a model: what is drawn from it, and what is measured. */
#ifndef REPORTING_JOB_H
#define REPORTING_JOB_H

#include "comparing/figures.h"
#include "measuring/subject.h"
#include "sampling/sampling.h"
#include "training/history.h"

typedef struct report_options {
    char *output, *sampler, *schedule, *data;
    long long count;
    int force;
    run_options run;
} report_options;

/* Pixels that an image is wide at most: a page has to stay small. */
#define REPORT_WIDEST 96

typedef struct report_job {
    const report_options *options;
    const char *model_path, *data_path; /* the latter NULL where there is no data */
    subject of;
    history trained;
    int is_image, is_binomial;

    dataset rows;             /* of the data, some, scaled: those held out if there are any */
    double *table;            /* [table_count, dim]: data in its units, some rows … */
    size_t table_count;       /* … 0 without data */
    dataset training, held;   /* all of the data, until it is compared */
    size_t given, given_held; /* rows of it, and of those held out */

    sample_options how;
    sampling drawn;
    char *sampler;   /* its spec */
    double *samples; /* [drawn.count, dim], in the units of the data */
    record way;
    int has_way;

    diffusion_evaluator *bound; /* NULL without data, and where there is none */
    char *no_bound;             /* why, or NULL */
    sets all;
    figures compared;
    int has_figures;
} report_job;

/* Opens model and data: what cannot be reported on ends the command before anything is computed. */
void report_open(report_job *job, const report_options *options, const char *model, const char *data);

/* Draws the samples and measures them and the data. */
void report_draw(report_job *job);
void report_measure(report_job *job);

void report_close(report_job *job);

/* The name of a column as a plot can show it, and at full length; freed by free(). */
char *report_label(const report_job *job, size_t column);
char *report_name(const report_job *job, size_t column);

#endif
