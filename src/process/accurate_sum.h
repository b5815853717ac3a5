/* Sums of thousands of terms to the last bit (Neumaier's compensated summation). A term of -infinity is kept. */
#ifndef PROCESS_ACCURATE_SUM_H
#define PROCESS_ACCURATE_SUM_H

#include <math.h>

typedef struct accurate_sum {
    double sum, lost; /* lost: what rounding has taken from sum so far */
} accurate_sum;

static inline void accurate_add(accurate_sum *to, double term)
{
    double total = to->sum + term;
    if (isfinite(total))
        to->lost += fabs(to->sum) >= fabs(term) ? (to->sum - total) + term : (term - total) + to->sum;
    to->sum = total;
}

static inline double accurate_value(const accurate_sum *of)
{
    return of->sum + of->lost;
}

#endif
