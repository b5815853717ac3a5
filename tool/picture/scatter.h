/* Points of the plane. */
#ifndef PICTURE_SCATTER_H
#define PICTURE_SCATTER_H

#include "picture/plot.h"

/* Values [count, 2], in a frame already begun. */
void scatter_draw(const plot *p, const float *values, size_t count, colour c);

/* A picture of them alone, with axes of equal scale. */
void scatter_save(const float *values, size_t count, const char *path);

#endif
