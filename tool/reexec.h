/* The right OpenBLAS kernels for this processor. */
#ifndef REEXEC_H
#define REEXEC_H

/* OpenBLAS falls back to AVX2 kernels, at half the speed, on AVX-512 processors that are newer than itself. The way out
 * is an environment variable that it reads before main(): so the command starts itself again with it, once, unless the
 * user has set the variable. */
void reexec_with_best_blas(char **argv);

#endif
