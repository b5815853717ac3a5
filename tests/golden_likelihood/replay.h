/* A file of recorded bounds or of a mixture's likelihoods, and what is made again from it. */
#ifndef GOLDEN_LIKELIHOOD_REPLAY_H
#define GOLDEN_LIKELIHOOD_REPLAY_H

#include "golden_files.h"
#include "make.h"

#include "format/safetensors.h"

enum { DIM = 2, PARTS_MOST = 64 };

/* All values of a tensor in new memory, NULL where there is none; count may be NULL. */
double *tensor_of(safetensors *file, const char *name, size_t *count);

/* bound.c. 1 where the file's terms come out: prints the worst difference of each kind. */
int bound_check(safetensors *file);

/* ---- a mixture of Gaussians in the plane ---- */

typedef struct mixture {
    size_t parts;
    double *weight, *mean, *covariance; /* [parts], [parts, 2], [parts, 2, 2] */
} mixture;

int mixture_read(mixture *out, safetensors *file);
void mixture_release(mixture *of);

/* E[x_0 | x] where x = signal x_0 + sigma noise: each part's own, in the parts' chances. */
void mixture_mean(const mixture *self, double *out, const double *x, double signal, double sigma);
double mixture_log_density(const mixture *self, const double *x);

/* How far it reaches from 0, whatever noise it has had. */
double mixture_reach(const mixture *self);

/* flow.c. 1 where the likelihoods of its flow come out, by the exact trace and along probes. */
int flow_check(safetensors *file, const mixture *of);

/* table.c. 1 where bounds and truth stand in their order, for the first points of the file. */
int table_check(safetensors *file, const mixture *of);

/* chain.c. log p(x_0) in nats of a chain that goes down by the mean of exact scores with variance beta_t, for n points,
 * by quadrature over one state after another. beta, alpha_bar: [steps + 1], element 0 of no noise. */
typedef struct gaussian_chain {
    const mixture *of;
    int32_t steps;
    double beta[64], alpha_bar[64];
} gaussian_chain;
void chain_log_density(const gaussian_chain *self, double *nats, const float *x0, size_t n);

/* bits.c. The same order where p(x_0) is a sum over all trajectories. */
int bits_check(void);

/* A row of bounds, rising in k, below the truth; in nats, with standard errors. */
enum { TABLE_KS = 5 };
extern const int table_k[TABLE_KS];
typedef struct table_row {
    double elbo, elbo_error, iwae[TABLE_KS], iwae_error[TABLE_KS], truth;
} table_row;

/* Means over points [n], each `copies` times, of a model by its bounds. */
void table_measure(table_row *out, const diffusion_model *model, const diffusion_schedule *schedule, const float *x0,
                   size_t n, size_t dim);
void table_print_head(const char *name);
int table_print(const char *name, const table_row *row);

#endif
