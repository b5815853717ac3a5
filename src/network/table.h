/* The kinds of network that a spec can name. */
#ifndef NETWORK_TABLE_H
#define NETWORK_TABLE_H

#include "network/network.h"

/* NULL past the last. */
const network_kind *network_kind_at(size_t index);

#endif
