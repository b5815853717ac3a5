#include "scoring/roc.h"

#include "common/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sorted(const double *values, size_t count)
{
    double *copy = allocate(count, sizeof *copy);
    memcpy(copy, values, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, compare_doubles);
    return copy;
}

/* Mean and sample variance of the shares of `others` that lie below each of `values`, both in rising order. */
static double share_below(const double *values, size_t count, const double *others, size_t other_count,
                          double *variance)
{
    double sum = 0, squares = 0;
    for (size_t i = 0, below = 0, up_to = 0; i < count; i++) {
        while (below < other_count && others[below] < values[i])
            below++;
        while (up_to < other_count && others[up_to] <= values[i])
            up_to++;
        const double share = ((double)below + (double)up_to) / (2 * (double)other_count);
        sum += share;
        squares += share * share;
    }
    const double mean = sum / (double)count;
    *variance = count > 1 ? fmax(squares - sum * mean, 0) / ((double)count - 1) : NAN;
    return mean;
}

/* A point for each threshold: all numbers of one value are passed together. */
static void trace(roc *out, const double *rest, size_t n, const double *anomalies, size_t m)
{
    size_t i = n, j = m;
    out->rest = allocate(n + m + 1, sizeof *out->rest);
    out->anomalies = allocate(n + m + 1, sizeof *out->anomalies);
    while (i > 0 || j > 0) {
        const double at = i == 0 || (j > 0 && anomalies[j - 1] > rest[i - 1]) ? anomalies[j - 1] : rest[i - 1];
        while (i > 0 && rest[i - 1] == at)
            i--;
        while (j > 0 && anomalies[j - 1] == at)
            j--;
        out->points++;
        out->rest[out->points] = (double)(n - i) / (double)n;
        out->anomalies[out->points] = (double)(m - j) / (double)m;
    }
    out->points++; /* the first, none of either, is zero */
}

void roc_measure(roc *out, const double *rest, size_t n, const double *anomalies, size_t m)
{
    double *low = sorted(rest, n), *high = sorted(anomalies, m), of_anomalies, of_rest;
    *out = (roc){.area = share_below(high, m, low, n, &of_anomalies)};
    share_below(low, n, high, m, &of_rest);
    out->error = sqrt(of_anomalies / (double)m + of_rest / (double)n);
    trace(out, low, n, high, m);
    free(low);
    free(high);
}

void roc_release(roc *of)
{
    free(of->rest);
    free(of->anomalies);
}
