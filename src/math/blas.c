#define _GNU_SOURCE /* cpu_set_t, which OpenBLAS's header names on Linux */

#include "math/blas.h"

#include "base/error.h"
#include "base/size.h"
#include "base/system.h"
#include "math/blas_memory.h"

#include <cblas.h>
#include <pthread.h>
#include <string.h>

/* The header of a reference CBLAS does not declare these; OpenBLAS has them all. */
extern char *openblas_get_corename(void);
extern int openblas_get_parallel(void);
extern int openblas_get_num_threads(void);
extern void openblas_set_num_threads(int threads);

void blas_sgemm(int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
                size_t ld_a, const float *b, size_t ld_b, float beta, float *c, size_t ld_c)
{
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)m,
                (int)n, (int)k, alpha, a, (int)ld_a, b, (int)ld_b, beta, c, (int)ld_c);
}

/* ---- one thread for each product ---- */

/* The OpenMP build multiplies on one thread where the thread's own count is 1. Its runtime came with it, or not at all.
 */
static struct {
    void (*set_threads)(int threads);
    int (*threads)(void);
} openmp;

static void find_openmp(void)
{
    void *set = system_symbol("omp_set_num_threads"), *get = system_symbol("omp_get_max_threads");
    if (openblas_get_parallel() != 2 || set == NULL || get == NULL)
        return;
    memcpy(&openmp.set_threads, &set, sizeof set);
    memcpy(&openmp.threads, &get, sizeof get);
}

/* Whether products made on this thread stay on it. */
static _Thread_local int alone;

static void stay_alone(void)
{
    if (openmp.set_threads != NULL && !alone)
        openmp.set_threads(1);
    alone = 1;
}

/* The other builds have one count for the whole process: the first of our loops to enter sets it to 1, the last to
 * leave restores it. */
static struct {
    pthread_mutex_t lock;
    int loops;
    int threads_before;
} single = {PTHREAD_MUTEX_INITIALIZER, 0, 0};

static void enter_single_threaded(void)
{
    pthread_mutex_lock(&single.lock);
    if (single.loops++ == 0) {
        single.threads_before = openblas_get_num_threads();
        openblas_set_num_threads(1);
    }
    pthread_mutex_unlock(&single.lock);
}

static void leave_single_threaded(void)
{
    pthread_mutex_lock(&single.lock);
    if (--single.loops == 0)
        openblas_set_num_threads(single.threads_before);
    pthread_mutex_unlock(&single.lock);
}

/* ---- loops ---- */

enum { OPERATIONS_PER_NANOSECOND = 64 };

typedef struct product_loop {
    threads_task_fn *run;
    void *context;
} product_loop;

static void run_product(void *context, size_t task, size_t slot)
{
    const product_loop *self = context;
    stay_alone();
    self->run(self->context, task, slot);
}

static void run_loop(size_t tasks, size_t operations, product_loop *loop)
{
    const size_t threads = blas_memory_take(size_lesser(threads_count(), tasks));
    if (openmp.set_threads == NULL)
        enter_single_threaded();
    parallel_for_at_most(threads, tasks, operations / OPERATIONS_PER_NANOSECOND, run_product, loop);
    if (openmp.set_threads == NULL)
        leave_single_threaded();
    blas_memory_give(threads);
}

void blas_parallel_for(size_t tasks, size_t operations, threads_task_fn *run, void *context)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    product_loop loop = {run, context};
    if (tasks == 0)
        return;
    if (alone) { /* within a task of another such loop */
        parallel_for(tasks, 0, run, context);
        return;
    }
    pthread_once(&once, find_openmp);
    const int before = openmp.threads != NULL ? openmp.threads() : 0;
    run_loop(tasks, operations, &loop);
    if (openmp.set_threads != NULL)
        openmp.set_threads(before);
    alone = 0;
}

diffusion_status blas_ready(void)
{
    if (!blas_memory_claim(threads_count()))
        return error_set(DIFFUSION_E_MEMORY,
                         "memory: OpenBLAS needs 128 MiB of address space to multiply, which cannot be had");
    return DIFFUSION_OK;
}

const char *blas_core(void)
{
    return openblas_get_corename();
}

const char *blas_threading(void)
{
    static const char *const names[] = {"serial", "pthreads", "openmp"};
    int parallel = openblas_get_parallel();
    return parallel >= 0 && parallel <= 2 ? names[parallel] : "unknown";
}
