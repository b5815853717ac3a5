/* The last losses of every step, and chances in proportion to their root mean square: improved DDPM's resampler
 * (arXiv:2102.09672, section 3.3, with the constants of its code). */
#ifndef TRAIN_LOSS_HISTORY_H
#define TRAIN_LOSS_HISTORY_H

#include <diffusion/status.h>

enum { LOSS_HISTORY = 10 /* losses of a step */ };

/* Arrays are [last + 1], from `first` on, owned; NULL where no losses are kept. */
typedef struct loss_history {
    int32_t first, last;
    float *losses; /* [last + 1, LOSS_HISTORY], the oldest first */
    float *counts; /* how many of them there are */
    double *root;  /* of their mean square */
    double *chance, *cumulative;
    int32_t full; /* steps that have all of theirs */
} loss_history;

diffusion_status loss_history_open(loss_history *self, int32_t first, int32_t last);
void loss_history_close(loss_history *self); /* also of one zeroed */
int loss_history_is_open(const loss_history *self);

/* Whether every step has its losses: before that there are no chances. */
int loss_history_is_full(const loss_history *self);

/* Adds the losses of n samples at t, [n], in their order. */
void loss_history_add(loss_history *self, const double *t, const double *loss, size_t n);

/* The step at cumulative chance u, and what a sample drawn there counts. */
int32_t loss_history_find(const loss_history *self, double u);
double loss_history_weight(const loss_history *self, int32_t t);

/* From losses and counts as another run left them; 0 if they are none. */
int loss_history_restore(loss_history *self);

#endif
