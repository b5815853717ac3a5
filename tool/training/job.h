/* What `diffusion train` trains on, and with. */
#ifndef TRAINING_JOB_H
#define TRAINING_JOB_H

#include "data/scaling.h"
#include "training/curve.h"

#include <diffusion.h>

typedef struct training_job {
    const char *path; /* of the data */
    data_options how; /* to read it */
    dataset data;     /* scaled … */
    dataset held;     /* and what is held out of it, empty if nothing is … */
    scaling scale;    /* by this */
    diffusion_trainer *trainer;
    curve losses; /* so far */
} training_job;

#endif
