/* What bends a chain: each sample's law is multiplied by some r(x_0) (section 2.5 of the paper). One file in
 * conditions/ for each, and one row in the table. The chain applies all that are active, in the table's order; no
 * solver knows of any.
 *
 *     p~(x_s | x_t) = p(x_s | x_t) r(x_s) / Z(x_t)
 *
 * Z(x_t) / r(x_t), which the paper takes for constant, is the weight of a particle's step. */
#ifndef SAMPLE_SAMPLE_CONDITION_H
#define SAMPLE_SAMPLE_CONDITION_H

#include "sample/solver.h"

#include <diffusion/sampler.h>

/* What the model sees in rows of the chain: x_t = signal x_0 + sigma epsilon. */
typedef struct sample_view {
    const size_t *rows; /* [count], of the chain; NULL: all of them */
    size_t count;
    const double *x;       /* [count, dim] */
    const noise_level *at; /* [count], or one for all */
    int each;              /* each row has its own */
    double *x0, *epsilon;  /* [count, dim] */
} sample_view;

static inline size_t view_row(const sample_view *of, size_t i)
{
    return of->rows != NULL ? of->rows[i] : i;
}

static inline const noise_level *view_level(const sample_view *of, size_t i)
{
    return &of->at[of->each ? i : 0];
}

/* Every function may be NULL: nothing to do then. `state` is the condition's own, of state_size bytes, zeroed where the
 * sampler is made; it lives as long. */
typedef struct sample_condition {
    size_t state_size;
    void (*release)(void *state);
    int (*is_active)(const struct diffusion_sampler *self, const void *state); /* NULL: always */
    /* Whether the step needs noise though the solver draws none. */
    int (*needs_noise)(const solver_step *step);

    /* 0, or the sentence: n samples do not suit what is given. */
    diffusion_status (*check)(const struct diffusion_sampler *self, const void *state, size_t n);
    /* Of solvers that ask for x_0 and noise. Where the model is asked in place of x at a level: another level, and a
     * row of x there. Both or neither, and of one condition alone. */
    noise_level (*asked_at)(const struct diffusion_sampler *self, const void *state, const noise_level *at);
    void (*asked_row)(const struct diffusion_sampler *self, const void *state, double *out, const double *x,
                      const noise_level *at, const noise_level *asked, size_t row);
    /* What the model sees, to change. */
    diffusion_status (*seen)(struct diffusion_sampler *self, void *state, const sample_view *view);
    /* After the prediction: the law of x_to, to change. Of the first state it is p(x) there, and another level may be
     * put in the step's. */
    diffusion_status (*predicted)(struct diffusion_sampler *self, void *state, solver_step *step);
    /* After the draw of noise, before it makes x of the law; also for the first state. */
    void (*drawn)(struct diffusion_sampler *self, void *state, solver_step *step, const double *noise);
    /* x has been made. */
    void (*settled)(struct diffusion_sampler *self, void *state, const solver_step *step);
} sample_condition;

/* The table, conditions/table.c: in the order in which they are applied. */
enum { SAMPLE_CONDITIONS = 12 /* rows at most */ };
const sample_condition *sample_condition_at(size_t index); /* NULL past the last */

extern const sample_condition start_condition, guidance_condition, observed_condition, exact_condition, joint_condition,
    known_condition, particles_condition;

/* The functions above for all that are active. */
diffusion_status conditions_check(const struct diffusion_sampler *self, size_t n);
const sample_condition *conditions_asked(const struct diffusion_sampler *self, const void **state); /* NULL: none */
diffusion_status conditions_seen(struct diffusion_sampler *self, const sample_view *view);
diffusion_status conditions_predicted(struct diffusion_sampler *self, solver_step *step);
int conditions_need_noise(const struct diffusion_sampler *self, const solver_step *step);
void conditions_drawn(struct diffusion_sampler *self, solver_step *step, const double *noise);
void conditions_settled(struct diffusion_sampler *self, const solver_step *step);

/* The state of one of the table's rows. */
void *sampler_condition_state(const struct diffusion_sampler *self, const sample_condition *of);

/* How often r counts at a level: 1, or (T - t) / T. */
double sampler_power(const struct diffusion_sampler *self, const noise_level *at);

/* Rows that a caller has told of x_0: row i mod n belongs to sample i. A copy; n is 0 where nothing is told. */
typedef struct given {
    float *values; /* [n, dim] */
    uint8_t *mask; /* [n, dim], 0: not known; NULL where all are told */
    size_t n;
} given;

diffusion_status given_copy(given *out, const float *values, const uint8_t *mask, size_t n, size_t dim);
void given_release(given *self);
/* The row that belongs to a row of the chain. */
size_t given_row(const given *self, const struct diffusion_sampler *sampler, size_t row);
/* 0, or the sentence: a value that is not finite, or that the kernel has not. */
diffusion_status given_check_value(const struct diffusion_sampler *sampler, const char *function, const char *name,
                                   double value, size_t column, size_t row);
/* DIFFUSION_E_SHAPE unless n samples are whole rounds of what is given. */
diffusion_status given_check(const given *self, const char *setter, size_t n);

/* conditions/start.c: the first state, not drawn. */
diffusion_status start_set(struct diffusion_sampler *self, const float *x, size_t n);
diffusion_status start_set_double(struct diffusion_sampler *self, const double *x, size_t n);

/* conditions/known.c: r a delta. Known values run through q(x_{0..T} | x_0) backwards, one path for all particles of a
 * sample. */
diffusion_status known_set(struct diffusion_sampler *self, const float *x0, const uint8_t *mask, size_t n);
int known_at(const struct diffusion_sampler *self, size_t row, size_t column);
double known_value(const struct diffusion_sampler *self, size_t row, size_t column); /* where known_at() */

/* conditions/observed.c: r is p(y | x_0), Gaussian noise or flipped bits. */
typedef struct observation {
    given y;
    double noise; /* variance, or probability that a bit is flipped */
} observation;
diffusion_status observed_set(struct diffusion_sampler *self, const float *y, double noise, size_t n);
const observation *observed_of(const struct diffusion_sampler *self);
double observed_value(const struct diffusion_sampler *self, size_t row, size_t column);

/* conditions/guidance.c: any smooth r, by the gradient of its logarithm. */
diffusion_status guidance_set(struct diffusion_sampler *self, diffusion_guidance_fn *gradient, void *user);

/* conditions/particles.c: adds to the weight of a row. */
void particles_weigh(struct diffusion_sampler *self, size_t row, double log_weight);

#endif
