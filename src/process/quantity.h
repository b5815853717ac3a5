/* A schedule's quantities by name, as diffusion_schedule_values() gives them. */
#ifndef PROCESS_QUANTITY_H
#define PROCESS_QUANTITY_H

#include "process/schedule.h"

/* Fills out[t - 1] for t = 1..T; DIFFUSION_E_NAME or DIFFUSION_E_KERNEL, with `function` in the sentence. */
diffusion_status quantity_fill(double *out, const struct diffusion_schedule *schedule, const char *function,
                               const char *name);

#endif
