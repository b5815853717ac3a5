#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "math/blas_memory.h"

#include "base/size.h"
#include "base/system.h"

#include <pthread.h>
#if defined(__ELF__)
#include <sys/mman.h>
#endif

extern int openblas_get_parallel(void);

enum { MOST = 128 /* buffers: OpenBLAS has room for more, and ends the program where that is used up */ };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t given;
    size_t claimed;
    size_t taken;
    int forks; /* that wait for taken to be 0 */
} memory = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0};

/* ---- forks ---- */

static _Thread_local int multiplies; /* this thread, within a loop */

/* A child that was forked while another thread multiplies would find OpenBLAS's locks locked for ever: loops end first,
 * and none begins. Within one's own loop, as in a signal's handler, there is nothing to wait for. */
static void before_fork(void)
{
    if (multiplies)
        return;
    pthread_mutex_lock(&memory.lock);
    memory.forks++;
    while (memory.taken > 0)
        pthread_cond_wait(&memory.given, &memory.lock);
}

static void after_fork(void)
{
    if (multiplies)
        return;
    memory.forks--;
    pthread_cond_broadcast(&memory.given);
    pthread_mutex_unlock(&memory.lock);
}

static void forget(void)
{
    memory.taken = 0;
    memory.forks = 0;
    pthread_mutex_init(&memory.lock, NULL);
    pthread_cond_init(&memory.given, NULL);
}

static void guard_forks(void)
{
    (void)system_guard_forks(before_fork, after_fork, forget);
}

/* ---- buffers ---- */

/* A serial build does not lock its list of buffers: products of two threads would get the same one. */
static size_t most(void)
{
    return openblas_get_parallel() == 0 ? 1 : MOST;
}

#if defined(__ELF__)

/* OpenBLAS's own; a buffer that is given back stays mapped, for the next thread that multiplies. */
extern void *blas_memory_alloc(int unused);
extern void blas_memory_free(void *buffer);

#define BUFFER ((size_t)132 << 20) /* bytes: 128 MiB on x86-64 and aarch64, and the pages around */

static int can_be_had(size_t bytes, int protection)
{
    void *place = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return place != MAP_FAILED && munmap(place, bytes) == 0;
}

/* Beyond the first, buffers take no more than half of the address space that is left. */
static int may_claim(size_t another)
{
    return can_be_had(BUFFER, PROT_READ | PROT_WRITE) &&
           (another == 0 || can_be_had((another + 1) * BUFFER, PROT_NONE));
}

/* All at once, else OpenBLAS gives the same one again. */
static void claim(size_t count)
{
    void *buffers[MOST];
    size_t had = 0;
    count = size_lesser(count, most());
    if (count <= memory.claimed)
        return;
    while (had < count && (had < memory.claimed || may_claim(had)))
        buffers[had++] = blas_memory_alloc(0);
    memory.claimed = had > memory.claimed ? had : memory.claimed;
    while (had > 0)
        blas_memory_free(buffers[--had]);
}

#else

/* The libraries of macOS and Windows keep those functions to themselves: OpenBLAS takes a buffer when it multiplies. */
static void claim(size_t count)
{
    count = size_lesser(count, most());
    memory.claimed = count > memory.claimed ? count : memory.claimed;
}

#endif

int blas_memory_claim(size_t threads)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, guard_forks);
    pthread_mutex_lock(&memory.lock);
    claim(memory.taken + threads);
    int any = memory.claimed > 0;
    pthread_mutex_unlock(&memory.lock);
    return any;
}

size_t blas_memory_take(size_t threads)
{
    (void)blas_memory_claim(threads);
    pthread_mutex_lock(&memory.lock);
    while (memory.forks > 0 || (memory.taken > 0 && memory.taken >= memory.claimed))
        pthread_cond_wait(&memory.given, &memory.lock);
    size_t left = memory.claimed > memory.taken ? memory.claimed - memory.taken : 1;
    threads = size_lesser(threads, left);
    memory.taken += threads;
    pthread_mutex_unlock(&memory.lock);
    multiplies = 1;
    return threads;
}

void blas_memory_give(size_t threads)
{
    multiplies = 0;
    pthread_mutex_lock(&memory.lock);
    memory.taken -= threads;
    pthread_cond_broadcast(&memory.given);
    pthread_mutex_unlock(&memory.lock);
}
