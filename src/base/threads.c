#include "base/threads.h"

#include "base/error.h"

#include <diffusion/runtime.h>
#include <omp.h>

/* ThreadSanitizer does not see libgomp's barriers; these tell it of the fork and the join. What the fork itself hands
 * over is read before it can be told, so the function that forks is left out; the tasks that it runs are not. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define HAPPENS_BEFORE(address) __tsan_release(address)
#define HAPPENS_AFTER(address) __tsan_acquire(address)
#define NOT_INSTRUMENTED __attribute__((no_sanitize("thread"))) /* libgomp hands the variables over before the fork */
#else
#define HAPPENS_BEFORE(address) (void)(address)
#define HAPPENS_AFTER(address) (void)(address)
#define NOT_INSTRUMENTED
#endif

static _Thread_local int32_t wanted;

diffusion_status diffusion_set_threads(int32_t threads)
{
    if (threads < 0 || threads > 1024)
        return error_set(DIFFUSION_E_ARGUMENT, "set_threads: threads=%d, expected 0..1024", threads);
    wanted = threads;
    return DIFFUSION_OK;
}

int32_t diffusion_threads(void)
{
    if (wanted > 0)
        return wanted;
    int all = omp_get_max_threads();
    return all > 0 ? (int32_t)all : 1;
}

size_t threads_count(void)
{
    return (size_t)diffusion_threads();
}

/* What a thread must have to do before waking it is worth while, in nanoseconds. */
enum { GRAIN = 20000 };

NOT_INSTRUMENTED void parallel_for(size_t tasks, size_t cost, threads_task_fn *run, void *context)
{
    size_t grain = 1 + GRAIN / (cost + 1), grains = tasks / grain + (tasks % grain != 0);
    size_t threads = threads_count();
    if (threads > grains)
        threads = grains;
    if (threads == 0)
        return;
    size_t next = 0;
    HAPPENS_BEFORE(&next);
#pragma omp parallel num_threads((int)threads)
    {
        HAPPENS_AFTER(&next);
        /* Keeps OpenBLAS to this thread: a team of one does not count as parallel there. Ends with the region. */
        omp_set_num_threads(1);
        size_t slot = (size_t)omp_get_thread_num();
        size_t first;
        while ((first = __atomic_fetch_add(&next, grain, __ATOMIC_RELAXED)) < tasks)
            for (size_t task = first; task < tasks && task - first < grain; task++)
                run(context, task, slot);
        HAPPENS_BEFORE(&next);
    }
    HAPPENS_AFTER(&next);
}
