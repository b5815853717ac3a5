#include "coding/stack.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { WORD = 32 };
#define LEAST (UINT64_C(1) << WORD) /* of the head */

void stack_begin(symbol_stack *self)
{
    *self = (symbol_stack){.head = LEAST, .lends = 1};
}

void stack_release(symbol_stack *self)
{
    memory_release(self->words);
    *self = (symbol_stack){0};
}

/* A push leaves one word at most. */
diffusion_status stack_reserve(symbol_stack *self, size_t pushes)
{
    if (pushes <= self->capacity - self->count)
        return DIFFUSION_OK;
    if (pushes > SIZE_MAX / 2 - self->capacity)
        return error_set(DIFFUSION_E_MEMORY, "coder: %zu more words cannot be addressed", pushes);
    const size_t capacity = 2 * self->capacity + pushes;
    uint32_t *words = memory_allocate(capacity, sizeof *words);
    if (words == NULL)
        return DIFFUSION_E_MEMORY;
    if (self->count > 0)
        memcpy(words, self->words, self->count * sizeof *words);
    memory_release(self->words);
    self->words = words;
    self->capacity = capacity;
    return DIFFUSION_OK;
}

/* SplitMix64. It need only look like chance, and be the same for ever. */
static uint64_t mixed(uint64_t index)
{
    uint64_t z = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Word `index` of the sequence at the bottom. */
static uint32_t lent_word(uint64_t index)
{
    return (uint32_t)(mixed(index) >> WORD);
}

/* By how much the places of the next operation are turned: going back, of the last one. */
static uint32_t turn(const symbol_stack *self)
{
    return (uint32_t)mixed(~(self->lends ? self->operations : self->operations - 1)) & (STACK_TOTAL - 1);
}

static void count(symbol_stack *self)
{
    self->operations += self->lends ? 1 : UINT64_MAX;
}

static uint32_t next_word(symbol_stack *self)
{
    if (self->count > 0)
        return self->words[--self->count];
    self->failed |= !self->lends;
    return lent_word(self->borrowed++);
}

/* The head's share of one symbol must keep the range's digits: it is brought below size * 2^(64 - STACK_BITS) first. */
void stack_push(symbol_stack *self, symbol_range of)
{
    self->failed |= of.size == 0;
    if (of.size == 0 || of.size == STACK_TOTAL) /* what is certain costs nothing */
        return;
    if (self->head >= (uint64_t)of.size << (64 - STACK_BITS)) {
        self->words[self->count++] = (uint32_t)self->head;
        self->head >>= WORD;
    }
    const uint64_t place = self->head % of.size + of.start - turn(self);
    self->head = (self->head / of.size << STACK_BITS) + (place & (STACK_TOTAL - 1));
    count(self);
}

uint32_t stack_peek(const symbol_stack *self)
{
    return ((uint32_t)self->head + turn(self)) & (STACK_TOTAL - 1);
}

void stack_pop(symbol_stack *self, symbol_range of)
{
    if (of.size == STACK_TOTAL)
        return;
    self->head = of.size * (self->head >> STACK_BITS) + stack_peek(self) - of.start;
    count(self);
    if (self->head < LEAST)
        self->head = self->head << WORD | next_word(self);
}

static symbol_range number_range(uint32_t number, int bits)
{
    const uint32_t size = STACK_TOTAL >> bits;
    return (symbol_range){number * size, size};
}

void stack_push_number(symbol_stack *self, uint32_t number, int bits)
{
    stack_push(self, number_range(number, bits));
}

uint32_t stack_pop_number(symbol_stack *self, int bits)
{
    const uint32_t number = stack_peek(self) >> (STACK_BITS - bits);
    stack_pop(self, number_range(number, bits));
    return number;
}

int stack_is_empty(const symbol_stack *self)
{
    int same = !self->failed && self->operations == 0 && self->head == LEAST && self->count == self->borrowed;
    for (size_t i = 0; same && i < self->count; i++)
        same = self->words[i] == lent_word(self->borrowed - 1 - i);
    return same;
}
