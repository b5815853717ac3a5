#include "math/blas.h"

#include <cblas.h>
#include <pthread.h>

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

/* The pthreads build has one thread count for the whole process: the first of our loops to enter sets it to 1, the last
 * to leave restores it. */
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

enum { OPERATIONS_PER_NANOSECOND = 64 };

void blas_parallel_for(size_t tasks, size_t operations, threads_task_fn *run, void *context)
{
    const int pthreads = openblas_get_parallel() == 1;
    if (pthreads)
        enter_single_threaded();
    parallel_for(tasks, operations / OPERATIONS_PER_NANOSECOND, run, context);
    if (pthreads)
        leave_single_threaded();
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
