/* A chain of samples on its way from noise to data. */
#ifndef SAMPLE_SAMPLER_H
#define SAMPLE_SAMPLER_H

#include "base/busy.h"
#include "model/predictor.h"
#include "sample/options.h"
#include "sample/sample_condition.h"

struct diffusion_sampler {
    busy busy;
    const solver *solver; /* NULL until the options are read */
    size_t kind;          /* its row */
    sampler_options options;
    char *spec; /* every key of them spelled out */
    chain_plan plan;
    predictor predictor;
    diffusion_noise_fn *noise;
    void *noise_user;
    diffusion_progress_fn *progress;
    void *progress_user;
    void *conditions[SAMPLE_CONDITIONS]; /* their states, by row of the table */
    /* The chain. Sample i has the rows i * particles and following; arrays are [rows, dim] or [rows]. */
    int32_t step;        /* of the plan: levels[step] or above it; 0 at the end, -1 where no chain has begun */
    int32_t begun;       /* the first of them */
    noise_level at;      /* where x stands */
    int32_t stops;       /* how often the solver has stopped short in this step, */
    int32_t draws_taken; /* and draws of noise in it: for their streams */
    int64_t asked;       /* evaluations of all rows, */
    buffer asked_of;     /* [rows] int64_t, and of rows by themselves */
    size_t n, rows;
    struct diffusion_condition *condition; /* [rows], owned; NULL for none */
    buffer x, mean, variance, draws;       /* the state, the law of the next one, and its noise */
    buffer reads;                          /* [rows], the transition that each row is at */
    buffer transitions;                    /* likewise, of rows at levels of their own */
    buffer asked_x, asked_at;              /* where a condition has the model asked: [rows, dim] and [rows] */
    buffer arrays, state;                  /* the solver's own */
};

diffusion_status sampler_create(struct diffusion_sampler **out, const struct diffusion_model *model,
                                const struct diffusion_schedule *schedule, const char *spec);
void sampler_free(struct diffusion_sampler *self);

/* check.c: what a sampler cannot do. Each 0, or the sentence. */

/* Keys that the solver has its own way with: each may be given as it has it, no other way. `asked` is what the spec
 * said. */
diffusion_status sampler_check_own_way(const struct diffusion_sampler *self, const char *spec,
                                       const plan_options *asked);

/* Before there is a plan. */
diffusion_status sampler_check_options(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                       const struct diffusion_schedule *schedule);

/* Again when a chain begins: the model's moments may be gone since, if it was trained on. */
diffusion_status sampler_check_variance(const struct diffusion_sampler *self);

/* The levels that the plan begins and ends with. */
diffusion_status sampler_check_plan(const struct diffusion_sampler *self, const struct diffusion_model *model,
                                    const struct diffusion_schedule *schedule);

/* That there is something to guide by. */
diffusion_status sampler_check_condition(const struct diffusion_sampler *self,
                                         const struct diffusion_condition *condition);

/* Room for n samples, their conditions checked. */
diffusion_status sampler_prepare(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n);

/* chain.c */
diffusion_status sampler_begin(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n);
diffusion_status sampler_step(struct diffusion_sampler *self);
diffusion_status sampler_run(struct diffusion_sampler *self, const struct diffusion_condition *condition, size_t n,
                             float *x0);

/* Who hears of progress; NULL for nobody. */
void sampler_listen(struct diffusion_sampler *self, diffusion_progress_fn *progress, void *user);

/* x of each sample's first particle, [n, dim]. */
diffusion_status sampler_copy_state(const struct diffusion_sampler *self, float *x);

/* Ends a chain that was begun under other conditions. */
void sampler_forget(struct diffusion_sampler *self);

static inline size_t sampler_dim(const struct diffusion_sampler *self)
{
    return self->predictor.model->dim;
}

static inline const struct diffusion_schedule *sampler_schedule(const struct diffusion_sampler *self)
{
    return self->predictor.schedule;
}

/* asked.c. How often the model has been asked about a sample since its chain began. */
int64_t sampler_evaluations(const struct diffusion_sampler *self, size_t sample);

/* noise.c. Fills noise [rows, dim] with the kernel's standard noise of the plan's `step`, one above the last for the
 * first state, by the callback or the seeded generator;
 * `again` counts the draws of one step from 0. */
diffusion_status sampler_draw(struct diffusion_sampler *self, double *noise, int32_t step, int32_t again);

/* x from the law and its noise, or the law's likeliest value. */
void sampler_settle(struct diffusion_sampler *self, const solver_step *step);

/* p(x_to | x_from) of all rows, at x. */
diffusion_status sampler_reverse(struct diffusion_sampler *self, const double *x, const noise_level *from,
                                 const noise_level *to, law out);

#endif
