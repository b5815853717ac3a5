/* What the command's libraries read from the environment before main(). */
#ifndef REEXEC_H
#define REEXEC_H

/* Starts the command again, once, with what the user has not set:
 *
 * OPENBLAS_CORETYPE: OpenBLAS falls back to AVX2 kernels, at half the speed, on AVX-512 processors newer than itself.
 */
void reexec_with_best_settings(char **argv);

#endif
