/* A host that writes 0,5. Its locale is compiled by localedef into the build folder (tests/CMakeLists.txt), so that
 * none need be installed. Windows has one of its own. */
#ifndef SUPPORT_COMMA_H
#define SUPPORT_COMMA_H

#include "test.h"

#include <locale.h>
#include <stdlib.h>

/* Until comma_leave(). Skips the test where there is no localedef. */
static inline void comma_enter(void)
{
    char half[8];
#if defined(_WIN32)
    const char *name = "German";
#else
    const char *name = "comma";
    assert_int_equal(setenv("LOCPATH", TEST_LOCALES, 1), 0);
#endif
    if (setlocale(LC_ALL, name) == NULL) {
        printf("skipped: localedef has made no locale in %s\n", TEST_LOCALES);
        skip();
    }
    snprintf(half, sizeof half, "%.1f", 0.5);
#if defined(__linux__) && !defined(__GLIBC__)
    if (strcmp(half, "0.5") == 0) {
        printf("skipped: every locale of musl has points\n");
        setlocale(LC_ALL, "C");
        skip();
    }
#endif
    assert_string_equal(half, "0,5");
}

static inline void comma_leave(void)
{
    setlocale(LC_ALL, "C");
}

#endif
