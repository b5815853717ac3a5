/* The scale of what is trained on, and held out: the data's own, or that which a model brings along. */
#ifndef TRAINING_SCALE_H
#define TRAINING_SCALE_H

#include "training/job.h"

/* That of the model to begin from, unless --data asks for another or the model is one of bits. */
void scale_tune(training_job *job, const diffusion_model *model, int binomial);

/* That which the run began with; ends the command if --data asks for another. */
void scale_resume(training_job *job, const diffusion_model *model);

/* Maps the samples, once the trainer is there, and checks that they are what it takes. */
void scale_apply(training_job *job, const diffusion_model *model);

#endif
