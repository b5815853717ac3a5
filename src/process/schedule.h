/* The forward process: betas and what follows from them, in double, for t = 1..T. */
#ifndef PROCESS_SCHEDULE_H
#define PROCESS_SCHEDULE_H

#include <diffusion/schedule.h>

typedef enum kernel_kind { KERNEL_GAUSSIAN, KERNEL_BINOMIAL } kernel_kind;

/* Immutable once made; released with its last reference. Arrays are [steps + 1], indexed by t; t = 0 is the data
 * (beta 0, alpha_bar 1). */
struct diffusion_schedule {
    int references;
    kernel_kind kernel;
    int32_t steps;
    double *beta;
    double *log_alpha_bar; /* sum of log1p(-beta): exact near alpha_bar = 1; -infinity after a beta of 1 */
    double *alpha_bar;     /* exp of it */
    double *noise;         /* 1 - alpha_bar without cancellation: -expm1(log_alpha_bar) */
    double *rates;         /* binomial: the prior's rate, [rate_count]; one rate serves every bit */
    size_t rate_count;     /* 0 for the Gaussian kernel */
    char *spec;            /* complete: made again from it, a schedule has the same bits */
};

diffusion_status schedule_create(struct diffusion_schedule **out, const char *spec);
diffusion_status schedule_create_from_betas(struct diffusion_schedule **out, const double *betas, int32_t steps,
                                            const char *spec);

/* References are counted atomically; both take const because a schedule's content never changes. */
const struct diffusion_schedule *schedule_retain(const struct diffusion_schedule *schedule);
void schedule_release(const struct diffusion_schedule *schedule); /* NULL is allowed */

/* A Gaussian schedule that visits `steps` >= 1 of the T steps, t' = 1..steps standing for t = original[t'], with the
 * same alpha_bar there. original: [steps + 1], rising, each 1..T; original[0] is not looked at. */
diffusion_status schedule_respace(struct diffusion_schedule **out, const struct diffusion_schedule *schedule,
                                  int32_t steps, const int32_t *original);

/* The help text of schedule specs; NULL with the sentence set if memory runs out. */
char *schedule_help(void);

/* The prior's rate for a bit. */
static inline double schedule_rate(const struct diffusion_schedule *schedule, size_t bit)
{
    return schedule->rates[schedule->rate_count == 1 ? 0 : bit];
}

/* 0, or the sentence: t outside 1..T; rates for another number of bits than dim. */
diffusion_status schedule_check_step(const struct diffusion_schedule *schedule, const char *function, int32_t t);
diffusion_status schedule_check_dim(const struct diffusion_schedule *schedule, const char *function, size_t dim);

#endif
