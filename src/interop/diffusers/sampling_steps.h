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
