/* The last term of a bound, log p(x_0 | x_1). */
#ifndef EVALUATE_EDGE_H
#define EVALUATE_EDGE_H

#include "process/bins.h"
#include "process/schedule.h"

/* The forward kernel with beta_1 (the paper's rule), the model's own law, or its mass in the bins of discrete data. */
typedef enum edge_rule { EDGE_FORWARD, EDGE_MODEL, EDGE_DISCRETIZED } edge_rule;

typedef struct edge_options {
    int64_t levels;
    int32_t rule, cdf;
    double dequantize; /* width of the noise that is added to data; bins need none */
} edge_options;

/* The keys, for an options struct that has edge_options as its member `edge`. */
#define EDGE_RULE_KEY(type)                                                                                            \
    {                                                                                                                  \
        "edge", SPEC_CHOICE, offsetof(type, edge.rule), "forward", 0, 0, "forward|model|discretized",                  \
            "p(x_0 | x_1): the forward kernel with beta_1 (the paper's rule), the model's own law, or its mass in "    \
            "the bins "                                                                                                \
            "of discrete data spread over -1..1 (Gaussian kernel)"                                                     \
    }
#define EDGE_LEVELS_KEY(type)                                                                                          \
    {                                                                                                                  \
        "levels", SPEC_INTEGER, offsetof(type, edge.levels), "256", 2, 65536, NULL, "edge=discretized: number of bins" \
    }
#define EDGE_CDF_KEY(type)                                                                                             \
    {                                                                                                                  \
        "cdf", SPEC_CHOICE, offsetof(type, edge.cdf), "normal", 0, 0, bins_cdf_names,                                  \
            "edge=discretized: the normal distribution function, or published code's approximation by tanh"            \
    }
#define EDGE_DEQUANTIZE_KEY(type)                                                                                      \
    {                                                                                                                  \
        "dequantize", SPEC_REAL, offsetof(type, edge.dequantize), "0", 0, HUGE_VAL, NULL,                              \
            "width of the uniform noise that is added to every value of x_0, in the scale of x_0; 0 for none "         \
            "(Gaussian "                                                                                               \
            "kernel)"                                                                                                  \
    }

/* 0, or the sentence: a rule, or noise, that needs the Gaussian kernel. */
diffusion_status edge_check_schedule(const edge_options *options, const struct diffusion_schedule *schedule);

/* 0, or the sentence: a value that the kernel has not, or outside the bins. */
diffusion_status edge_check_data(const edge_options *options, const kernel *by, const float *x0, size_t count);

/* Nats of a row, where p is the model's law p(x_0 | x_1); not of EDGE_FORWARD. */
double edge_log_probability(const edge_options *options, const kernel *by, const double *x0, law p, size_t dim);

/* The width that turns a density of the data into a mass: 0 for none. */
double edge_width(const edge_options *options);

#endif
