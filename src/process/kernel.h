/* What a step of the forward process does to a sample. One class for each kernel, on rows of `dim` values in double;
 * levels s < t. Nobody outside the kernels' own files asks which kernel it is. */
#ifndef PROCESS_KERNEL_H
#define PROCESS_KERNEL_H

#include "base/rng.h"
#include "process/level.h"

#include <diffusion/status.h>

typedef struct kernel_class kernel_class;

/* A kernel with what its spec gives it. */
typedef struct kernel {
    const kernel_class *methods;
    double *rates; /* the prior's, [rate_count]: one for each value, or as many as serve all groups. The schedule's */
    size_t rate_count; /* 0 where the kernel has none */
    size_t group;      /* values that belong together, of which laws are not independent: 1 but for categories */
} kernel;

enum { LARGEST_GROUP = 128 /* values of a group at most */ };

/* The law of a row: independent groups of components with these means and variances. Of bits the mean is the rate. */
typedef struct law {
    double *mean, *variance; /* [dim] */
} law;

/* A derivative by a law: by the mean (of kernels that are not additive: by the natural parameters) and by the logarithm
 * of the variance. */
typedef struct law_slope {
    double *location, *log_variance; /* [dim]; log_variance may be NULL */
} law_slope;

struct kernel_class {
    const char *name;  /* as specs have it: "gaussian" */
    const char *title; /* as sentences have it: "the Gaussian kernel" */
    /* Whether x_t = signal x_0 + sigma epsilon with normal epsilon: then epsilon, scores, clipping, dequantisation and
     * every solver have a meaning, and a law's variance is free. Draws and modes go value by value, so that several
     * rows may be given as one. */
    int additive;

    /* Data and means. */
    int (*is_value)(double value); /* whether a finite number may be a value of the data */
    const char *values;            /* what may, for sentences: "0 or 1" */
    double mean_minimum, mean_maximum;

    /* The standard noise of draws: normal, or uniform in (0, 1). Rows [rows, count], row i from the stream of `sample`
     * + i. */
    void (*noise)(double *noise, size_t rows, size_t count, rng_stream stream);
    double noise_minimum, noise_maximum; /* what a caller's draw may be, */
    const char *draws;                   /* for sentences: "a uniform draw in 0..1" */

    /* p(x_t) at the level where a chain begins, which has next to nothing of the data. */
    void (*prior)(const kernel *self, law out, const noise_level *t, size_t dim);
    /* q(x_t | x_s); from the data it is the marginal q(x_t | x_0). */
    void (*step)(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *xs, size_t dim);
    /* The same, drawn. xt may be xs or the noise. */
    void (*diffuse)(const kernel *self, double *xt, const noise_level *s, const noise_level *t, const double *xs,
                    const double *noise, size_t dim);
    /* q(x_s | x_t, x_0); of bits x0 may be a probability. out may be x0 or xt. */
    void (*posterior)(const kernel *self, law out, const noise_level *s, const noise_level *t, const double *x0,
                      const double *xt, size_t dim);

    /* A draw, and the likeliest value. x may be the noise or the law's own mean. */
    void (*draw)(const kernel *self, double *x, law from, const double *noise, size_t dim);
    void (*mode)(const kernel *self, double *x, law from, size_t dim);

    /* Nats, summed over the row. */
    double (*divergence)(const kernel *self, law q, law p, size_t dim);                    /* KL(q || p) */
    void (*divergence_slope)(const kernel *self, law_slope out, law q, law p, size_t dim); /* by p */
    double (*log_probability)(const kernel *self, const double *x, law p, size_t dim);
    double (*entropy)(const kernel *self, law of, size_t dim);
    /* The paper's edge rule (equation 44), t being the first level: p(x_0 | x_t) is the forward step from the data to t
     * applied to x_t, which suits a process that keeps the variance; of any other, x_t / signal with its noise. And E
     * over x_t ~ q(x_t | x_0) of log p(x_0 | x_t). */
    void (*edge_law)(const kernel *self, law out, const noise_level *t, const double *xt, size_t dim);
    double (*edge)(const kernel *self, const noise_level *t, const double *x0, size_t dim);
    /* Equations 24 and 36 of the paper, per dimension. */
    void (*entropy_bounds)(const kernel *self, const noise_level *s, const noise_level *t, double *lower,
                           double *upper);

    /* Observations: y is x with noise of this variance, or with this chance of another value. Multiplies the law of one
     * group by p(y | x)^power, normalised (Table App.1 of the paper). Returns the log of what normalised it, less what
     * does not depend on the law; log_observed() is log p(y | x)^power, less the same. */
    int (*is_observation_noise)(double noise);
    const char *observation_noise; /* for sentences: "a variance above 0" */
    double (*multiply)(const kernel *self, law p, const double *y, double noise, double power);
    double (*log_observed)(const kernel *self, const double *x, const double *y, double noise, double power);

    /* Only where the kernel is not additive; a law there is told by natural parameters too (of bits: log odds). */
    void (*from_natural)(const kernel *self, double *mean, const double *natural, size_t dim); /* may be in place */
    void (*to_natural)(const kernel *self, double *natural, const double *mean, size_t dim);
    /* A derivative by the law's mean made one by its natural parameters, and back, in place. */
    void (*slope_by_natural)(const kernel *self, double *slope, law at, size_t dim);
    void (*slope_by_mean)(const kernel *self, double *slope, law at, size_t dim);
    /* The derivative by the natural parameters x0 of x_0's law, from that by the natural parameters of the posterior
     * which follows from it. */
    void (*posterior_backward)(const kernel *self, double *dx0, const noise_level *s, const noise_level *t,
                               const double *x0, const double *xt, law posterior, const double *dposterior, size_t dim);

    /* Completes what the spec said, or refuses it: the rates, and from them the group. */
    diffusion_status (*settle)(kernel *self);
};

/* The table, kernels.c, in the order of the names "a|b". */
extern const char kernel_names[];
const kernel_class *kernel_class_at(size_t index); /* NULL past the last */

/* x_t ~ q(x_t | x_0) from the kernel's standard noise. xt may be x0 or the noise. */
void kernel_diffuse_data(const kernel *self, double *xt, const noise_level *t, const double *x0, const double *noise,
                         size_t dim);
/* q(x_t | x_0). */
void kernel_marginal(const kernel *self, law out, const noise_level *t, const double *x0, size_t dim);

/* The kernel of the components from `first` on, where a group begins. */
kernel kernel_from(const kernel *self, size_t first);

/* 0, or the sentence: a value that is not finite, or that the kernel has not. `function` and `name` say whose. */
diffusion_status kernel_check_values(const kernel *self, const char *function, const char *name, const float *values,
                                     size_t count);

/* The same of numbers in double, and of means, which a value may be given by: of bits the chance of a 1. */
diffusion_status kernel_check_values_double(const kernel *self, const char *function, const char *name,
                                            const double *values, size_t count);
diffusion_status kernel_check_means(const kernel *self, const char *function, const char *name, const double *means,
                                    size_t count);

/* The same of a draw of noise that the caller made, "noise[index]"; the sentence for one that cannot be. */
diffusion_status kernel_refuse_draw(const kernel *self, const char *function, size_t index, double draw);

static inline diffusion_status kernel_check_draw(const kernel *self, const char *function, size_t index, double draw)
{
    const kernel_class *of = self->methods;
    const int may_be = draw >= of->noise_minimum && draw <= of->noise_maximum;
    return may_be ? DIFFUSION_OK : kernel_refuse_draw(self, function, index, draw);
}

extern const kernel_class gaussian_kernel, binomial_kernel;

#endif
