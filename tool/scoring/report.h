/* What `diffusion score` says of its scores. */
#ifndef SCORING_REPORT_H
#define SCORING_REPORT_H

#include "scoring/roc.h"
#include "scoring/scores.h"

#include <stdio.h>

/* Why anomalies may be likelier than the rest, of the `count` sets of rows, one behind another; NULL where they are
 * not, or by no more than two standard errors. Freed by free(). */
char *scores_remark(const subject *of, const scores *from, const roc *curve, const dataset *const *sets, size_t count);

/* `curve` and `remark` are NULL where nobody says which rows are anomalies. */
void scores_print(FILE *stream, const subject *of, const scores *from, const roc *curve, const char *remark, int json);

#endif
