/* Floats that show where memory was touched: NaN until they are written, and words behind them that nobody may write.
 * Public headers only. */
#ifndef SUPPORT_GUARD_H
#define SUPPORT_GUARD_H

#include "make.h"

enum { GUARD_WORDS = 64 };
static const float guard_word = 12345.5f;

/* Fills an array that a call is to leave alone. */
static inline void guard(float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = guard_word;
}

/* It was left alone. */
static inline void assert_untouched(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] != guard_word)
            fail_msg("float %zu of %zu was written: %g", i, count, (double)values[i]);
}

/* `count` floats with words behind them, which the caller frees by free(). */
static inline float *guarded(size_t count)
{
    float *values = malloc((count + GUARD_WORDS) * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = NAN;
    guard(values + count, GUARD_WORDS);
    return values;
}

/* Nothing was written behind them. */
static inline void assert_guard(const float *values, size_t count)
{
    for (size_t i = count; i < count + GUARD_WORDS; i++)
        if (values[i] != guard_word)
            fail_msg("float %zu behind %zu floats of memory was written: %g", i - count, count, (double)values[i]);
}

/* Each of them was written, and nothing behind them. */
static inline void assert_filled(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(values[i]))
            fail_msg("float %zu of %zu was not written, or is NaN", i, count);
    assert_guard(values, count);
}

static inline float *guarded_numbers(size_t count, uint32_t seed)
{
    float *values = guarded(count);
    make_numbers(values, count, seed);
    return values;
}

#endif
