/* A model, the measure that is taken of it, and the data that it is taken on: what `bound` and `score` share. */
#ifndef MEASURING_SUBJECT_H
#define MEASURING_SUBJECT_H

#include "data/scaling.h"

#include <diffusion/evaluator.h>

typedef struct subject {
    const char *path; /* of the model */
    diffusion_model *model;
    diffusion_schedule *schedule;
    scaling scale;
    char *spec;         /* of the evaluator, elbo, iwae or flow */
    const char *option; /* that says it on the command line */
    int binned;         /* x_0 is measured as a mass of bins */
    double noise;       /* width of the dequantisation that the library is told of, in the model's units; 0 for none */
} subject;

/* schedule: NULL for the model's own. */
void subject_open(subject *out, const char *model, const char *schedule);
void subject_close(subject *of);

/* The evaluator that is meant: a spec that an option gives, completed by what the model was trained for, where it says
 * nothing of the edge, and by the data's noise of dequantisation, whose place bins may take. */
void subject_choose(subject *of, const char *option, const char *spec);

/* Reads data for it: scaled, in the middles of its bins or with the noise that the library does not add. */
void subject_load(const subject *of, dataset *data, const char *path, data_options *how);

/* The same of data that has been read. */
void subject_scale(const subject *of, dataset *data, const char *path);

/* The evaluator, which the caller frees. */
diffusion_evaluator *subject_evaluator(const subject *of);

/* Takes the measure of `count` rows from `first` on, given their labels where `labelled`; shows progress. */
diffusion_status subject_run(diffusion_evaluator *evaluator, const dataset *data, int labelled, size_t first,
                             size_t count, int quiet);

/* Code length of a row in bits, of a log density in the model's units: what its own unit adds to that of the data.
 * Where the model knows of no whole numbers, noise that the library is told of says the unit. */
double subject_code(const subject *of, double log_bits);

/* Whether noise fills gaps between the data's values, be it the library's or, in columns of their own scales, here. */
int subject_is_dequantized(const subject *of);

/* Whether every value is in bins, or dequantised by noise as wide as its gaps, so that data has a code length and not
 * the logarithm of a density. */
int subject_is_discrete(const subject *of);

/* The number that the spec gives a key, 0 where it gives none. */
size_t subject_count(const char *spec, const char *key);

#endif
