/* Behind a declaration: has the compiler hold arguments against their format, as printf() reads it. */
#ifndef BASE_PRINTF_LIKE_H
#define BASE_PRINTF_LIKE_H

#include <stdio.h>

#if defined(__MINGW_PRINTF_FORMAT) /* Windows has an older printf() beside C99's, which the library uses */
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(__MINGW_PRINTF_FORMAT, format_at, first_at)))
#else
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#endif

#endif
