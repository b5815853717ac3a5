/* What the files of the convolution engine share. Pixels of a batch are counted through all its images. */
#ifndef MATH_CONVOLUTION_PARTS_H
#define MATH_CONVOLUTION_PARTS_H

#include "base/size.h"
#include "math/convolution_plan.h"
#include "math/multiply.h"

/* The arguments of convolution_forward(). */
typedef struct convolution_run {
    const convolution *plan;
    float *y;
    size_t stride_y;
    const float *x;
    size_t stride_x;
    const float *weight; /* prepared; for forward_once as the network has them */
    convolution_epilogue epilogue;
    size_t n;
    float *scratch;
} convolution_run;

/* And of convolution_backward(), but for the bias. */
typedef struct convolution_training {
    const convolution *plan;
    float *dx; /* NULL: not wanted */
    size_t stride_dx;
    float *dweight; /* NULL: not wanted */
    const float *x;
    size_t stride_x;
    const float *dy;
    size_t stride_dy;
    const float *weight; /* as the network has them */
    size_t n;
    float *scratch;
} convolution_training;

/* One method. */
typedef struct convolution_class {
    size_t (*prepared_size)(const convolution *plan);
    void (*prepare)(const convolution *plan, float *prepared, const float *weight);
    size_t (*scratch_size)(const convolution *plan, size_t n, size_t threads);
    void (*forward)(const convolution_run *run);
    void (*forward_once)(const convolution_run *run); /* in training's scratch */
    size_t (*training_scratch_size)(const convolution *plan, size_t n, size_t threads);
    void (*backward)(const convolution_training *run);
} convolution_class;

/* forward_once() where nothing is gained over preparing the weights first, and the floats of scratch that takes. */
void convolution_prepare_and_forward(const convolution_run *run);
size_t convolution_prepare_and_forward_size(const convolution *plan, size_t n, size_t threads);

extern const convolution_class convolution_patches, convolution_winograd;

/* How output pixels are cut into tiles of rows of a product: through the whole batch where rows are alike wherever they
 * stand, and otherwise through each image, so that an image's rows always stand at the same places. */
typedef struct convolution_cut {
    size_t stretch; /* pixels cut together: all, or an image's */
    size_t stretches;
    size_t rows;    /* of a tile, at most */
    size_t tiles;   /* of a stretch */
    size_t columns; /* of a block of output channels */
    size_t blocks;
} convolution_cut;

convolution_cut convolution_cut_of(const convolution *plan, size_t n, size_t rows);

/* Tile and block of a task. */
typedef struct convolution_tile {
    size_t first, rows; /* pixels */
    size_t column, columns;
} convolution_tile;

static inline size_t convolution_cut_tasks(const convolution_cut *cut)
{
    return cut->stretches * cut->tiles * cut->blocks;
}

convolution_tile convolution_tile_of(const convolution_cut *cut, size_t out, size_t task);

/* Sets a tile of y to the epilogue: products are added to it. */
void convolution_start(const convolution_run *run, const convolution_tile *tile);

static inline size_t convolution_pixels(const convolution *plan) /* of an output image */
{
    return plan->out_height * plan->out_width;
}

/* Prepared weights stand in blocks of up to MULTIPLY_COLUMNS outputs: how many are in the one that begins with output
 * o. */
static inline size_t convolution_block(const convolution *plan, size_t o)
{
    return size_lesser(MULTIPLY_COLUMNS, plan->shape.out - o);
}

#endif
