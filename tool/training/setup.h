/* From the options of `diffusion train` to a trainer and its data: new, or as a checkpoint left it. */
#ifndef TRAINING_SETUP_H
#define TRAINING_SETUP_H

#include "training/job.h"
#include "training/specs.h"

/* Fill in the rest: of a new model, of one that options->init names, or as the checkpoint options->resume left it. */
void training_begin(training_job *job, const training_specs *options);
void training_tune(training_job *job, const training_specs *options);
void training_resume(training_job *job, const training_specs *options);

void training_release(training_job *job);

/* Says in one line what is trained on what. */
void training_announce(const training_job *job);

/* Whether steps take labels: a model of classes needs them, and they are there. */
int training_uses_labels(const training_job *job);

/* A whole number of the trainer's spec, such as "batch". */
int64_t training_number(const diffusion_trainer *trainer, const char *key);

#endif
