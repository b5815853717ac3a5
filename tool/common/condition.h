/* What samples are conditioned on, as far as commands offer it: their classes. */
#ifndef COMMON_CONDITION_H
#define COMMON_CONDITION_H

#include <diffusion/condition.h>

/* The conditions of n samples with these labels, [n]; NULL without labels. Freed by diffusion_condition_free(). */
diffusion_condition *condition_of(const int32_t *labels, size_t n);

/* Labels of n samples: those of the list over and over, or without a list 0..listed-1; NULL if there are none. Freed by
 * free(). */
int32_t *labels_in_turn(const int32_t *list, size_t listed, size_t n);

#endif
