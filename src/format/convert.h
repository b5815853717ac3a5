/* Little-endian bytes of a file to and from the host's numbers, by shifts: no byte order is assumed. */
#ifndef FORMAT_CONVERT_H
#define FORMAT_CONVERT_H

#include "format/safetensors.h"

uint64_t convert_load(const unsigned char *bytes, size_t size); /* size 1..8 */
void convert_store(unsigned char *bytes, size_t size, uint64_t value);

/* Whether the type is one of those below. */
int convert_is_real(safetensors_type type);

/* F16, BF16, F32 or F64 to double, each exactly. */
void convert_to_double(double *out, const unsigned char *bytes, size_t count, safetensors_type type);

/* F32 bytes that were read into `values` itself become numbers. */
void convert_in_place(float *values, size_t count);

void convert_from_float(unsigned char *bytes, const float *values, size_t count);
void convert_from_double(unsigned char *bytes, const double *values, size_t count);

#endif
