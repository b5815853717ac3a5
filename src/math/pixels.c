#include "math/pixels.h"

#include "base/size.h"
#include "base/threads.h"
#include "base/vector.h"

#include <string.h>

typedef struct pixels_job {
    float *y;
    size_t stride_y;
    const float *x;
    size_t stride_x, pixels, width;
} pixels_job;

/* Copying and adding are cut by pixels: one image can be large. */
enum { PIXELS = 64 };

typedef struct range {
    size_t first, last;
} range;

static range range_of(size_t task, size_t pixels)
{
    size_t first = task * PIXELS, last = first + PIXELS;
    return (range){first, last < pixels ? last : pixels};
}

static void copy_range(void *context, size_t task, size_t slot)
{
    (void)slot;
    const pixels_job *job = context;
    range pixels = range_of(task, job->pixels);
    for (size_t i = pixels.first; i < pixels.last; i++)
        memcpy(job->y + i * job->stride_y, job->x + i * job->stride_x, job->width * sizeof(float));
}

VECTOR_CLONES static void add(float *restrict y, size_t stride_y, const float *restrict x, size_t stride_x,
                              size_t pixels, size_t width)
{
    for (size_t i = 0; i < pixels; i++, y += stride_y, x += stride_x)
        for (size_t c = 0; c < width; c++)
            y[c] += x[c];
}

static void add_range(void *context, size_t task, size_t slot)
{
    (void)slot;
    const pixels_job *job = context;
    range pixels = range_of(task, job->pixels);
    add(job->y + pixels.first * job->stride_y, job->stride_y, job->x + pixels.first * job->stride_x, job->stride_x,
        pixels.last - pixels.first, job->width);
}

/* All images' pixels stand one after another. */
static void run_ranges(threads_task_fn *run, pixels_job *job)
{
    parallel_for(size_divide_up(job->pixels, PIXELS), PIXELS * job->width / 8, run, job);
}

void pixels_copy(float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width)
{
    run_ranges(copy_range, &(pixels_job){y, stride_y, x, stride_x, n * pixels, width});
}

void pixels_add(float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width)
{
    run_ranges(add_range, &(pixels_job){y, stride_y, x, stride_x, n * pixels, width});
}

VECTOR_CLONES static void sum(float *restrict y, const float *restrict x, size_t stride, size_t pixels, size_t width)
{
    size_t i = 0;
    memset(y, 0, width * sizeof *y);
    for (; i + 4 <= pixels; i += 4, x += 4 * stride)
        for (size_t c = 0; c < width; c++)
            y[c] += (x[c] + x[stride + c]) + (x[2 * stride + c] + x[3 * stride + c]);
    for (; i < pixels; i++, x += stride)
        for (size_t c = 0; c < width; c++)
            y[c] += x[c];
}

static void sum_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const pixels_job *job = context;
    sum(job->y + image * job->stride_y, job->x + image * job->pixels * job->stride_x, job->stride_x, job->pixels,
        job->width);
}

void pixels_sum(float *y, size_t stride_y, const float *x, size_t stride_x, size_t n, size_t pixels, size_t width)
{
    pixels_job job = {y, stride_y, x, stride_x, pixels, width};
    parallel_for(n, pixels * width / 8, sum_image, &job);
}

/* ---- over all images: sums of TOTAL_ROWS pixels, then of these in order ---- */

enum { TOTAL_ROWS = 256 };

static void total_rows(void *context, size_t task, size_t slot)
{
    (void)slot;
    const pixels_job *job = context;
    size_t first = task * TOTAL_ROWS, last = size_lesser(first + TOTAL_ROWS, job->pixels);
    float *y = job->y + task * job->width;
    memset(y, 0, job->width * sizeof *y);
    add(y, 0, job->x + first * job->stride_x, job->stride_x, last - first, job->width);
}

size_t pixels_total_scratch_size(size_t pixels, size_t width)
{
    return size_divide_up(pixels, TOTAL_ROWS) * width;
}

void pixels_total(float *y, const float *x, size_t stride_x, size_t pixels, size_t width, float *scratch)
{
    size_t tasks = size_divide_up(pixels, TOTAL_ROWS);
    pixels_job job = {scratch, 0, x, stride_x, pixels, width};
    parallel_for(tasks, TOTAL_ROWS * width / 8, total_rows, &job);
    memset(y, 0, width * sizeof *y);
    add(y, 0, scratch, width, tasks, width);
}
