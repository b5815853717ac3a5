/* The curve along which the log SNR falls, for what moves it. */
#ifndef PROCESS_SCHEDULE_LOG_SNR_H
#define PROCESS_SCHEDULE_LOG_SNR_H

#include "process/schedule/curve.h"

extern const curve log_snr_curve;

/* From t = 1 to T the log SNR falls from maximum to minimum, evenly, or through as many equal parts as there are
 * shares, each of which takes its share of the time. */
typedef struct log_snr_options {
    curve_steps common;
    double maximum, minimum;
    spec_reals shares; /* to their sum */
} log_snr_options;

enum { LOG_SNR_SHARES = 1000 /* at most */ };
#define LOG_SNR_SHARE_MIN 1e-6

/* The part that the log SNR is in after `part` in [0, 1] of the time. */
size_t log_snr_part_at(const spec_reals *shares, double part);

#endif
