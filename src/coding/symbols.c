/* Values as symbols: the cell of a grid, the bin of the data, or a bit. */
#include "coding/run.h"

#include <math.h>

/* What the values of one level are. */
typedef struct alphabet {
    int bits; /* 0 and 1 */
    int draws;
    double origin, width; /* the middle of cell 0, and from one to the next */
    int64_t first, last;
    const chance_table *table;
} alphabet;

static alphabet alphabet_of(const struct diffusion_coder *self, int32_t k, int draws)
{
    const coding_level *level = &self->chain.levels[k];
    alphabet of = {
        .draws = draws, .width = level->width, .first = -level->most, .last = level->most, .table = self->table};
    of.bits = !self->schedule->kernel.methods->additive;
    if (k == 0) {
        of.origin = -1.0;
        of.width = 2.0 / (double)(self->options.levels - 1);
        of.first = 0;
        of.last = self->options.levels - 1;
    }
    return of;
}

static int64_t cell_of(const alphabet *of, double value)
{
    return llround((value - of->origin) / of->width);
}

static double value_at(const alphabet *of, int64_t cell)
{
    return of->origin + of->width * (double)cell;
}

double symbols_middle(const struct diffusion_coder *self, double value)
{
    const alphabet data = alphabet_of(self, 0, 0);
    return data.bits ? value : value_at(&data, cell_of(&data, value));
}

/* ---- one value ---- */

static cell_law law_of(const alphabet *of, double mean, double variance)
{
    const double middle = (mean - of->origin) / of->width, scale = of->width / sqrt(variance);
    return of->draws ? cell_law_to_draw(of->table, middle, scale, of->first, of->last)
                     : cell_law_to_tell(of->table, middle, scale, of->first, of->last);
}

/* That of a 1 begins at 0. To tell, either must be possible. */
static symbol_range bit_range(const alphabet *of, int one, double rate)
{
    uint32_t share = (uint32_t)(rate * STACK_TOTAL + 0.5);
    if (!of->draws)
        share = share < 1 ? 1 : share > STACK_TOTAL - 1 ? STACK_TOTAL - 1 : share;
    return one ? (symbol_range){0, share} : (symbol_range){share, STACK_TOTAL - share};
}

static void push_value(symbol_stack *stack, const alphabet *of, double value, double mean, double variance)
{
    if (of->bits) {
        stack_push(stack, bit_range(of, value > 0.5, mean));
        return;
    }
    const cell_law at = law_of(of, mean, variance);
    cell_push(&at, stack, cell_of(of, value), of->first, of->last);
}

static double pop_value(symbol_stack *stack, const alphabet *of, double mean, double variance)
{
    if (of->bits) {
        const int one = stack_peek(stack) < bit_range(of, 1, mean).size;
        stack_pop(stack, bit_range(of, one, mean));
        return one;
    }
    const cell_law at = law_of(of, mean, variance);
    return value_at(of, cell_pop(&at, stack, of->first, of->last));
}

/* ---- a batch ---- */

static size_t index_of(const coding_run *run, size_t i, int back)
{
    return back ? run->rows * run->dim - 1 - i : i;
}

void symbols_push(coding_run *run, const double *values, int32_t k, int draws, int back)
{
    const alphabet of = alphabet_of(run->self, k, draws);
    for (size_t i = 0; i < run->rows * run->dim; i++) {
        const size_t at = index_of(run, i, back);
        push_value(run->stack, &of, values[at], run->mean[at], run->variance[at]);
    }
}

void symbols_pop(coding_run *run, double *values, int32_t k, int draws, int back)
{
    const alphabet of = alphabet_of(run->self, k, draws);
    for (size_t i = 0; i < run->rows * run->dim; i++) {
        const size_t at = index_of(run, i, back);
        values[at] = pop_value(run->stack, &of, run->mean[at], run->variance[at]);
    }
}
