/* A stack of symbols in one number: asymmetric numeral systems (Duda 2013, arXiv:1311.2540), the variant with ranges. A
 * symbol pushed grows the number by log2(1 / chance) bits, and what is popped is drawn from its law as if by chance,
 * which is given back bit for bit when it is pushed. Where symbols lie is turned round by a fixed sequence, another
 * place for each operation, so that draws are by chance whatever was pushed before; data comes back by the same
 * operations, backwards. */
#ifndef CODING_STACK_H
#define CODING_STACK_H

#include <diffusion/status.h>
#include <stddef.h>
#include <stdint.h>

/* Chances are whole numbers out of so many. */
enum { STACK_BITS = 28 };
#define STACK_TOTAL (UINT32_C(1) << STACK_BITS)

/* Where a symbol lies among all: [start, start + size). */
typedef struct symbol_range {
    uint32_t start, size;
} symbol_range;

typedef struct symbol_stack {
    uint64_t head;   /* 2^32 .. 2^64 - 1 */
    uint32_t *words; /* below the head, the last next to it */
    size_t count, capacity;
    uint64_t operations; /* pushes and pops so far, less those undone */
    uint64_t borrowed;   /* words of a fixed sequence at the bottom, taken where a pop found nothing else */
    int lends;           /* whether it may: while data goes in */
    int failed; /* popped beyond its bottom, or pushed a symbol of no chance: it is not what it was taken for */
} symbol_stack;

/* An empty one that lends. */
void stack_begin(symbol_stack *self);
void stack_release(symbol_stack *self);

/* Room for so many pushes. */
diffusion_status stack_reserve(symbol_stack *self, size_t pushes);

void stack_push(symbol_stack *self, symbol_range of);

/* A pop in two steps: where in 0..STACK_TOTAL - 1 the symbol lies, and its range, which the caller knows. */
uint32_t stack_peek(const symbol_stack *self);
void stack_pop(symbol_stack *self, symbol_range of);

/* A number below 2^bits, bits <= STACK_BITS, all as likely. */
void stack_push_number(symbol_stack *self, uint32_t number, int bits);
uint32_t stack_pop_number(symbol_stack *self, int bits);

/* Whether everything has been popped, and what was borrowed lies there again. */
int stack_is_empty(const symbol_stack *self);

#endif
