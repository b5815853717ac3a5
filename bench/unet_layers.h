/* What bench/unet_layers.c and bench/unet_kernels.c share: rows of time by kind of operation and layer. */
#ifndef BENCH_UNET_LAYERS_H
#define BENCH_UNET_LAYERS_H

#include <stddef.h>

enum { ROWS = 512, TEXT = 64 };

typedef struct row {
    char kind[TEXT], layer[TEXT];
    size_t calls;
    double seconds, products /* seconds of all threads in sgemm */, operations;
} row;

/* Adds `of` to the present pass's row of this kind and layer. unet_layers.c */
void count_row(const char *kind, const char *layer, const row *of);

/* Seconds of all threads in sgemm since the program began. unet_kernels.c */
double products_seconds(void);

#endif
