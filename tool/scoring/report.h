/* What `diffusion score` says of its scores. */
#ifndef SCORING_REPORT_H
#define SCORING_REPORT_H

#include "scoring/roc.h"
#include "scoring/scores.h"

#include <stdio.h>

/* `curve` is NULL where nobody says which rows are anomalies. */
void scores_print(FILE *stream, const subject *of, const scores *from, const roc *curve, int json);

#endif
