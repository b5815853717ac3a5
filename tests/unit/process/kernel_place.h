/* Two levels of a schedule and rows of values between which kernels are tried, for every kernel. */
#ifndef UNIT_PROCESS_KERNEL_PLACE_H
#define UNIT_PROCESS_KERNEL_PLACE_H

#include "schedule.h"

#include "base/memory.h"

enum { DIM = 5 };

static double rates[DIM] = {0.2, 0.5, 0.9, 0.35, 0.6};

/* A kernel, two levels s < t of a schedule, and rows: bits for the binomial one. */
typedef struct place {
    kernel of;
    noise_level s, t;
    double x0[DIM], xs[DIM], xt[DIM], noise[DIM];
} place;

static inline place place_of(const kernel_class *methods, double from, double to)
{
    struct diffusion_schedule *schedule = schedule_of("cosine steps=10");
    place at = {.of = {methods, methods->additive ? NULL : rates, methods->additive ? 0 : DIM, 1},
                .s = schedule_level(schedule, from),
                .t = schedule_level(schedule, to)};
    for (size_t j = 0; j < DIM; j++) {
        at.x0[j] = methods->additive ? sin(1.0 + 2.0 * (double)j) : (double)(j % 2);
        at.xs[j] = methods->additive ? cos(3.0 * (double)j) : (double)(j % 3 == 0);
        at.xt[j] = methods->additive ? sin(5.0 + (double)j) : (double)(j < 2);
        at.noise[j] = methods->additive ? 1.5 * cos(7.0 * (double)j) : 0.5 + 0.49 * sin(7.0 * (double)j);
    }
    schedule_release(schedule);
    return at;
}

/* For functions that do not look at the prior's rates. */
static inline kernel bare(const kernel_class *methods)
{
    return (kernel){methods, NULL, 0, 1};
}

typedef void place_fn(const place *at);

/* From the data, between whole steps and between real times, for both kernels. */
static inline void at_every_place(place_fn *check)
{
    static const double times[][2] = {{0, 1}, {0, 4}, {3, 4}, {2, 7}, {2.5, 2.75}, {0, 0.5}, {8.25, 10}};
    for (size_t i = 0; kernel_class_at(i) != NULL; i++)
        for (size_t j = 0; j < sizeof times / sizeof times[0]; j++) {
            const place at = place_of(kernel_class_at(i), times[j][0], times[j][1]);
            check(&at);
        }
    /* And where variance is not preserved: one that explodes, and a flow. */
    for (double s = 0.0; s < 0.7; s += 0.3)
        for (int flow = 0; flow <= 1; flow++) {
            place at = place_of(&gaussian_kernel, 0, 1);
            at.s = s > 0.0 ? level_from_signal_sigma(s, flow ? 1.0 - s : 1.0, s) : level_of_data();
            at.t = level_from_signal_sigma(s + 0.2, flow ? 0.8 - s : 1.0, s + 0.2);
            check(&at);
        }
}

typedef struct row_law {
    double mean[DIM], variance[DIM];
} row_law;

static inline law law_of(row_law *row)
{
    return (law){row->mean, row->variance};
}

static inline row_law step_of(const place *at, const double *xs)
{
    row_law out;
    at->of.methods->step(&at->of, law_of(&out), &at->s, &at->t, xs, DIM);
    return out;
}

static inline row_law posterior_of(const place *at, const double *x0, const double *xt)
{
    row_law out;
    at->of.methods->posterior(&at->of, law_of(&out), &at->s, &at->t, x0, xt, DIM);
    return out;
}

/* A law of component j, and another beside it, to compare. */
static inline row_law some_law(const place *at, double shift)
{
    row_law out;
    for (size_t j = 0; j < DIM; j++) {
        const double wave = sin(shift + 2.3 * (double)j);
        out.mean[j] = at->of.methods->additive ? wave : 0.5 + 0.45 * wave;
        out.variance[j] = at->of.methods->additive ? exp(wave) : out.mean[j] * (1 - out.mean[j]);
    }
    return out;
}

#endif
