/* A handle whose own call is running: a callback of that call may read the handle, not run or change it, and if it
 * frees it, the handle goes when the call ends. */
#ifndef BASE_BUSY_H
#define BASE_BUSY_H

#include "base/error.h"

typedef struct busy {
    int calling, freed;
    kept_error error; /* of the last call that failed */
} busy;

/* 0, or the sentence: a call of the handle is running. */
diffusion_status busy_check(const busy *self, const char *function);

/* The same, and the handle's call begins; at its end `status` is what comes of it, and end tells whether to free the
 * handle now. */
diffusion_status busy_begin(busy *self, const char *function);
int busy_end(busy *self, diffusion_status status);

/* Whether the handle may be freed at once; else busy_end() tells. */
int busy_may_free(busy *self);

#endif
