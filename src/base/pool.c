#include "base/pool.h"

#include "base/clock.h"
#include "base/system.h"

#include <fenv.h>
#include <pthread.h>
#include <stdint.h>

enum {
    MOST = 1024,               /* members, of which one is the caller */
    LINE = 64,                 /* bytes that go from core to core together */
    STACK = 1024 * 1024,       /* of a worker: OpenBLAS's thread-local storage and our tasks take a tenth */
    LOOKS = 50,                /* at a word that waits for another core, from one look at the clock to the next */
    SPIN = 100 * 1000,         /* nanoseconds that a thread waits awake, as loops come close upon one another */
    RETRY = 1000 * 1000 * 1000 /* nanoseconds from one vain attempt to make a thread to the next */
};

/* What becomes of an offer of work. The caller takes back what nobody has taken when there is nothing left to do, so
 * that it never waits for a thread that has no core. */
enum { NONE, OFFERED, TAKEN };

typedef struct worker {
    _Alignas(LINE) int offer;
    int asleep; /* under the lock, but for looks */
    pthread_cond_t wake;
} worker;

static struct {
    int busy; /* by a caller; what follows is its own, but for offers and sleep */
    int guarded;
    size_t count; /* of workers */
    int64_t retry;
    size_t processors;
    int spin;
    fenv_t mode; /* the caller's rounding and flushing, without which results would depend on who computes them */
    pool_work_fn *work;
    void *context;
    int waiting; /* the caller, asleep */
    pthread_mutex_t lock;
    pthread_cond_t done;
    worker workers[MOST - 1];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static _Thread_local int inside; /* a member's work: calls from it run inline */

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits awake for a while that an offer is no longer `value`. */
static int changes_soon(const int *offer, int value)
{
    const int64_t end = __atomic_load_n(&pool.spin, __ATOMIC_RELAXED) + clock_nanoseconds();
    do {
        for (int i = 0; i < LOOKS; i++) {
            if (__atomic_load_n(offer, __ATOMIC_ACQUIRE) != value)
                return 1;
            relax();
        }
    } while (clock_nanoseconds() < end);
    return 0;
}

/* ---- a worker ---- */

static void wait_for_offer(worker *self)
{
    if (changes_soon(&self->offer, NONE))
        return;
    pthread_mutex_lock(&pool.lock);
    __atomic_store_n(&self->asleep, 1,
                     __ATOMIC_SEQ_CST); /* before the look at the offer; who offers does the reverse */
    while (__atomic_load_n(&self->offer, __ATOMIC_SEQ_CST) == NONE)
        pthread_cond_wait(&self->wake, &pool.lock);
    __atomic_store_n(&self->asleep, 0, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&pool.lock);
}

static int move_offer(worker *self, int from, int to)
{
    return __atomic_compare_exchange_n(&self->offer, &from, to, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void give_back(worker *self)
{
    __atomic_store_n(&self->offer, NONE, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&pool.waiting, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&pool.lock);
        pthread_cond_signal(&pool.done);
        pthread_mutex_unlock(&pool.lock);
    }
}

static void *work_for_ever(void *argument)
{
    worker *self = argument;
    inside = 1;
    for (;;) {
        wait_for_offer(self);
        if (!move_offer(self, OFFERED, TAKEN))
            continue;
        fesetenv(&pool.mode);
        pool.work(pool.context, 1 + (size_t)(self - pool.workers));
        give_back(self);
    }
    return NULL;
}

/* ---- making them ---- */

/* In a forked child: no thread of ours came along, whatever they and their caller were doing. */
static void forget(void)
{
    pool.busy = pool.waiting = 0;
    pool.count = 0;
    pool.retry = 0;
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.done, NULL);
}

static int make_worker(void)
{
    worker *self = &pool.workers[pool.count];
    self->offer = NONE;
    self->asleep = 0;
    return pthread_cond_init(&self->wake, NULL) == 0 && system_start_thread(work_for_ever, self, STACK);
}

/* Without the guard a child would wait for threads that it does not have. */
static int guard_forks(void)
{
    if (!pool.guarded)
        pool.guarded = system_guard_forks(NULL, NULL, forget);
    return pool.guarded;
}

static size_t workers_for(size_t members)
{
    const size_t wanted = (members < MOST ? members : MOST) - 1;
    if (pool.count < wanted && clock_nanoseconds() >= pool.retry) {
        if (pool.processors == 0)
            pool.processors = system_processors();
        while (pool.count < wanted && guard_forks() && make_worker())
            pool.count++;
        if (pool.count < wanted)
            pool.retry = clock_nanoseconds() + RETRY;
    }
    return pool.count < wanted ? pool.count : wanted;
}

/* ---- the caller ---- */

static void offer_work(worker *to)
{
    __atomic_store_n(&to->offer, OFFERED, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&to->asleep, __ATOMIC_SEQ_CST)) {
        pthread_mutex_lock(&pool.lock);
        pthread_cond_signal(&to->wake);
        pthread_mutex_unlock(&pool.lock);
    }
}

static void wait_until_given_back(const worker *from)
{
    if (changes_soon(&from->offer, TAKEN))
        return;
    pthread_mutex_lock(&pool.lock);
    __atomic_store_n(&pool.waiting, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&from->offer, __ATOMIC_SEQ_CST) == TAKEN)
        pthread_cond_wait(&pool.done, &pool.lock);
    __atomic_store_n(&pool.waiting, 0, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&pool.lock);
}

static void run_together(size_t workers, pool_work_fn *work, void *context)
{
    pool.work = work;
    pool.context = context;
    fegetenv(&pool.mode);
    /* With more threads than processors, who waits awake keeps another from working. */
    __atomic_store_n(&pool.spin, workers < pool.processors ? SPIN : 0, __ATOMIC_RELAXED);
    for (size_t i = 0; i < workers; i++)
        offer_work(&pool.workers[i]);
    work(context, 0);
    for (size_t i = 0; i < workers; i++)
        if (!move_offer(&pool.workers[i], OFFERED, NONE))
            wait_until_given_back(&pool.workers[i]);
}

void pool_run(size_t members, pool_work_fn *work, void *context)
{
    if (inside || members < 2 || __atomic_exchange_n(&pool.busy, 1, __ATOMIC_ACQUIRE)) {
        work(context, 0);
        return;
    }
    inside = 1;
    run_together(workers_for(members), work, context);
    inside = 0;
    __atomic_store_n(&pool.busy, 0, __ATOMIC_RELEASE);
}
