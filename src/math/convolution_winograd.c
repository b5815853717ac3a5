/* Forward: V = B^T d B for tiles, M_f = V_f U_f for each frequency f, Y = A^T M A.
 *
 * Where V and M of enough tiles fit into a second-level cache, a task takes its tiles through all three. Otherwise the
 * steps are taken one after another for many images, so that a frequency's weights are read once for all their tiles.
 */
#include "math/convolution_winograd.h"

#include "base/size.h"
#include "math/blas.h"
#include "math/convolution_patches.h"
#include "math/lanes.h"

enum { ROWS = 512 /* of a product */ };

/* ---- the three steps, for some tiles of an array of V and M that begins with tile `origin` ---- */

typedef struct steps {
    const convolution_run *run;
    winograd_layout layout;
    size_t origin, tiles; /* of the whole group */
    size_t together;      /* tiles of a task */
    size_t stretch;       /* tiles that share products */
    float *v, *m;
    float *turned, *columns; /* the weights, and what is made of them in the tasks, where they are not prepared */
} steps;

static void to_frequencies(const steps *job, size_t first, size_t last)
{
    const convolution_run *run = job->run;
    const float *at[WINOGRAD_WINDOW * WINOGRAD_WINDOW];
    for (size_t tile = first; tile < last; tile++) {
        winograd_window(run->plan, &job->layout, at, run->x, run->stride_x, tile, winograd_zeros);
        winograd_input(job->v + (tile - job->origin) * run->plan->shape.in, job->layout.step_v, at,
                       run->plan->shape.in);
    }
}

static void multiply_block(const steps *job, size_t f, size_t first, size_t rows, size_t o, const float *u)
{
    const size_t in = job->run->plan->shape.in, out = job->run->plan->shape.out;
    const size_t block = convolution_block(job->run->plan, o);
    multiply(0, rows, block, in, 1.0f, job->v + f * job->layout.step_v + (first - job->origin) * in, in, u, block, 0.0f,
             job->m + f * job->layout.step_m + (first - job->origin) * out + o, out);
}

static void multiply_frequency(const steps *job, size_t f, size_t first, size_t rows)
{
    const float *u = job->run->weight + f * job->layout.step_u;
    for (size_t o = 0; o < job->run->plan->shape.out; o += MULTIPLY_COLUMNS)
        multiply_block(job, f, first, rows, o, u + o * job->run->plan->shape.in);
}

static void to_pixels(const steps *job, size_t first, size_t last)
{
    const convolution_run *run = job->run;
    const convolution_epilogue *end = &run->epilogue;
    const size_t out = run->plan->shape.out;
    const float *y[WINOGRAD_TILE * WINOGRAD_TILE];
    for (size_t tile = first; tile < last; tile++) {
        winograd_sum sum = {.bias = end->bias};
        if (end->image != NULL)
            sum.image = end->image + tile / job->layout.tiles * end->stride_image;
        if (end->residual != NULL)
            winograd_tile(run->plan, &job->layout, sum.residual, end->residual, end->stride_residual, tile, NULL);
        winograd_tile(run->plan, &job->layout, y, run->y, run->stride_y, tile, NULL);
        winograd_output((float *const *)y, job->m + (tile - job->origin) * out, job->layout.step_m, &sum, out);
    }
}

/* ---- all three in a task ---- */

/* Tiles of a task, of a stretch of them: a few tasks at least. */
static size_t fused_together(const convolution *plan, size_t stretch)
{
    return size_lesser(size_greater(size_divide_up(stretch, 4), 8), winograd_fused_tiles(plan));
}

static void fused_task(void *context, size_t task, size_t slot)
{
    steps job = *(const steps *)context;
    const convolution *plan = job.run->plan;
    const size_t tasks = size_divide_up(job.stretch, job.together), place = task % tasks * job.together;
    const size_t rows = size_lesser(job.together, job.stretch - place);
    job.origin = task / tasks * job.stretch + place;
    winograd_layout_fuse(&job.layout, plan, rows);
    job.v = job.run->scratch + slot * winograd_fused_size(plan);
    job.m = job.v + WINOGRAD_FREQUENCIES * job.layout.step_v;
    to_frequencies(&job, job.origin, job.origin + rows);
    for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++)
        multiply_frequency(&job, f, job.origin, rows);
    to_pixels(&job, job.origin, job.origin + rows);
}

static size_t operations(const convolution *plan) /* of a tile */
{
    return WINOGRAD_FREQUENCIES * 2 * plan->shape.in * plan->shape.out;
}

static void forward_fused(const convolution_run *run)
{
    winograd_layout layout = winograd_layout_of(run->plan, run->n);
    size_t tiles = run->n * layout.tiles, stretch = multiply_rows_alike(run->plan->shape.out) ? tiles : layout.tiles;
    steps job = {run, layout, 0, tiles, fused_together(run->plan, stretch), stretch, NULL, NULL, NULL, NULL};
    blas_parallel_for(tiles / stretch * size_divide_up(stretch, job.together), job.together * operations(run->plan),
                      fused_task, &job);
}

/* ---- one step after another ---- */

static void frequencies_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    size_t first = task * job->together;
    (void)slot;
    to_frequencies(job, job->origin + first, job->origin + size_lesser(first + job->together, job->tiles));
}

static void multiply_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const size_t f = task % WINOGRAD_FREQUENCIES, blocks = size_divide_up(job->stretch, ROWS);
    const size_t block = task / WINOGRAD_FREQUENCIES, place = block % blocks * ROWS;
    (void)slot;
    multiply_frequency(job, f, job->origin + block / blocks * job->stretch + place,
                       size_lesser(ROWS, job->stretch - place));
}

/* All tiles, for a column of frequencies and a block of outputs. */
static void column_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    const convolution *plan = job->run->plan;
    const size_t in = plan->shape.in, blocks = size_divide_up(plan->shape.out, MULTIPLY_COLUMNS);
    const size_t column = task / blocks, o = task % blocks * MULTIPLY_COLUMNS, count = in * convolution_block(plan, o);
    const size_t step = count + WINOGRAD_PADDING;
    float *u = job->columns + slot * winograd_column_size(in);
    winograd_weight_column(u, step, job->turned + o * 9 * in, count, count, column);
    for (size_t i = 0; i < WINOGRAD_WINDOW; i++)
        for (size_t first = 0, rows; first < job->tiles; first += rows) {
            rows = size_lesser(ROWS, job->stretch - first % job->stretch);
            multiply_block(job, WINOGRAD_WINDOW * i + column, job->origin + first, rows, o, u + i * step);
        }
}

static void multiply_tasks(steps *job, int once)
{
    const convolution_shape *s = &job->run->plan->shape;
    if (once)
        blas_parallel_for(WINOGRAD_WINDOW * size_divide_up(s->out, MULTIPLY_COLUMNS),
                          2 * WINOGRAD_WINDOW * job->tiles * s->in * MULTIPLY_COLUMNS, column_task, job);
    else
        blas_parallel_for(job->tiles / job->stretch * size_divide_up(job->stretch, ROWS) * WINOGRAD_FREQUENCIES,
                          2 * size_lesser(ROWS, job->stretch) * s->in * s->out, multiply_task, job);
}

static void pixels_task(void *context, size_t task, size_t slot)
{
    const steps *job = context;
    size_t first = task * job->together;
    (void)slot;
    to_pixels(job, job->origin + first, job->origin + size_lesser(first + job->together, job->tiles));
}

static void forward_steps(const convolution_run *run, int once)
{
    const convolution *plan = run->plan;
    const winograd_layout layout = winograd_layout_of(plan, run->n);
    float *m = run->scratch + WINOGRAD_FREQUENCIES * layout.step_v, *turned = m + WINOGRAD_FREQUENCIES * layout.step_m;
    if (once)
        patches_turn(plan, turned, run->weight);
    for (size_t image = 0; image < run->n; image += layout.images) {
        size_t tiles = size_lesser(layout.images, run->n - image) * layout.tiles;
        size_t stretch = multiply_rows_alike(plan->shape.out) ? tiles : layout.tiles;
        steps job = {run,
                     layout,
                     image * layout.tiles,
                     tiles,
                     4,
                     stretch,
                     run->scratch,
                     m,
                     turned,
                     turned + patches_turned_size(plan)};
        parallel_for(size_divide_up(tiles, job.together), job.together * 10 * plan->shape.in, frequencies_task, &job);
        multiply_tasks(&job, once);
        parallel_for(size_divide_up(tiles, job.together), job.together * 10 * plan->shape.out, pixels_task, &job);
    }
}

static size_t scratch_size(const convolution *plan, size_t n, size_t threads)
{
    const winograd_layout layout = winograd_layout_of(plan, n);
    return winograd_is_fused(plan) ? threads * winograd_fused_size(plan)
                                   : WINOGRAD_FREQUENCIES * (layout.step_v + layout.step_m);
}

static void forward(const convolution_run *run)
{
    if (winograd_is_fused(run->plan))
        forward_fused(run);
    else
        forward_steps(run, 0);
}

size_t winograd_once_size(const convolution *plan, size_t n, size_t threads)
{
    return winograd_is_fused(plan) ? convolution_prepare_and_forward_size(plan, n, threads)
                                   : scratch_size(plan, n, threads) + patches_turned_size(plan) +
                                         threads * winograd_column_size(plan->shape.in);
}

static void forward_once(const convolution_run *run)
{
    if (winograd_is_fused(run->plan))
        convolution_prepare_and_forward(run);
    else
        forward_steps(run, 1);
}

const convolution_class convolution_winograd = {
    winograd_prepared_size,         winograd_prepare, scratch_size, forward, forward_once,
    winograd_training_scratch_size, winograd_backward};
