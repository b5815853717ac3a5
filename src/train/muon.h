/* Muon (Jordan et al. 2024): a matrix of weights moves along the orthogonal factor of its momentum, scaled to the size
 * of Adam's steps (arXiv:2502.16982, equation 4), so that the same rate suits both. */
#ifndef TRAIN_MUON_H
#define TRAIN_MUON_H

#include "network/network.h"
#include "train/optimizer.h"

enum { MUON_OPERATIONS = 1 << 24 /* of a tensor, roughly */ };

/* Whether a parameter is a matrix: [first size, product of the others], both above 1. */
int muon_takes(const network_parameter *of);

/* Floats of scratch for any of the network's matrices. */
size_t muon_scratch_size(const network *of);

/* gradient [count] becomes what the weights move along, and moment [count] the momentum of the next step. */
void muon_direction(const optimizer_step *step, const network_parameter *of, float *gradient, float *moment,
                    float *scratch);

/* Whether the step leaves a matrix finite. A momentum is an average of gradients, and so finite as they are. */
int muon_stays_finite(const optimizer_step *step, const network_parameter *of, const float *weights);

#endif
