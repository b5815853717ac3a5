/* How well numbers tell two sets apart, whatever threshold is chosen. */
#ifndef SCORING_ROC_H
#define SCORING_ROC_H

#include <stddef.h>

/* The receiver operating characteristic: the share of anomalies that lie above a threshold over the share of the rest
 * that does, for every threshold from the highest down. */
typedef struct roc {
    double area;  /* the chance that an anomaly lies above one of the rest; ties count half */
    double error; /* its standard error by DeLong et al. (1988), NaN where one of the sets is a single number */
    double *rest, *anomalies; /* [points], shares from 0 to 1 */
    size_t points;
} roc;

/* Numbers without NaN: the rest [n] and anomalies [m], n, m >= 1. */
void roc_measure(roc *out, const double *rest, size_t n, const double *anomalies, size_t m);
void roc_release(roc *of);

#endif
