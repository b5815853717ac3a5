/* A function of images as a list of operations on values, in the order of the forward pass. The file that builds it
 * says once what it looks like; the plan of memory and the passes see only the list.
 *
 * A value is an image [height, width, channels] that stands in some columns of a buffer's pixels: what is read joined
 * is written side by side, so that nothing is copied. A vector is an image of one pixel. Values may be read by any
 * number of operations. A failure while building stays in the graph; graph_finish() returns the first. */
#ifndef NETWORK_GRAPH_GRAPH_H
#define NETWORK_GRAPH_GRAPH_H

#include "base/printf_like.h"
#include "math/activation.h"
#include "network/network.h"

#define GRAPH_NONE SIZE_MAX /* no parameter */

typedef struct graph graph;

typedef struct graph_value {
    size_t buffer, column;
    size_t height, width, channels; /* no channels: no value */
} graph_value;

/* ---- values ---- */

/* A graph whose input is [n, height, width, channels]. */
diffusion_status graph_create(graph **out, size_t height, size_t width, size_t channels);
void graph_free(graph *self); /* NULL is allowed */

graph_value graph_input(const graph *self);

/* A value in a buffer of its own. */
graph_value graph_new_value(graph *self, size_t height, size_t width, size_t channels);

/* `channels` of a value from column `first` on. */
graph_value graph_columns(graph_value of, size_t first, size_t channels);

/* More columns in the buffer of a value. */
graph_value graph_widen(graph *self, graph_value of, size_t channels);

/* The last `count` operations are moved before all others. */
void graph_move_to_front(graph *self, size_t count);
size_t graph_op_count(const graph *self);

/* Keeps a failure with its sentence, unless there is one already. */
void graph_refuse(graph *self, diffusion_status status, const char *format, ...) PRINTF_LIKE(3, 4);

/* Plans memory for all passes; `out` is the output, which is given as [n, parts] images of channels / parts. */
diffusion_status graph_finish(graph *self, graph_value out, size_t parts);

/* ---- operations, each in op_<one>.c; parameters are named by where they stand in the flat array ---- */

typedef struct graph_convolution {
    size_t weight, bias;         /* [out, in, kernel, kernel], [out]; the bias may be GRAPH_NONE */
    size_t kernel, stride;       /* 0 reads as 1 */
    size_t before, after;        /* zeros above and left of the image, below and right of it */
    int exact;                   /* no Winograd */
    graph_value image, residual; /* added to y: to every pixel; to each (y itself: to what stands there) */
} graph_convolution;
void graph_convolve(graph *self, graph_value x, graph_value y, const graph_convolution *with);

typedef struct graph_norm {
    size_t scale, shift; /* [channels] */
    size_t groups;
    float epsilon;
    int silu;
    graph_value image; /* scales and shifts of every image, [2 channels] */
    double dropout;    /* chance that a value is left out in training, */
    size_t number;     /* by a stream of its own for each number */
} graph_norm;
void graph_normalise(graph *self, graph_value x, graph_value y, const graph_norm *with);

/* In these x and y must stand alone in their buffers. x: queries, keys and values, [3 channels]. */
void graph_attend(graph *self, graph_value x, graph_value y, size_t heads);

/* Images twice as large, each pixel four times; and half as large, means of four. */
void graph_enlarge(graph *self, graph_value x, graph_value y);
void graph_halve(graph *self, graph_value x, graph_value y);

/* y = x, then sin(pi f x) of each channel, for each of `count` frequencies f, then as many cosines: as Kingma et al.
 * 2021 order them. */
enum { GRAPH_FREQUENCIES = 16 /* at most */ };
void graph_fourier(graph *self, graph_value x, graph_value y, const double *frequencies, size_t count);

/* y = x, which stands alone in its buffer and may have another shape of as many values. */
void graph_copy(graph *self, graph_value x, graph_value y);

/* y = f(x + bias) */
void graph_activate(graph *self, graph_value x, graph_value y, activation kind, size_t bias);

/* The sinusoidal features of the time, counted from 0, as diffusers computes them in float32: y.channels / 2
 * frequencies that fall to 1/10000 over that many less `shift`; sines first unless `flip`. */
void graph_embed_time(graph *self, graph_value y, int flip, double shift);

/* The bumps of the time, network/bumps.h. */
void graph_bump_time(graph *self, graph_value y, size_t steps);

/* The one-hot label [classes], then the condition vector. */
void graph_condition(graph *self, graph_value y, size_t classes);

/* y += the label's row of weight [classes, y.channels]; nothing without a label. */
void graph_add_label(graph *self, graph_value y, size_t weight, size_t classes);

/* A 1x1 convolution with weights of each image's own: sum_j by_j weight_j, of weight [by, out, in] and bias [by, out].
 */
void graph_mix(graph *self, graph_value x, graph_value by, graph_value y, size_t weight, size_t bias);

/* ---- passes: the methods of network_class ---- */

size_t graph_scratch_size(const graph *self, size_t n, size_t threads);
size_t graph_tape_size(const graph *self, size_t n);
size_t graph_training_scratch_size(const graph *self, size_t n, size_t threads);
size_t graph_prepared_size(const graph *self);
void graph_prepare(const graph *self, float *prepared, const float *parameters);
void graph_forward(const graph *self, const float *parameters, const float *prepared, float *out, network_batch batch,
                   float *scratch);
void graph_forward_keep(const graph *self, const float *parameters, float *out, network_batch batch, float *tape,
                        float *scratch);
void graph_backward(const graph *self, const float *parameters, float *gradient, float *dx, const float *dout, size_t n,
                    float *tape, float *scratch);

#endif
