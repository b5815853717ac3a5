/* What the parts of schedulers share. */
#ifndef INTEROP_DIFFUSERS_SAMPLING_STEPS_H
#define INTEROP_DIFFUSERS_SAMPLING_STEPS_H

#include "interop/diffusers/scheduler_class.h"

/* Names of spacings by time, theirs and ours. */
typedef enum spacing { LEADING, LINSPACE, TRAILING } spacing;
extern const char *const scheduler_spacings[];

spacing sampling_read_spacing(sampling *of, spacing standard);
int64_t sampling_read_offset(sampling *of);

/* The lowest step, counted from 1, that so many trailing ones visit. */
int64_t sampling_lowest_trailing(int64_t total, int64_t steps);

/* The spacing in sigma / signal that is asked for, of which diffusers takes one alone, and none with a flow, whose sigma
 * is another; NULL or 0: none. */
const char *sampling_spacing_in_sigma(sampling *of);
void sampling_check_spacings(sampling *of);
void sampling_check_flow_alone(sampling *of);
int sampling_append_sigmas(sampling *of);
int sampling_put_sigmas(describing *of);

/* With a zero terminal SNR the solvers in sigma take alpha_bar_T for 2^-24. */
void sampling_append_least_signal(sampling *of);

/* Whether a configuration says that the last step goes to sigma_min. */
int sampling_ends_at_sigma_min(const sampling *of);

/* The number of steps, and what shifts them all. */
void sampling_read_steps(sampling *of);
void sampling_append_offset(sampling *of);

/* timestep_spacing and steps_offset. */
void sampling_write_whole_steps(describing *of);

/* The times of flow matching as a multistep scheduler makes them, as a list and back. */
void sampling_append_multistep_flow_times(sampling *of);
void sampling_put_multistep_flow_times(describing *of);

#endif
