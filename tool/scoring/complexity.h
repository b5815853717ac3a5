/* How simple pictures are, whatever a model makes of them. */
#ifndef SCORING_COMPLEXITY_H
#define SCORING_COMPLEXITY_H

#include "scoring/scores.h"

/* Bits a value that pictures need without a model. */
typedef struct complexity {
    double deflate; /* one picture behind another, values rounded to 1/255 of the training data's range */
    double normal;  /* by a normal law of each value, in the unit that scores have */
} complexity;

/* Whether the range is known. */
int complexity_is_known(const subject *of);

/* Of the rows with a mark, some of the `count` sets of rows, one set behind another, that `from` is of. */
complexity complexity_of(const subject *of, const scores *from, const dataset *const *sets, size_t count, int mark);

#endif
