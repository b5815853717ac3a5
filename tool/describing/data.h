/* What `diffusion info` tells of data. */
#ifndef DESCRIBING_DATA_H
#define DESCRIBING_DATA_H

#include "common/results.h"

/* how: the keys of --data, NULL for none. */
void describe_data(results *to, const char *path, const char *how);

#endif
