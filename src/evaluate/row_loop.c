#include "evaluate/row_loop.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"
#include "math/blas.h"

typedef struct wave {
    const row_loop *loop;
    size_t first; /* tile */
    float *scratch;
} wave;

static void run_tile(void *context, size_t task, size_t slot)
{
    const wave *of = context;
    const row_loop *loop = of->loop;
    const size_t first = (of->first + task) * loop->tile;
    loop->run(loop->context, first, size_lesser(loop->tile, loop->rows - first), of->scratch + slot * loop->scratch);
}

/* Tiles between two words on progress: a second's work at most, but some for each thread. */
static size_t tiles_at_a_time(size_t cost)
{
    const size_t threads = threads_count(), second = 1000000000;
    return threads * (cost < second / 4 ? second / cost : 4);
}

/* For as many threads as there are now: between two waves a callback may have set another number. */
static diffusion_status run_wave(wave *of, size_t tiles)
{
    size_t values;
    if (!size_multiply(&values, threads_count(), of->loop->scratch))
        return error_set(DIFFUSION_E_MEMORY, "evaluator: tiles of %zu values cannot be addressed", of->loop->scratch);
    diffusion_status status = blas_ready();
    if (status == DIFFUSION_OK && (of->scratch = memory_allocate(values, sizeof *of->scratch)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        blas_parallel_for(tiles, of->loop->cost, run_tile, of);
    memory_release(of->scratch);
    of->scratch = NULL;
    return status;
}

diffusion_status row_loop_run(row_loop *loop)
{
    const size_t tiles = size_divide_up(loop->rows, loop->tile);
    wave of = {.loop = loop};
    diffusion_status status = DIFFUSION_OK;
    while (of.first < tiles && status == DIFFUSION_OK) {
        const size_t some = size_lesser(tiles_at_a_time(loop->cost), tiles - of.first);
        status = run_wave(&of, some);
        of.first += some;
        if (status == DIFFUSION_OK)
            status = evaluator_progress(
                loop->self, loop->done + (int64_t)size_lesser(of.first * loop->tile, loop->rows), loop->total);
    }
    loop->done += (int64_t)loop->rows;
    return status;
}
