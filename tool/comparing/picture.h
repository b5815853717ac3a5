/* Samples and data, for the eye. */
#ifndef COMPARING_PICTURE_H
#define COMPARING_PICTURE_H

#include "comparing/sets.h"

/* Ends the command if the samples make none. */
void picture_check(const sets *of);

/* Images: the first samples, each at its place beside the nearest of the data. Tables: the first two columns of both.
 */
void picture_save(const sets *of, const int64_t *nearest, const char *path);

#endif
