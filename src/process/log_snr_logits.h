/* A schedule "log_snr" as numbers that may move freely: its ends, and logits of its shares of the time. */
#ifndef PROCESS_LOG_SNR_LOGITS_H
#define PROCESS_LOG_SNR_LOGITS_H

#include "process/schedule.h"

enum { LOG_SNR_MAXIMUM, LOG_SNR_MINIMUM, LOG_SNR_LOGITS /* the first of them */ };

/* The ends are told in tenths: an optimiser that moves all numbers alike moves them so much more slowly, and a network
 * follows. */
#define LOG_SNR_UNIT 0.1

/* 0, or DIFFUSION_E_SPEC or DIFFUSION_E_KERNEL in `object`'s name: another schedule, or one of a single step. */
diffusion_status log_snr_logits_check(const struct diffusion_schedule *schedule, const char *object);

/* How many numbers there are: a straight line has logits too, which are all 0. */
size_t log_snr_logits_count(const struct diffusion_schedule *schedule);
void log_snr_logits_of(double *value, const struct diffusion_schedule *schedule);

/* Keeps the ends apart, by 1 at least. */
void log_snr_logits_hold(double *value);

/* Shares [count - LOG_SNR_LOGITS], which sum to 1 but for what keeps them off 0. */
void log_snr_logits_shares(double *share, const double *value, size_t count);

/* The schedule of so many steps that the numbers make; `raised` is added to both ends. */
diffusion_status log_snr_logits_schedule(struct diffusion_schedule **out, int32_t steps, const double *value,
                                         size_t count, double raised);

#endif
