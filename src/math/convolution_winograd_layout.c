#include "base/size.h"
#include "base/threads.h"
#include "math/convolution_winograd.h"
#include "math/lanes.h"

enum {
    GROUP_FLOATS = 3 << 20,    /* of V and M of a group of images, unless one image has more */
    CACHE_FLOATS = 512 * 1024, /* of V and M that stay in a second-level cache */
    ENOUGH_TILES = 64          /* in there, to pay for reading the weights again */
};

winograd_layout winograd_layout_of(const convolution *plan, size_t n)
{
    const convolution_shape *s = &plan->shape;
    size_t across = size_divide_up(s->width, WINOGRAD_TILE), tiles = across * size_divide_up(s->height, WINOGRAD_TILE);
    size_t fit = GROUP_FLOATS / (WINOGRAD_FREQUENCIES * (s->in + s->out) * tiles);
    size_t images = size_divide_up(n, size_divide_up(n, size_greater(fit, 1)));
    winograd_layout layout = {across, tiles, images, 0, 0, s->in * s->out + WINOGRAD_PADDING};
    winograd_layout_fuse(&layout, plan, images * tiles);
    return layout;
}

void winograd_layout_fuse(winograd_layout *layout, const convolution *plan, size_t tiles)
{
    layout->step_v = tiles * plan->shape.in + WINOGRAD_PADDING;
    layout->step_m = tiles * plan->shape.out + WINOGRAD_PADDING;
}

void winograd_window(const convolution *plan, const winograd_layout *layout, const float *at[36], const float *x,
                     size_t stride_x, size_t tile, const float *outside)
{
    const size_t height = plan->shape.height, width = plan->shape.width, place = tile % layout->tiles;
    const size_t top = place / layout->across * WINOGRAD_TILE - 1, left = place % layout->across * WINOGRAD_TILE - 1;
    x += tile / layout->tiles * height * width * stride_x;
    for (size_t i = 0; i < WINOGRAD_WINDOW; i++)
        for (size_t j = 0; j < WINOGRAD_WINDOW; j++) {
            size_t line = top + i, column = left + j; /* wrap round above and left of the image */
            at[WINOGRAD_WINDOW * i + j] =
                line < height && column < width ? x + (line * width + column) * stride_x : outside;
        }
}

void winograd_tile(const convolution *plan, const winograd_layout *layout, const float *at[16], const float *y,
                   size_t stride_y, size_t tile, const float *outside)
{
    const size_t height = plan->shape.height, width = plan->shape.width, place = tile % layout->tiles;
    const size_t top = place / layout->across * WINOGRAD_TILE, left = place % layout->across * WINOGRAD_TILE;
    y += tile / layout->tiles * height * width * stride_y;
    for (size_t i = 0; i < WINOGRAD_TILE; i++)
        for (size_t j = 0; j < WINOGRAD_TILE; j++)
            at[WINOGRAD_TILE * i + j] =
                top + i < height && left + j < width ? y + ((top + i) * width + left + j) * stride_y : outside;
}

size_t winograd_fused_tiles(const convolution *plan)
{
    return CACHE_FLOATS / (WINOGRAD_FREQUENCIES * (plan->shape.in + plan->shape.out));
}

int winograd_is_fused(const convolution *plan)
{
    return winograd_fused_tiles(plan) >= ENOUGH_TILES;
}

size_t winograd_fused_size(const convolution *plan)
{
    return WINOGRAD_FREQUENCIES *
           (winograd_fused_tiles(plan) * (plan->shape.in + plan->shape.out) + 2 * WINOGRAD_PADDING);
}

/* ---- prepared weights ---- */

static size_t step_u(const convolution *plan)
{
    return winograd_layout_of(plan, 1).step_u;
}

size_t winograd_prepared_size(const convolution *plan)
{
    return WINOGRAD_FREQUENCIES * step_u(plan);
}

typedef struct weight_job {
    const convolution *plan;
    float *prepared;
    const float *weight;
} weight_job;

/* 16 inputs for a block of outputs. */
static void transform_weight(void *context, size_t task, size_t slot)
{
    const weight_job *job = context;
    const convolution *plan = job->plan;
    const size_t in = plan->shape.in, input = task % (in / LANES) * LANES;
    const size_t output = task / (in / LANES) * MULTIPLY_COLUMNS, block = convolution_block(plan, output);
    (void)slot;
    for (size_t o = 0; o < block; o += LANES)
        winograd_weight(job->prepared + output * in + input * block + o, step_u(plan), block,
                        job->weight + ((output + o) * in + input) * 9, in * 9);
}

void winograd_prepare(const convolution *plan, float *prepared, const float *weight)
{
    weight_job job = {plan, prepared, weight};
    parallel_for(plan->shape.in / LANES * size_divide_up(plan->shape.out, MULTIPLY_COLUMNS),
                 LANES * MULTIPLY_COLUMNS * 5, transform_weight, &job);
}
