/* Which t the samples of a step are trained at. Each is the law's quantile of a uniform number, and those numbers stand
 * to one another as time_draws= says; a sample's depends on seed, step and its own index alone. One file in times/ for
 * each law, and one row in the table. */
#ifndef TRAIN_TIMES_H
#define TRAIN_TIMES_H

#include "model/model.h"
#include "process/schedule.h"
#include "train/loss_history.h"
#include "train/options.h"

typedef struct trained_times trained_times;

typedef struct times_class {
    const char *name;
    int real;      /* t lies between the steps too */
    int by_losses; /* its chances follow the losses, and its samples are weighed against that */
    diffusion_status (*settle)(trained_times *self); /* completes it, or refuses the schedule; NULL: nothing to do */
    double (*quantile)(const trained_times *self, double u); /* t at u in (0, 1) */
} times_class;

/* The table, times/table.c, in the order of times_names. */
const times_class *times_class_at(size_t index); /* NULL past the last */

/* A normal law that is cut off where t leaves 1..T. */
typedef struct normal_law {
    double mean, deviation;
    double low, high; /* chances of what lies below t = 1, and below t = T */
} normal_law;

struct trained_times {
    const times_class *methods;
    const struct diffusion_schedule *schedule; /* borrowed */
    const trainer_options *options;            /* borrowed while it is opened */
    int32_t first, last;                       /* steps */
    int32_t draws;
    uint64_t seed;
    normal_law normal;
    loss_history history; /* closed unless by_losses */
};

/* Steps are drawn from first..T. On failure there is nothing to release. */
diffusion_status times_open(trained_times *self, const struct diffusion_schedule *schedule,
                            const trainer_options *options, int32_t first);
void times_close(trained_times *self);

/* t of sample `index` of training step `step`; `even`: as if no losses had been seen. */
double times_draw(const trained_times *self, uint64_t step, uint64_t index, int even);

/* What a sample at t counts, so that the mean loss is that of t drawn evenly. */
double times_weight(const trained_times *self, double t, int even);

/* Shared by laws: chances of where t = 1 and t = T lie, and the quantile. `what` it is that is normal. */
diffusion_status normal_law_open(normal_law *self, const trained_times *of, double first, double last,
                                 const char *what);
double normal_law_quantile(const normal_law *self, double u);

#endif
