/* The U-Net as a list of operations on values, in the order of the forward pass. What each level looks like is said
 * once, in unet_build.c; memory and execution only see the list.
 *
 * A value is an image [height, width, channels] that stands in some columns of a buffer's pixels: what the way up reads
 * joined, the way down and the way up write side by side, so that nothing is copied. */
#ifndef NETWORK_UNET_GRAPH_H
#define NETWORK_UNET_GRAPH_H

#include "base/size.h"
#include "math/attention.h"
#include "math/convolution.h"
#include "math/group_norm.h"
#include "network/unet.h"

enum { UNET_INPUT = 0 /* the buffer of x, which the caller owns */ };
#define UNET_NONE SIZE_MAX

typedef enum unet_arena { UNET_ARENA_INPUT, UNET_ARENA_TAPE, UNET_ARENA_PASSING, UNET_ARENAS } unet_arena;

/* Where a buffer stands for one image; n images stand one after another from offset * n on. */
typedef struct unet_place {
    unet_arena arena;
    size_t offset;
} unet_place;

typedef struct unet_buffer {
    size_t pixels, row; /* floats of a pixel */
    int sloped;         /* the slopes of its SiLU are kept for the way back */
    int remade;         /* the backward pass makes it again rather than keep it: what one operation alone reads */
    size_t producer;    /* the operation that first writes it */
    size_t last_reader; /* or the operation that last writes it, if none reads it later */
    unet_place inference, tape;         /* while sampling; in training's forward pass */
    unet_place again, gradient, slopes; /* in training's backward pass */
} unet_buffer;

typedef struct unet_value {
    size_t buffer, column;
    size_t height, width, channels;
} unet_value;

typedef enum unet_kind { UNET_CONVOLUTION, UNET_NORM, UNET_ATTENTION, UNET_UPSAMPLE } unet_kind;

typedef struct unet_op {
    unet_kind kind;
    unet_value x, y, residual; /* residual.buffer: UNET_NONE for none; y's own, to add to what stands there */
    int first_reader[2];       /* of x's and the residual's buffer in the backward pass: their gradients begin here */
    size_t weight, bias;       /* where they stand in the parameters; of a norm: scale and shift */
    size_t prepared;           /* where a convolution's stand in the prepared weights; UNET_NONE: as they are */
    size_t embedding;          /* column of the time embedding's projection; UNET_NONE for none */
    convolution convolution;
    group_norm norm;
    size_t statistics; /* of a norm: where an image's stand among all norms' */
    size_t dropout;    /* of a norm: number of the dropout behind it, from 1; 0 for none */
    attention attention;
} unet_op;

/* The dense layers of the time embedding; `projection` gives every block its part at once. */
typedef struct unet_time {
    size_t features, width;                /* of the sinusoidal embedding; of the layers */
    float *frequencies;                    /* [features / 2] */
    convolution first, second, projection; /* on images of one pixel */
    size_t first_weight, first_bias, second_weight, second_bias, projection_weight, projection_bias;
    size_t classes_weight; /* [classes, width] */
    size_t first_prepared, second_prepared, projection_prepared;
} unet_time;

typedef struct unet {
    network base;
    unet_options options;
    size_t height, width, image_channels, halves;
    unet_op *ops;
    unet_buffer *buffers;
    size_t op_count, buffer_count;
    unet_time time;
    unet_value out;        /* [height, width, halves * image_channels] */
    size_t statistics;     /* floats of all norms' for one image */
    size_t prepared;       /* floats of all prepared weights */
    size_t inference_size; /* floats of the passing buffers of one image: while sampling, */
    size_t tape_size;      /* kept for the backward pass, */
    size_t forward_size;   /* passing in training's forward pass, */
    size_t backward_size;  /* passing in its backward pass */
} unet;

/* unet_build.c: ops, buffers, parameters and time from the options. The arrays have room for what unet_count() says. */
typedef struct unet_counts {
    size_t ops, buffers, parameters;
} unet_counts;
unet_counts unet_count(const unet_options *options);
diffusion_status unet_build(unet *net);

/* Memory is handed out in whole vectors. */
static inline size_t unet_aligned(size_t floats)
{
    return size_round_up(floats, 16);
}

/* unet_memory.c: places for all buffers. */
diffusion_status unet_place_buffers(unet *net);

/* unet_time.c */
diffusion_status unet_time_create(unet_time *time, const unet_options *options);

#endif
