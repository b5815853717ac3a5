/* For truths in long double. */
#ifndef TESTS_LONG_DOUBLE_H
#define TESTS_LONG_DOUBLE_H

#include "test.h"

#include <float.h>

/* Where it is a plain double, as on 32-bit ARM and macOS, it has no digit that the code under test could have lost. */
static inline void need_long_double(void)
{
    if (LDBL_MANT_DIG > DBL_MANT_DIG)
        return;
    print_message("skipped: long double has no more digits than double here\n");
    skip();
}

#endif
