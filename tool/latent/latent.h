/* Data as the noise that a deterministic solver makes them of, and back: what `diffusion encode`, `interpolate` and
 * `sample --latents` share. */
#ifndef LATENT_LATENT_H
#define LATENT_LATENT_H

#include "data/dataset.h"

#include <diffusion/model.h>
#include <diffusion/sampler.h>
#include <diffusion/schedule.h>

/* The solver that decodes where none is given, as help has it, and as a spec for this schedule; freed by free(). */
#define LATENT_DECODER "ddim steps=100"
char *latent_decoder(const diffusion_schedule *schedule);

/* The solver that goes up where `decoder` goes down; one that goes up already stays as it is. Ends the command for a
 * solver without such a one. Freed by free(). */
char *latent_encoder(const char *command, const char *decoder);

/* Ends the command if the solver goes from data to noise, as only `diffusion encode` does. */
void latent_check_decoder(const char *command, const char *spec);

/* The rows of a file that `diffusion encode` wrote; ends the command if they are not of the model's shape. Text has
 * their labels, if the training data had. */
void latent_load(dataset *out, const char *path, const diffusion_model *model);

/* Whether labels are left out; ends the command for a --labels other than NULL and "none". */
int latent_is_unlabelled(const char *command, const char *labels);

#define LATENT_OPTION_LABELS(given)                                                                                    \
    {                                                                                                                  \
        "labels", '\0', POPT_ARG_STRING, &(given), 0,                                                                  \
            "none: without the labels of DATA (default: with them, where the model has classes)", "none"               \
    }

/* Has a sampler begin at the first n of them. */
void latent_give(diffusion_sampler *sampler, const dataset *latents, size_t n);

/* Runs a chain from its first state, x [n, dim], to its end, `out` [n, dim]; labels [n], NULL for none. */
void latent_run(diffusion_sampler *sampler, const float *x, const int32_t *labels, size_t n, float *out, int quiet);

#endif
