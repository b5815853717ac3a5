/** The few things that belong to the process or thread: memory, log, thread count, and the help texts of specs. */
#ifndef DIFFUSION_RUNTIME_H
#define DIFFUSION_RUNTIME_H

#include <diffusion/status.h>

DIFFUSION_BEGIN

/** Returns `size` bytes (never 0) aligned for any type, or NULL. Must be safe to call from several threads, and may not
 * call the library. */
typedef void *diffusion_allocate_fn(size_t size, void *user);

/** Releases what the matching diffusion_allocate_fn returned (never NULL). Likewise. */
typedef void diffusion_release_fn(void *memory, void *user);

/**
 * Receives one line, without a newline, about something that the program's author would want to know.
 *
 * @param level  "warning" or "info".
 */
typedef void diffusion_log_fn(const char *level, const char *message, void *user);

/**
 * Reports that `done` of `total` units of a long call are finished. Called from the thread that made the call.
 *
 * @return 0 to go on; anything else stops the call, which then returns that value.
 */
typedef int32_t diffusion_progress_fn(int64_t done, int64_t total, void *user);

/**
 * Draws noise in place of the library's seeded generator, for instance to replay another system's draws. Called from
 * the thread that made the call, for sample after sample in rising order.
 *
 * @param values  To fill, [count]: standard normal draws (Gaussian kernel) or uniform ones in [0, 1) (binomial).
 * @param count   The model's dimension, times the sampler's particles.
 * @param sample  Index of the sample, from 0 within the call.
 * @param step    The step t of the draw; the calling function says which.
 * @return 0 to go on; anything else stops the call, which then returns that value. A draw that is not finite stops it
 * by DIFFUSION_E_NONFINITE, one outside 0..1 of the binomial kernel by DIFFUSION_E_ARGUMENT.
 */
typedef int32_t diffusion_noise_fn(double *values, size_t count, int64_t sample, int32_t step, void *user);

/**
 * Sets where the library's memory comes from, for the whole process. Call it before anything else, while no
 * handle exists: memory goes back through the pair that is in force when it is released. Memory that OpenBLAS and
 * threads take is their own.
 *
 * @param allocate  NULL restores malloc and free.
 * @param release   NULL if `allocate` is NULL, and then alone.
 * @return 0, or DIFFUSION_E_ARGUMENT (only one of the two is NULL).
 * Not thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_set_allocator(diffusion_allocate_fn *allocate, diffusion_release_fn *release,
                                                       void *user);

/**
 * Sets how many parameters diffusion_model_create() may be asked for, for the whole process: a spec of 100 bytes from a
 * stranger must not take the machine's memory. A model that is loaded needs no limit: nothing is allocated for its
 * parameters before the file is known to hold them all.
 *
 * @param count  At least 1; 2^30 (4 GiB) unless it is set.
 * @return 0, or DIFFUSION_E_ARGUMENT.
 * Not thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_set_parameter_limit(size_t count);

/**
 * Sets the function that receives warnings, for the whole process. The library prints nothing by itself; without this
 * call it is silent. Warns at once if OpenBLAS runs AVX2 kernels on a processor with AVX-512, which can halve the
 * speed.
 *
 * @param log  NULL for silence.
 * Not thread-safe; `log` may be called from any thread that calls the library. Since 0.1.
 */
DIFFUSION_API void diffusion_set_log(diffusion_log_fn *log, void *user);

/**
 * Sets how many threads the calls made from this thread may use. Results do not depend on it.
 *
 * The threads are the library's, one pool for the process: made when first needed, asleep between calls, all signals
 * blocked. Where fewer can be made, fewer work; a call that finds the pool in use by another thread's works alone, so
 * that a host with as many busy threads of its own as processors keeps each on its own.
 * A process may fork() at any time: the child has a pool of its own, and may use every handle that no other thread was
 * using at that moment. The library stays loaded after dlclose().
 *
 * A stack of 128 KiB is enough for a call, OpenBLAS's thread-local storage included; callbacks come on top. OpenBLAS
 * needs 128 MiB of address space (not of memory) for each thread that multiplies: with less fewer work, and with less
 * than for one the call is DIFFUSION_E_MEMORY.
 *
 * @param threads  1..1024; 0 (the default) for OMP_NUM_THREADS as it was at first use, or else all processors that
 *                 the process may use.
 * @return 0, or DIFFUSION_E_ARGUMENT.
 * Thread-safe: each thread has its own count. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_set_threads(int32_t threads);

/**
 * The number of threads that a call made from this thread would use now.
 *
 * @return at least 1. Thread-safe. Since 0.1.
 */
DIFFUSION_API int32_t diffusion_threads(void);

/**
 * Describes the specs: every kind and key with its values, default and meaning, as text to print.
 *
 * @param topic  "schedule", "model", "trainer", "sampler", "evaluator" or "coder".
 * @param text   Result, [capacity]: the text, cut to so many bytes and always terminated; may be NULL if capacity is 0.
 * @param needed Receives the size of the whole text in bytes, the terminator included; may be NULL.
 * @return 0, or DIFFUSION_E_NAME (unknown topic).
 * Thread-safe. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_help(const char *topic, char *text, size_t capacity, size_t *needed);

DIFFUSION_END

#endif
