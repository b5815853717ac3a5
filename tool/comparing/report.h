/* What `diffusion compare` says. */
#ifndef COMPARING_REPORT_H
#define COMPARING_REPORT_H

#include "comparing/figures.h"

typedef struct compare_measure {
    const char *name, *key;
} compare_measure;

extern const compare_measure compare_measures[COMPARE_COUNT];

/* What follows from the figures, and their unit, in words; freed by free(). */
char *report_verdict(const sets *of, const figures *f);
char *report_unit(const sets *of);

void report_print(const sets *of, const figures *f, int json);

#endif
