/* Pictures of what the model draws while it is trained, by a quick solver and always from the same noise. */
#ifndef TRAINING_PREVIEW_H
#define TRAINING_PREVIEW_H

#include "training/setup.h"

typedef struct preview_options {
    long long every;  /* steps; 0: none is drawn */
    const char *file; /* its name, in which {step} may stand; NULL: beside the model */
} preview_options;

typedef struct preview {
    char *path;    /* {step} may stand in it; NULL: none is drawn */
    int64_t every; /* steps */
    int force;
    const training_job *job;
    size_t count, columns; /* samples of a picture; columns 0: they are shown as points */
    char *sampler;         /* its spec */
    int32_t *labels;       /* [count], or NULL */
    double *points;        /* [count, dim] of the data in its units, to show beside; or NULL */
} preview;

/* The name, freed by free(), NULL if none is to be drawn: ends the command if it cannot be. */
char *preview_check(const preview_options *options, const char *output, int force);

/* `path` is that name, the preview's from now on. */
void preview_begin(preview *out, char *path, int64_t every, int force, const training_job *job);

/* Draws it if it is time, at the end of `steps` too. What the model cannot draw is said; a signal leaves it undrawn. */
void preview_draw(const preview *of, const diffusion_trainer *trainer, int64_t steps);

void preview_release(preview *of);

#endif
