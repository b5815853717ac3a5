/* What the command's libraries read from the environment before main(). */
#ifndef REEXEC_H
#define REEXEC_H

/* Starts the command again, once, with OPENBLAS_CORETYPE, unless the user has set that: OpenBLAS falls back to AVX2
 * kernels, at half the speed, on AVX-512 processors newer than itself. Where the process cannot be started again as it
 * was (another program runs the command, as a loader or valgrind does, or /proc is missing) it goes on as it is. */
void reexec_with_best_kernels(char **argv);

/* Whether the processor could do more than the kernels in use do. */
int reexec_would_help(void);

#endif
