#include "math/pixels.h"

#include "base/size.h"
#include "base/threads.h"
#include "base/vector.h"

#include <string.h>

typedef struct pixels_job {
    float *y;
    size_t row_y;
    const float *x;
    size_t row_x, pixels, width;
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
        memcpy(job->y + i * job->row_y, job->x + i * job->row_x, job->width * sizeof(float));
}

VECTOR_CLONES static void add(float *restrict y, size_t row_y, const float *restrict x, size_t row_x, size_t pixels,
                              size_t width)
{
    for (size_t i = 0; i < pixels; i++, y += row_y, x += row_x)
        for (size_t c = 0; c < width; c++)
            y[c] += x[c];
}

static void add_range(void *context, size_t task, size_t slot)
{
    (void)slot;
    const pixels_job *job = context;
    range pixels = range_of(task, job->pixels);
    add(job->y + pixels.first * job->row_y, job->row_y, job->x + pixels.first * job->row_x, job->row_x,
        pixels.last - pixels.first, job->width);
}

/* All images' pixels stand one after another. */
static void run_ranges(threads_task_fn *run, pixels_job *job)
{
    parallel_for(size_divide_up(job->pixels, PIXELS), PIXELS * job->width / 8, run, job);
}

void pixels_copy(float *y, size_t row_y, const float *x, size_t row_x, size_t n, size_t pixels, size_t width)
{
    run_ranges(copy_range, &(pixels_job){y, row_y, x, row_x, n * pixels, width});
}

void pixels_add(float *y, size_t row_y, const float *x, size_t row_x, size_t n, size_t pixels, size_t width)
{
    run_ranges(add_range, &(pixels_job){y, row_y, x, row_x, n * pixels, width});
}

VECTOR_CLONES static void sum(float *restrict y, const float *restrict x, size_t row, size_t pixels, size_t width)
{
    size_t i = 0;
    memset(y, 0, width * sizeof *y);
    for (; i + 4 <= pixels; i += 4, x += 4 * row)
        for (size_t c = 0; c < width; c++)
            y[c] += (x[c] + x[row + c]) + (x[2 * row + c] + x[3 * row + c]);
    for (; i < pixels; i++, x += row)
        for (size_t c = 0; c < width; c++)
            y[c] += x[c];
}

static void sum_image(void *context, size_t image, size_t slot)
{
    (void)slot;
    const pixels_job *job = context;
    sum(job->y + image * job->row_y, job->x + image * job->pixels * job->row_x, job->row_x, job->pixels, job->width);
}

void pixels_sum(float *y, size_t row_y, const float *x, size_t row_x, size_t n, size_t pixels, size_t width)
{
    pixels_job job = {y, row_y, x, row_x, pixels, width};
    parallel_for(n, pixels * width / 8, sum_image, &job);
}
