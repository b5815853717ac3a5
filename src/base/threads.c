#include "base/threads.h"

#include "base/error.h"
#include "base/pool.h"
#include "base/system.h"

#include <diffusion/runtime.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    MOST_THREADS = 1024,
    GRAIN = 20000, /* nanoseconds that a thread must have to do before waking it is worth while */
    SHARES = 64,   /* at most; more threads begin in the same ones */
    LINE = 64      /* bytes that go from core to core together */
};

/* ---- how many ---- */

static _Thread_local int32_t wanted;
static int32_t standard;

/* The first number of OMP_NUM_THREADS, which may list one for each level of nesting; 0: it names none. */
static int32_t environment_threads(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    char *end;
    long threads = text != NULL ? strtol(text, &end, 10) : 0;
    if (threads <= 0)
        return 0;
    return threads < MOST_THREADS ? (int32_t)threads : MOST_THREADS;
}

static void find_standard(void)
{
    const size_t processors = system_processors();
    standard = environment_threads();
    if (standard == 0)
        standard = processors < MOST_THREADS ? (int32_t)processors : MOST_THREADS;
}

diffusion_status diffusion_set_threads(int32_t threads)
{
    if (threads < 0 || threads > MOST_THREADS)
        return error_set(DIFFUSION_E_ARGUMENT, "set_threads: threads=%d, expected 0..1024", threads);
    wanted = threads;
    return DIFFUSION_OK;
}

int32_t diffusion_threads(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (wanted > 0)
        return wanted;
    pthread_once(&once, find_standard);
    return standard;
}

size_t threads_count(void)
{
    return (size_t)diffusion_threads();
}

void threads_alone(threads_task_fn *run, void *context, size_t task, size_t slot)
{
    const int32_t before = wanted;
    wanted = 1;
    run(context, task, slot);
    wanted = before;
}

/* ---- loops ---- */

/* A run of tasks that one thread begins with; who has finished his own helps the others. Loops over a batch go through
 * its images in order, so a thread reads in the next loop what it wrote in this one, from its own cache: at two to four
 * times the speed of fetching it from another core's. */
typedef struct share {
    _Alignas(LINE) size_t next;
    size_t end;
} share;

typedef struct loop {
    share shares[SHARES];
    size_t count; /* of shares */
    size_t grain;
    threads_task_fn *run;
    void *context;
} loop;

static void run_share(const loop *self, share *tasks, size_t slot)
{
    size_t first;
    while ((first = __atomic_fetch_add(&tasks->next, self->grain, __ATOMIC_RELAXED)) < tasks->end)
        for (size_t task = first; task < tasks->end && task - first < self->grain; task++)
            self->run(self->context, task, slot);
}

static void run_shares(void *context, size_t slot)
{
    loop *self = context;
    for (size_t i = 0; i < self->count; i++)
        run_share(self, &self->shares[(slot + i) % self->count], slot);
}

void parallel_for(size_t tasks, size_t cost, threads_task_fn *run, void *context)
{
    parallel_for_at_most(threads_count(), tasks, cost, run, context);
}

void parallel_for_at_most(size_t threads, size_t tasks, size_t cost, threads_task_fn *run, void *context)
{
    const size_t grain = 1 + GRAIN / (cost + 1), grains = tasks / grain + (tasks % grain != 0);
    if (threads > grains)
        threads = grains;
    if (threads < 2) {
        for (size_t task = 0; task < tasks; task++)
            run(context, task, 0);
        return;
    }
    loop self; /* its shares would be zeroed at some cost */
    self.count = threads < SHARES ? threads : SHARES;
    self.grain = grain;
    self.run = run;
    self.context = context;
    for (size_t i = 0; i < self.count; i++)
        self.shares[i] = (share){i * tasks / self.count, (i + 1) * tasks / self.count};
    pool_run(threads, run_shares, &self);
}
