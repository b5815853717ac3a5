/* What the bound gains by the log SNR at t = 1 and at T, for a schedule whose ends are learned. */
#ifndef TRAIN_SCHEDULE_ENDS_H
#define TRAIN_SCHEDULE_ENDS_H

#include "train/batch.h"

/* by_end: the derivatives, nats per dimension, of the bound's limit of many steps,
 *
 *     E[edge(l_1)] + 1/2 int_{l_T}^{l_1} SNR E[(x_0 - the predicted one)^2] dl + E[KL(q(x_T | x_0) || N(0, 1))]
 *
 * over some of the batch's samples, once its x_0 are drawn: the edge's by a central difference with the same noise, for
 * no network tells how its output moves with time, the others in closed form. labels [n] and vectors are what the
 * network is told in training, or NULL. */
diffusion_status schedule_ends_gradient(const batch *of, const int32_t *labels, const float *vectors, double by_end[2]);

#endif
