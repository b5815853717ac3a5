/* What `diffusion compress` and `decompress` share. */
#ifndef CODING_CODING_H
#define CODING_CODING_H

#include <diffusion/coder.h>

/* Of files of coded data. */
#define CODING_ENDING ".diffcode"

/* A coder's spec of its keys; freed by free(). */
char *coding_spec(const char *keys);

double coding_figure(const diffusion_coder *coder, const char *quantity);

#endif
