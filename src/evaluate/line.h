/* Many numbers in their order. */
#ifndef EVALUATE_LINE_H
#define EVALUATE_LINE_H

#include <stddef.h>
#include <stdint.h>

/* A value and a mark in one number: greater where the value is. */
uint64_t line_item(float value, uint32_t mark);
float line_value(uint64_t item);
uint32_t line_mark(uint64_t item);

/* By their values, rising; equal ones stay in their order. `spare` has room for as many. */
void line_sort(uint64_t *items, uint64_t *spare, size_t count);

/* The squared Wasserstein distance of order 2 between two sets in rising order: the mean square difference of their
 * quantiles. Counts below 2^32. */
double line_squared_distance(const float *a, size_t na, const float *b, size_t nb);

#endif
