#include "coding/cells.h"

#include "math/normal_quantile.h"

#include <math.h>

enum { END = 8, WHOLE_BITS = 8, PART_BITS = 12, TABLE_BITS = 32 }; /* 2^8 values of the table to a deviation */

/* How far from the mean cells are kept apart: a chance of 2^-28 is 5.6 deviations out. */
static const double reach = 6.5;

void chance_table_fill(chance_table *self)
{
    self->at[0] = 0;
    for (size_t i = 1; i < CHANCES; i++)
        self->at[i] = (uint64_t)(normal_chance((double)i / (1 << WHOLE_BITS) - END) * 0x1p32 + 0.5);
    self->at[CHANCES] = UINT64_C(1) << TABLE_BITS;
}

static uint64_t chance_below(const chance_table *self, double z)
{
    if (!(z > -END))
        return 0;
    if (z >= END)
        return UINT64_C(1) << TABLE_BITS;
    const uint64_t place = (uint64_t)((z + END) * (1 << (WHOLE_BITS + PART_BITS)));
    const uint64_t whole = place >> PART_BITS, part = place & ((1 << PART_BITS) - 1);
    if (whole >= CHANCES) /* z + 8 rounded up to 16 */
        return self->at[CHANCES];
    return self->at[whole] + ((self->at[whole + 1] - self->at[whole]) * part >> PART_BITS);
}

/* ---- laws ---- */

static int64_t held(double cell, int64_t first, int64_t last)
{
    if (!(cell > (double)first))
        return first;
    return cell >= (double)last ? last : (int64_t)cell;
}

static cell_law law_of(const chance_table *table, double middle, double scale, int64_t first, int64_t last)
{
    const double steep = fmin(scale, 1e100); /* a variance of 0: all in the mean's cell */
    return (cell_law){.table = table,
                      .middle = middle,
                      .scale = steep,
                      .low = held(floor(middle - reach / steep), first, last),
                      .high = held(ceil(middle + reach / steep), first, last)};
}

cell_law cell_law_to_draw(const chance_table *table, double middle, double scale, int64_t first, int64_t last)
{
    return law_of(table, middle, scale, first, last);
}

cell_law cell_law_to_tell(const chance_table *table, double middle, double scale, int64_t first, int64_t last)
{
    cell_law law = law_of(table, middle, scale, first, last);
    law.least = 1;
    law.outside = law.low > first || law.high < last;
    return law;
}

/* Where cell j of low..high + 1 begins. */
static uint32_t start_of(const cell_law *law, int64_t j)
{
    const uint64_t cells = (uint64_t)(law->high - law->low) + 1, behind = (uint64_t)(j - law->low);
    const uint64_t shared = STACK_TOTAL - law->outside - law->least * cells;
    uint64_t below = 0;
    if (j > law->high)
        below = shared;
    else if (j > law->low)
        below = chance_below(law->table, ((double)j - 0.5 - law->middle) * law->scale) * shared >> TABLE_BITS;
    return (uint32_t)(below + law->least * behind);
}

static symbol_range range_of(const cell_law *law, int64_t j)
{
    const uint32_t start = start_of(law, j);
    return (symbol_range){start, start_of(law, j + 1) - start};
}

/* The last cell that begins at or before the place. */
static int64_t cell_at(const cell_law *law, uint32_t place)
{
    int64_t low = law->low, high = law->high;
    while (low < high) {
        const int64_t middle = high - (high - low) / 2;
        if (start_of(law, middle) <= place)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* ---- the stack ---- */

static symbol_range outside_of(const cell_law *law)
{
    return (symbol_range){STACK_TOTAL - law->outside, law->outside};
}

static int bits_of(int64_t first, int64_t last)
{
    int bits = 0;
    while ((last - first) >> bits != 0)
        bits++;
    return bits;
}

void cell_push(const cell_law *law, symbol_stack *stack, int64_t j, int64_t first, int64_t last)
{
    if (j >= law->low && j <= law->high) {
        stack_push(stack, range_of(law, j));
        return;
    }
    stack_push_number(stack, (uint32_t)(j - first), bits_of(first, last));
    stack_push(stack, outside_of(law));
}

int64_t cell_pop(const cell_law *law, symbol_stack *stack, int64_t first, int64_t last)
{
    const uint32_t place = stack_peek(stack);
    if (place < STACK_TOTAL - law->outside) {
        const int64_t j = cell_at(law, place);
        stack_pop(stack, range_of(law, j));
        return j;
    }
    stack_pop(stack, outside_of(law));
    const int64_t j = first + stack_pop_number(stack, bits_of(first, last));
    stack->failed |= j > last;
    return j <= last ? j : last;
}
