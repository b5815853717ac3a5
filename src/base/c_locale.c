#define _POSIX_C_SOURCE 200809L

#include "base/c_locale.h"

#include <locale.h>
#include <pthread.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

/* Made once and kept: to make one takes a lock of the C library, which a child would find locked if it was forked
 * meanwhile. */
static locale_t plain;

static void make(void)
{
    plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

void *c_locale_enter(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make);
    return plain != (locale_t)0 ? uselocale(plain) : (locale_t)0;
}

void c_locale_leave(void *before)
{
    if (before != NULL)
        uselocale(before);
}
