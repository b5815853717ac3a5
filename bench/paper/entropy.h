/* The true entropies of the paper's toy data, as `diffusion data` makes it (tool/data/toys.h). */
#ifndef PAPER_ENTROPY_H
#define PAPER_ENTROPY_H

/* The noise for which roll_entropy() has memory and precision. */
static const double roll_noise_least = 0.05, roll_noise_most = 1000;

/* Differential entropy of the unscaled swiss roll, nats per point, to within *error. `noise` is that of --noise. */
double roll_entropy(double noise, double *error);

/* Variance of all of its values, both coordinates together: what `diffusion train` scales to 1. */
double roll_variance(double noise);

/* Entropy of the heartbeat, bits per sequence: which of its phases it has. */
double heartbeat_entropy_bits(void);

#endif
