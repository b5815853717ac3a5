/* What the files of the graph share: its list, and the class of an operation. */
#ifndef NETWORK_GRAPH_OP_H
#define NETWORK_GRAPH_OP_H

#include "base/size.h"
#include "network/graph/graph.h"

enum { GRAPH_INPUT = 0 /* the input's buffer, which the caller owns */ };

/* ---- buffers ---- */

typedef enum graph_arena {
    GRAPH_ARENA_X,    /* the caller's input; in the backward pass its gradient */
    GRAPH_ARENA_TAPE, /* kept from the forward pass for the backward pass */
    GRAPH_ARENA_PASSING,
    GRAPH_ARENAS
} graph_arena;

/* Where a buffer stands for one image; n images stand one after another from offset * n on. */
typedef struct graph_place {
    graph_arena arena;
    size_t offset;
} graph_place;

/* What a value depends on, and so which gradients need its own. */
enum { GRAPH_ON_PARAMETERS = 1, GRAPH_ON_INPUT = 2 };

typedef struct graph_buffer {
    size_t pixels, stride; /* floats of a pixel */
    int sloped;            /* the slopes of its elementwise function are needed in the backward pass */
    int remade;            /* made again in the backward pass rather than kept; asked for by its producer */
    int kept;              /* on the tape */
    int zeroed;            /* its gradient begins with zeros, for its readers leave out some columns */
    unsigned depends;      /* GRAPH_ON_… */
    size_t producer;       /* the operation that first writes it; GRAPH_NONE: the caller */
    size_t last_reader;    /* or the operation that last writes it, if none reads it later */
    graph_place sampling, keeping, again; /* in a sampling pass; in training's forward and backward passes */
    graph_place gradient, slopes;
} graph_buffer;

/* ---- operations ---- */

typedef enum graph_operand {
    GRAPH_X,
    GRAPH_IMAGE,
    GRAPH_RESIDUAL,
    GRAPH_OPERANDS,
    GRAPH_Y = GRAPH_OPERANDS
} graph_operand;

/* What an operation alone knows of itself. */
typedef union graph_own {
    max_align_t alignment;
    unsigned char bytes[128];
} graph_own;
#define GRAPH_OWN(type) _Static_assert(sizeof(type) <= sizeof(graph_own), "an operation's own fits graph_own")

typedef struct graph_op_class graph_op_class;

typedef struct graph_op {
    const graph_op_class *methods;
    graph_value y, from[GRAPH_OPERANDS];
    int adds[GRAPH_OPERANDS]; /* a later operation has begun this gradient: it is added to */
    size_t weight, bias;      /* where they stand in the parameters; GRAPH_NONE: none */
    size_t prepared, kept;    /* where its prepared weights begin; where an image's kept floats do */
    graph_own own;
} graph_op;

typedef struct graph_run graph_run; /* network/graph/run.h */

/* What a kind of operation implements, in a file op_<one>.c of its own: the class, and the function of graph.h that
 * adds one to a graph. Nobody else knows which operations there are. NULL: it needs none of that. */
struct graph_op_class {
    unsigned reads; /* operands whose values backward() reads, 1 << graph_operand each */
    unsigned whole; /* values that must stand alone in their buffers: operands, and y as GRAPH_Y */
    unsigned adds;  /* operands to whose gradient backward() can add; the others' are made aside, then added */
    size_t (*prepared_size)(const graph_op *op);
    void (*prepare)(const graph_op *op, float *prepared, const float *parameters);
    size_t (*kept_size)(const graph_op *op); /* floats of an image, kept beside y */
    size_t (*scratch_size)(const graph_op *op, size_t n, size_t threads, int training);
    void (*forward)(const graph_run *run, const graph_op *op);
    /* Gradients of operands, the last one first, and of parameters, from y's. NULL: nothing that y depends on has one.
     */
    void (*backward)(const graph_run *run, const graph_op *op);
};

struct graph {
    graph_op *ops;
    graph_buffer *buffers;
    size_t op_count, op_capacity, buffer_count, buffer_capacity;
    graph_op spare; /* handed out when there is no room for another */
    diffusion_status status;
    graph_value in, out;
    size_t parts, vectors; /* parts of the output; width of the condition vectors that it reads */
    size_t kept, prepared; /* floats of one image; of all weights */
    size_t sampling_size, tape_size, forward_size, backward_size; /* floats of one image */
    size_t aside_size;                                            /* the largest gradient made aside, of one image */
};

/* Adds an operation of this kind, to be completed. An x that is no value: it has none. */
graph_op *graph_add_op(graph *self, const graph_op_class *methods, graph_value x, graph_value y);

static inline int graph_is_value(const graph_value *value)
{
    return value->channels > 0;
}

static inline size_t graph_pixels(const graph_value *value)
{
    return value->height * value->width;
}

/* An operand that is y itself: what stands there is added to. */
static inline int graph_is_in_place(const graph_op *op, size_t operand)
{
    return op->from[operand].buffer == op->y.buffer && op->from[operand].column == op->y.column;
}

/* Memory is handed out in whole vectors. */
static inline size_t graph_aligned(size_t floats)
{
    return size_round_up(floats, 16);
}

/* readers.c: who reads what, and so what is kept, and whose gradient begins where. memory.c: places for all buffers. */
void graph_find_readers(graph *self);
diffusion_status graph_place_buffers(graph *self);

#endif
