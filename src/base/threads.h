/* Parallel loops over tasks. What a task computes must not depend on the number of threads: cut work by shape alone. */
#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include <stddef.h>

/* One task. `slot` (below threads_count()) names the scratch memory that no other running task uses. */
typedef void threads_task_fn(void *context, size_t task, size_t slot);

/* How many threads parallel_for may use when called from this thread. */
size_t threads_count(void);

/* Runs tasks 0..tasks-1, each once, on threads_count() threads at most. `cost`: the nanoseconds that a task takes,
 * roughly; short ones are handed out several at a time, so that a small loop does not pay for threads. Each thread
 * begins with a run of neighbouring tasks, the same one in every loop with as many. */
void parallel_for(size_t tasks, size_t cost, threads_task_fn *run, void *context);

/* The same on so many threads, which may be fewer than threads_count(). */
void parallel_for_at_most(size_t threads, size_t tasks, size_t cost, threads_task_fn *run, void *context);

/* run(context, task, slot) with threads_count() 1, so that loops within it stay on this thread: for tasks that are
 * whole passes. */
void threads_alone(threads_task_fn *run, void *context, size_t task, size_t slot);

#endif
