/* What decoding must have in common with encoding. */
#ifndef CODING_FINGERPRINT_H
#define CODING_FINGERPRINT_H

#include "coding/coder.h"

enum { FINGERPRINT_MACHINE = 64 };

typedef struct fingerprint {
    uint64_t model;                    /* hash of its spec and parameters, and of the schedule's spec */
    uint64_t probe;                    /* of the grids, and of what the model says of some values at three steps */
    char machine[FINGERPRINT_MACHINE]; /* the library's version and OpenBLAS's kernels */
} fingerprint;

/* The last of these alone. */
void fingerprint_machine(char machine[FINGERPRINT_MACHINE]);

diffusion_status fingerprint_take(fingerprint *out, const struct diffusion_coder *self);

/* 0, or DIFFUSION_E_CONTENT with the sentence: `file`, which `path` holds, is of another model or machine than `own`.
 */
diffusion_status fingerprint_check(const fingerprint *file, const fingerprint *own, const char *path);

#endif
