/* Closed forms of bits, one at a time, in nats. */
#ifndef PROCESS_BINOMIAL_H
#define PROCESS_BINOMIAL_H

/* KL(B(rate1) || B(rate2)) and the entropy of B(rate). */
double bernoulli_kl(double rate1, double rate2);
double bernoulli_entropy(double rate);

/* log of the probability of bit x (0 or 1) under B(rate). */
double bernoulli_log_probability(double x, double rate);

#endif
