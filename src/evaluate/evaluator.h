/* Measures of models on data: one file for each, and one row in the table. */
#ifndef EVALUATE_EVALUATOR_H
#define EVALUATE_EVALUATOR_H

#include "base/busy.h"
#include "base/spec.h"
#include "model/model.h"
#include "process/schedule.h"

#include <diffusion/evaluator.h>

static const double nats_per_bit = 0.693147180559945309417232121458; /* log 2 */

typedef struct evaluator_options {
    spec_own own; /* the measure's */
} evaluator_options;

/* A measure. set_reference, terms, sample, neighbour and moments may be NULL: they are refused by name then. release
 * may be NULL too. */
typedef struct measure {
    spec_kind spec;
    size_t state_size; /* of its own state, zeroed: what was set, and the figures of the last run */
    void (*release)(void *state);
    diffusion_status (*open)(struct diffusion_evaluator *self); /* whether options, model and schedule suit it */
    diffusion_status (*set_reference)(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim);
    /* Measures n >= 1 samples; the state's figures change only if it succeeds. */
    diffusion_status (*run)(struct diffusion_evaluator *self, const float *x0,
                            const struct diffusion_condition *condition, size_t n);
    /* Figures of the last run: by name, by step, and by sample (bits). */
    const char *const *quantities;
    size_t quantity_count;
    double (*value)(const struct diffusion_evaluator *self, size_t quantity);
    void (*terms)(const struct diffusion_evaluator *self, double *bits, double *standard_error);
    double (*sample)(const struct diffusion_evaluator *self, size_t index);
    double (*sample_error)(const struct diffusion_evaluator *self, size_t index);          /* NULL: nothing is drawn */
    size_t (*neighbour)(const struct diffusion_evaluator *self, size_t index);             /* a row of the reference */
    void (*moments)(const struct diffusion_evaluator *self, double *noise, double *error); /* by step, [T] */
} measure;

/* The table, table.c. */
const measure *measure_at(size_t index); /* NULL past the last */

struct diffusion_evaluator {
    busy busy;
    const measure *methods; /* NULL until the options are read */
    size_t kind;            /* its row */
    evaluator_options options;
    const struct diffusion_model *model;       /* retained, or NULL */
    const struct diffusion_schedule *schedule; /* likewise */
    diffusion_noise_fn *noise;
    void *noise_user;
    diffusion_progress_fn *progress;
    void *progress_user;
    void *state; /* the measure's own */
    size_t n;    /* samples of the last run; 0: nothing has been run */
    char *spec;
};

diffusion_status evaluator_create(struct diffusion_evaluator **out, const struct diffusion_model *model,
                                  const struct diffusion_schedule *schedule, const char *spec);
void evaluator_free(struct diffusion_evaluator *self);

diffusion_status evaluator_set_reference(struct diffusion_evaluator *self, const float *samples, size_t m, size_t dim);
diffusion_status evaluator_run(struct diffusion_evaluator *self, const float *x0,
                               const struct diffusion_condition *condition, size_t n);
diffusion_status evaluator_value(const struct diffusion_evaluator *self, const char *quantity, double *out);
diffusion_status evaluator_terms(const struct diffusion_evaluator *self, double *bits, double *standard_error);
diffusion_status evaluator_samples(const struct diffusion_evaluator *self, double *bits, double *standard_error,
                                   size_t count);
diffusion_status evaluator_neighbours(const struct diffusion_evaluator *self, int64_t *rows, size_t count);

diffusion_status evaluator_moments(const struct diffusion_evaluator *self, double *noise, double *error);

/* Asks the caller's function for the noise of a sample, which must be set. */
diffusion_status evaluator_noise(const struct diffusion_evaluator *self, double *values, size_t count, size_t sample,
                                 int32_t step);

/* x0 [dim] in double from a sample of the data, with uniform noise of this width added: the caller's, or the seed's for
 * draw `sample`. */
diffusion_status evaluator_dequantize(const struct diffusion_evaluator *self, double *x0, const float *data, size_t dim,
                                      double width, uint64_t seed, size_t sample);

/* Reports progress, if anybody listens. */
diffusion_status evaluator_progress(const struct diffusion_evaluator *self, int64_t done, int64_t total);

/* Mean of values over samples, and its standard error; NaN for one sample. */
double evaluator_mean(const struct diffusion_evaluator *self, double (*of)(const struct diffusion_evaluator *, size_t));
double evaluator_error(const struct diffusion_evaluator *self,
                       double (*of)(const struct diffusion_evaluator *, size_t));

/* 0, or the sentence: no model or schedule, or two that do not suit each other. */
diffusion_status evaluator_check_pair(const struct diffusion_evaluator *self);

/* The mean of draws [count], and its standard error; NaN for one. */
double evaluator_draws_mean(const double *draws, size_t count);
double evaluator_draws_error(const double *draws, size_t count);

char *evaluator_help(void);

#endif
