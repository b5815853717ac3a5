/* What a fuzz target and libFuzzer, or our driver in its place, are to one another. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* One input. A broken promise of the code under test ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Changes data[0..size) in place, up to max_size bytes; returns the new size. Knows the shape of the input; a target
 * may go without. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) __attribute__((weak));

/* The blind mutation that a custom one builds on; libFuzzer's, or the driver's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

#define FUZZ_CHECK(promise)                                                                                            \
    do {                                                                                                               \
        if (!(promise)) {                                                                                              \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #promise);                                      \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
