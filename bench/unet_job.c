#include "unet_job.h"

#include <stdlib.h>

enum { STEPS = 1000 };

void unet_fill(float *values, size_t count, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = ((float)(state >> 40) / 16777216.0f - 0.5f) * 3.4641016f;
    }
}

static int open_trainer(unet_job *job)
{
    return diffusion_schedule_create(&job->schedule, "linear steps=1000") != DIFFUSION_OK ||
           diffusion_trainer_create(&job->trainer, job->model, job->schedule,
                                    "objective=simple optimizer=adam rate=1e-4 ema=0 seed=1") != DIFFUSION_OK;
}

int unet_job_open(unet_job *job, size_t batch, int training)
{
    job->batch = batch;
    job->dim = diffusion_model_dim(job->model);
    job->x = malloc(batch * job->dim * sizeof *job->x);
    job->out = malloc(batch * job->dim * sizeof *job->out);
    job->t = malloc(batch * sizeof *job->t);
    if (job->x == NULL || job->out == NULL || job->t == NULL)
        return -1;
    unet_fill(job->x, batch * job->dim, 1);
    for (size_t i = 0; i < batch; i++)
        job->t[i] = (double)(1 + i * (STEPS - 1) / (batch > 1 ? batch - 1 : 1));
    return training ? open_trainer(job) : 0;
}

int unet_job_run(void *context)
{
    unet_job *job = context;
    return job->trainer != NULL ? diffusion_trainer_step(job->trainer, job->x, NULL, job->batch, NULL)
                                : diffusion_model_forward(job->model, job->x, job->t, NULL, job->batch, job->out);
}

void unet_job_close(unet_job *job)
{
    diffusion_trainer_free(job->trainer);
    diffusion_schedule_free(job->schedule);
    diffusion_model_free(job->model);
    free(job->x);
    free(job->out);
    free(job->t);
}
