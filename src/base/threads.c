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
#define FORKS __attribute__((no_sanitize("thread")))
#else
#define HAPPENS_BEFORE(address) (void)(address)
#define HAPPENS_AFTER(address) (void)(address)
#define FORKS
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

FORKS void parallel_for(size_t tasks, threads_task_fn *run, void *context)
{
    size_t threads = threads_count();
    if (threads > tasks)
        threads = tasks;
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
        size_t task;
        while ((task = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < tasks)
            run(context, task, slot);
        HAPPENS_BEFORE(&next);
    }
    HAPPENS_AFTER(&next);
}
