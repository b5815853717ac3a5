/* One prediction as another. */
#ifndef MODEL_CONVERT_H
#define MODEL_CONVERT_H

#include "process/schedule.h"

/* out [count], the output that stands for `to`, of one that stands for `from`: both "epsilon", "edm sigma_data=1" and
 * the like, at time t of the schedule, where x_t [count] was read. `out` may be any of the arrays. */
diffusion_status convert_prediction(const struct diffusion_schedule *schedule, double t, const char *from,
                                    const char *to, const double *x, const double *output, size_t count, double *out);

#endif
