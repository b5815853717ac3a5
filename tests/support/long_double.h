/* For truths in long double. */
#ifndef TESTS_LONG_DOUBLE_H
#define TESTS_LONG_DOUBLE_H

#include "test.h"

#include <float.h>

/* Where it is a plain double, as on 32-bit ARM and macOS, or is computed as one, as under valgrind, it has no digit
 * that the code under test could have lost. */
static inline void need_long_double(void)
{
    const volatile long double one = 1.0L, least = LDBL_EPSILON;
    if (LDBL_MANT_DIG > DBL_MANT_DIG && one + least > one)
        return;
    print_message("skipped: long double has no more digits than double here\n");
    skip();
}

#endif
