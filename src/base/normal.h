/* Normal numbers of uniform ones, in bulk: elementary functions that vectorise, and give the same bits on every
 * machine.
 */
#ifndef BASE_NORMAL_H
#define BASE_NORMAL_H

#include <stddef.h>

/* Box and Muller's pairs: normal[2i], normal[2i + 1] from u[2i], u[2i + 1] in (0, 1), to some 2e-16 of their own. May
 * be done in place. */
void normal_from_uniform(double *normal, const double *u, size_t pairs);

#endif
