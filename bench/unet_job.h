/* The work that the U-Net's benches time: a forward pass or a training step (epsilon objective, Adam). */
#ifndef BENCH_UNET_JOB_H
#define BENCH_UNET_JOB_H

#include <diffusion.h>

typedef struct unet_job {
    diffusion_model *model; /* the job's own, put there before unet_job_open() */
    diffusion_schedule *schedule;
    diffusion_trainer *trainer; /* NULL: the work is the forward pass */
    float *x, *out;             /* [batch, dim] */
    double *t;                  /* [batch], whole steps, evenly from 1 to 1000 */
    size_t batch, dim;
} unet_job;

/* Uniform numbers of variance 1, from a linear congruence (Knuth). */
void unet_fill(float *values, size_t count, uint64_t seed);

/* These return 0, or another value after a failure; a job is closed in any case. */
int unet_job_open(unet_job *job, size_t batch, int training);
int unet_job_run(void *job);
void unet_job_close(unet_job *job);

#endif
