/* The stack of symbols and the laws on cells: what goes on comes off, and costs what its chance says. */
#include "coding/cells.h"
#include "test.h"

#include <stdlib.h>

static uint32_t next(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u;
}

static void what_is_pushed_is_popped_and_costs_its_information(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static symbol_range ranges[COUNT];
    symbol_stack stack;
    uint32_t seed = 1;
    double bits = 0;
    stack_begin(&stack);
    assert_ok(stack_reserve(&stack, COUNT));
    for (size_t i = 0; i < COUNT; i++) { /* sizes of every order */
        const uint32_t size = (next(&seed) >> 4) % (STACK_TOTAL >> next(&seed) % 28) + 1;
        ranges[i] = (symbol_range){(uint32_t)((uint64_t)next(&seed) * (STACK_TOTAL - size + 1) >> 32), size};
        bits -= log2((double)size / STACK_TOTAL);
        stack_push(&stack, ranges[i]);
    }
    const double used = 32.0 * (double)stack.count + log2((double)stack.head) - 32.0;
    print_message("%.1f bits for %.1f\n", used, bits);
    assert_true(fabs(used / bits - 1.0) < 1e-4);
    stack.lends = 0;
    for (size_t i = COUNT; i-- > 0;) {
        assert_true(stack_peek(&stack) - ranges[i].start < ranges[i].size);
        stack_pop(&stack, ranges[i]);
    }
    assert_true(stack_is_empty(&stack) && stack.borrowed == 0);
    stack_release(&stack);
}

static void what_is_drawn_from_nothing_is_given_back(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    uint32_t drawn[COUNT];
    symbol_stack stack;
    stack_begin(&stack);
    for (size_t i = 0; i < COUNT; i++)
        drawn[i] = stack_pop_number(&stack, 20);
    assert_true(stack.borrowed == 62 || stack.borrowed == 63); /* 2000 bits */
    assert_ok(stack_reserve(&stack, COUNT));
    stack.lends = 0;
    for (size_t i = COUNT; i-- > 0;)
        stack_push_number(&stack, drawn[i], 20);
    assert_true(stack_is_empty(&stack));
    stack.words[3] ^= 1;
    assert_false(stack_is_empty(&stack));
    stack_release(&stack);
}

/* What a model that errs leaves is no chance: here the same number over and over. */
static void draws_are_by_chance_whatever_was_pushed(void **state)
{
    (void)state;
    enum { COUNT = 1000, KINDS = 16 };
    size_t of[KINDS] = {0};
    symbol_stack stack;
    stack_begin(&stack);
    assert_ok(stack_reserve(&stack, COUNT));
    for (size_t i = 0; i < COUNT; i++)
        stack_push_number(&stack, 0, 28);
    for (size_t i = 0; i < COUNT; i++)
        of[stack_pop_number(&stack, 4)]++;
    for (size_t i = 0; i < KINDS; i++) /* 62.5 +- 7.7 */
        assert_true(of[i] > 30 && of[i] < 95);
    stack_release(&stack);
}

/* The chances of all cells by popping every place would take too long: by where each cell lies. */
static void cells_have_the_masses_of_the_normal_law(void **state)
{
    (void)state;
    static const double middles[] = {0.0, 0.3, -7.49, 1000.0}, scales[] = {0.125, 0.5, 3.0, 1e9};
    static chance_table table;
    chance_table_fill(&table);
    for (size_t m = 0; m < 4; m++)
        for (size_t s = 0; s < 4; s++) {
            const cell_law law = cell_law_to_tell(&table, middles[m], scales[s], -200, 200);
            symbol_stack stack;
            double sum = 0;
            for (int64_t j = -200; j <= 200; j++) {
                const double below = ((double)j - 0.5 - middles[m]) * scales[s], above = below + scales[s];
                const double low = j > -200 ? erfc(-below / sqrt(2.0)) / 2.0 : 0.0;
                const double mass = (j < 200 ? erfc(-above / sqrt(2.0)) / 2.0 : 1.0) - low;
                /* As large as leaves the head its digits. */
                const uint64_t head = (uint64_t)(0x1p60 * fmin(fmax(mass, 1e-8), 0.9));
                stack_begin(&stack);
                stack.head = head;
                assert_ok(stack_reserve(&stack, 4));
                cell_push(&law, &stack, j, -200, 200);
                const double bits = 32.0 * (double)stack.count + log2((double)stack.head) - log2((double)head);
                if (mass > 1e-5)
                    assert_close(bits, -log2(mass), 2e-3, 2e-3);
                sum += exp2(-bits);
                stack.lends = 0;
                assert_int_equal(cell_pop(&law, &stack, -200, 200), j);
                assert_true(stack.head == head && stack.count == 0);
                stack_release(&stack);
            }
            assert_close(sum, 1.0, 1e-3, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_pushed_is_popped_and_costs_its_information),
        cmocka_unit_test(what_is_drawn_from_nothing_is_given_back),
        cmocka_unit_test(draws_are_by_chance_whatever_was_pushed),
        cmocka_unit_test(cells_have_the_masses_of_the_normal_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
