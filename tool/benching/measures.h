/* What `diffusion bench` measures, all through the library's public interface, each for
 * so many seconds. */
#ifndef BENCHING_MEASURES_H
#define BENCHING_MEASURES_H

#include "benching/timing.h"

#define BENCH_WIDE "mlp shape=2048 width=2048 depth=2 time_features=0"
#define BENCH_UNET "unet shape=28,28,1 channels=32,64,64 predict=v variance=learned_range"
#define BENCH_SMALL "mlp shape=2 width=64 depth=2"

enum { BENCH_ROWS = 512, BENCH_IMAGES = 32, BENCH_STEPS = 100, BENCH_SAMPLES = 1000 };

/* A forward pass of BENCH_WIDE on BENCH_ROWS rows, nearly all of it products of matrices; *gigaflops are how many
 * 10^9 multiplications and additions these are. */
timing bench_products(double *gigaflops, double seconds);

/* Of BENCH_UNET on BENCH_IMAGES images: a forward pass, and a step of training by Adam. */
timing bench_unet_forward(double seconds);
timing bench_unet_training(double seconds);

/* BENCH_STEPS steps of ancestral sampling by BENCH_SMALL, of so many samples. */
timing bench_sampling(size_t samples, double seconds);

#endif
