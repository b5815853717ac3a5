/* The code length of every row under a model, and which rows are anomalies. */
#ifndef SCORING_SCORES_H
#define SCORING_SCORES_H

#include "measuring/subject.h"

typedef struct scores {
    size_t count, dim;
    double *bits;       /* [count]: more of them, less likely */
    double *error;      /* [count], of each over its draws: NaN of a single draw */
    int32_t *anomalous; /* [count], 0 or 1; NULL where nobody says */
    size_t anomalies;   /* how many */
    int labelled;       /* bits are those of p(x | label) */
} scores;

/* Rows whose labels are in the list, "1" or "1,7", are anomalies; ends the command unless some are and some are not. */
void scores_mark(scores *out, const dataset *data, const char *list, const char *path);

/* Measures the rows and puts them behind those that are there; `mark` where all are marked alike (0, 1), else -1. */
void scores_add(scores *out, const subject *of, const dataset *data, const char *path, int mark, int quiet);

/* Whether row i is of those with this mark; -1 is that of all. */
static inline int scores_has(const scores *of, size_t i, int mark)
{
    return mark < 0 || of->anomalous[i] == mark;
}

/* The bits of those, in new memory; how many in *count. Freed by free(). */
double *scores_of(const scores *from, int mark, size_t *count);

/* A line for each: bits, bits per dimension, standard error, and the mark if there is one. */
void scores_write(const scores *from, const char *path);

void scores_release(scores *of);

#endif
