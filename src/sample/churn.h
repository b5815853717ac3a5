/* Noise put back before a step, and noise drawn behind it: what samplers on sigma = sigma / signal share (Karras et al.
 * 2022, arXiv:2206.00364, algorithm 2; k-diffusion's ancestral steps). y = x / signal is their state. */
#ifndef SAMPLE_CHURN_H
#define SAMPLE_CHURN_H

#include "sample/linear.h"

typedef struct churn_options {
    double churn, least, most, noise;
} churn_options;

#define CHURN_KEYS(type, field)                                                                                        \
    {"s_churn",                                                                                                        \
     SPEC_REAL,                                                                                                        \
     offsetof(type, field.churn),                                                                                      \
     "0",                                                                                                              \
     0,                                                                                                                \
     1e6,                                                                                                              \
     NULL,                                                                                                             \
     "noise put back in all steps together: sigma grows by min(s_churn / steps, sqrt(2) - 1) before each, though not " \
     "beyond the schedule's largest"},                                                                                 \
        {"s_tmin",                                                                                                     \
         SPEC_REAL,                                                                                                    \
         offsetof(type, field.least),                                                                                  \
         "0",                                                                                                          \
         0,                                                                                                            \
         HUGE_VAL,                                                                                                     \
         NULL,                                                                                                         \
         "s_churn: the least sigma that is raised"},                                                                   \
        {"s_tmax", SPEC_REAL, offsetof(type, field.most), "1e300", 0, HUGE_VAL, NULL, "s_churn: the largest"},         \
    {                                                                                                                  \
        "s_noise", SPEC_REAL, offsetof(type, field.noise), "1", 0, 1e3, NULL,                                          \
            "s_churn: standard deviation of that noise"                                                                \
    }

/* Of the keys: that some sigma may be raised. */
diffusion_status churn_check(const churn_options *options);

/* The level that a step begins at: its own, or a raised one. */
noise_level churn_level(const solver_chain *chain, const churn_options *options, const solver_step *step);

/* The same where no model is asked at it, so that it may lie beyond the schedule's last. */
noise_level churn_level_unseen(const solver_chain *chain, const churn_options *options, const solver_step *step);
int churn_has_raised(const noise_level *raised, const solver_step *step);

/* x at that level, in `out`, by a draw where it was raised; else x as it is. */
diffusion_status churn_raise(const solver_chain *chain, const churn_options *options, const solver_step *step,
                             const noise_level *raised, double *out);

/* A step of sigma to `to` as one down to `down` and noise of standard deviation `up`, eta being its share. */
typedef struct ancestral_step {
    double down, up;
} ancestral_step;

ancestral_step ancestral_step_of(double from, double to, double eta);

#endif
