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

enum {
    GRAIN = 20000, /* nanoseconds that a thread must have to do before waking it is worth while */
    SHARES = 64,   /* at most; more threads begin in the same ones */
    LINE = 64      /* bytes that go from core to core together */
};

/* A run of tasks that one thread begins with; who has finished his own helps the others. Loops over a batch go through
 * its images in order, so a thread reads in the next loop what it wrote in this one, from its own cache: at two to four
 * times the speed of fetching it from another core's. */
typedef struct share {
    _Alignas(LINE) size_t next;
    size_t end;
} share;

static void run_share(share *tasks, size_t grain, size_t slot, threads_task_fn *run, void *context)
{
    size_t first;
    while ((first = __atomic_fetch_add(&tasks->next, grain, __ATOMIC_RELAXED)) < tasks->end)
        for (size_t task = first; task < tasks->end && task - first < grain; task++)
            run(context, task, slot);
}

NOT_INSTRUMENTED void parallel_for(size_t tasks, size_t cost, threads_task_fn *run, void *context)
{
    size_t grain = 1 + GRAIN / (cost + 1), grains = tasks / grain + (tasks % grain != 0);
    size_t threads = threads_count();
    if (threads > grains)
        threads = grains;
    if (threads == 0)
        return;
    share shares[SHARES];
    size_t count = threads < SHARES ? threads : SHARES;
    for (size_t i = 0; i < count; i++)
        shares[i] = (share){i * tasks / count, (i + 1) * tasks / count};
    HAPPENS_BEFORE(shares);
#pragma omp parallel num_threads((int)threads)
    {
        HAPPENS_AFTER(shares);
        /* Keeps OpenBLAS to this thread: a team of one does not count as parallel there. Ends with the region. */
        omp_set_num_threads(1);
        size_t slot = (size_t)omp_get_thread_num();
        for (size_t i = 0; i < count; i++)
            run_share(&shares[(slot + i) % count], grain, slot, run, context);
        HAPPENS_BEFORE(shares);
    }
    HAPPENS_AFTER(shares);
}
