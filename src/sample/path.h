/* What a solver of the probability flow goes straight in: a state y = x / scale over a time of its own, both functions
 * of sigma / signal alone. y is s (x_0 + sigma epsilon), so its slope is s' x_0 + (s sigma)' epsilon (Karras et al.
 * 2022, arXiv:2206.00364, section 4 and table 1: what other systems integrate, whatever the network's own schedule is).
 */
#ifndef SAMPLE_PATH_H
#define SAMPLE_PATH_H

#include "sample/linear.h"

typedef enum path_kind { PATH_SIGMA, PATH_FLOW, PATH_VARIANCE, PATH_VP } path_kind;
typedef enum path_scaling { SCALING_OWN, SCALING_NONE, SCALING_VP } path_scaling;

typedef struct path_options {
    int32_t kind, scaling;
    double beta_min, beta_max; /* of the path vp */
} path_options;

#define PATH_KEYS(type, field)                                                                                         \
    {"path",                                                                                                           \
     SPEC_CHOICE,                                                                                                      \
     offsetof(type, field.kind),                                                                                       \
     "sigma",                                                                                                          \
     0,                                                                                                                \
     0,                                                                                                                \
     "sigma|flow|variance|vp",                                                                                         \
     "the time in which steps are straight: sigma / signal; sigma / (signal + sigma), as in flow matching; "           \
     "(sigma / signal)^2; or that of the curve vp"},                                                                   \
        {"scaling",                                                                                                    \
         SPEC_CHOICE,                                                                                                  \
         offsetof(type, field.scaling),                                                                                \
         "own",                                                                                                        \
         0,                                                                                                            \
         0,                                                                                                            \
         "own|none|vp",                                                                                                \
         "the state that they are straight for: the path's own (x / signal, for flow x / (signal + sigma), for vp "    \
         "that of preserved variance), x / signal, or that of preserved variance"},                                    \
        {"beta_min", SPEC_REAL, offsetof(type, field.beta_min), "0.1", -1e6, 1e6, NULL, "path=vp: as of the curve"},   \
    {                                                                                                                  \
        "beta_max", SPEC_REAL, offsetof(type, field.beta_max), "20", 1e-6, 1e6, NULL, "path=vp: likewise"              \
    }

/* A level on the path. */
typedef struct path_place {
    double scale, time;
    double x0, epsilon; /* of the slope */
} path_place;

path_place path_place_of(const path_options *options, const noise_level *at);

/* sigma / signal at a time. */
double path_ratio(const path_options *options, double time);

/* Whether the flow of an x_0 and noise that stay is straight: then Euler's step leads to signal x_0 + sigma epsilon. */
int path_is_straight(const path_options *options);

/* Whether places are found by dividing by the signal. */
int path_divides(const path_options *options);

#endif
