/* The shape of a convolution, and the method chosen for it. */
#ifndef MATH_CONVOLUTION_PLAN_H
#define MATH_CONVOLUTION_PLAN_H

#include <stddef.h>

typedef struct convolution_shape {
    size_t height, width, in, out;
    size_t kernel, stride;
    size_t before, after; /* rows and columns of zeros: above and left of the image, below and right of it */
} convolution_shape;

typedef enum convolution_method {
    CONVOLUTION_PRODUCT, /* 1x1, stride 1: a product with the pixels as they stand */
    CONVOLUTION_PATCHES, /* the pixels under one or more taps gathered, then multiplied */
    CONVOLUTION_WINOGRAD /* 3x3, stride 1: F(4x4, 3x3), a quarter of the multiplications, errors of some 1e-5 */
} convolution_method;

/* What was chosen for a shape: immutable. */
typedef struct convolution {
    convolution_shape shape;
    size_t out_height, out_width;
    convolution_method method;
} convolution;

convolution convolution_plan(const convolution_shape *shape, int exact /* no Winograd */);

/* Added to every pixel of the output. Each may be NULL. */
typedef struct convolution_epilogue {
    const float *bias;   /* [out] */
    const float *image;  /* [n, out], to all pixels of an image: the time embedding */
    size_t stride_image; /* floats from one image's to the next */
    const float *residual;
    size_t stride_residual; /* [n, out_height, out_width] pixels */
} convolution_epilogue;

#endif
