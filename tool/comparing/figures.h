/* What `diffusion compare` measures. */
#ifndef COMPARING_FIGURES_H
#define COMPARING_FIGURES_H

#include "comparing/sets.h"

enum { COMPARE_SLICED, COMPARE_MMD, COMPARE_TWO_SAMPLE, COMPARE_NEAREST, COMPARE_COPIES, COMPARE_COUNT };

typedef struct estimate {
    double value, error; /* its standard error, NaN where too few rows tell it */
} estimate;

typedef struct figures {
    estimate samples[COMPARE_COUNT], floor[COMPARE_COUNT]; /* against data: of the samples, and of data held out */
    int64_t *nearest;                                      /* [count]: the row of data nearest to each sample */
} figures;

void figures_measure(figures *out, const sets *of, int quiet);
void figures_release(figures *of);

/* Whether samples and floor differ by more than three standard errors: 1 and -1 for more and less, else 0. */
int figures_differ(const figures *of, int measure);

#endif
