/* The one expression that both kernels' Kullback-Leibler divergences are made of. */
#ifndef PROCESS_DIVERGENCE_H
#define PROCESS_DIVERGENCE_H

/* p log(p/q) - p + q for p, q >= 0: never negative, 0 only for p = q, infinite for q = 0 < p. difference = q - p, which
 * the caller may know better than the two of them say. Nothing cancels where q is near p. */
double divergence(double p, double q, double difference);

#endif
