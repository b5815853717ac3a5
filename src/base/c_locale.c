#define _POSIX_C_SOURCE 200809L

#include "base/c_locale.h"

c_locale c_locale_enter(void)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return (c_locale){plain, plain != (locale_t)0 ? uselocale(plain) : (locale_t)0};
}

void c_locale_leave(c_locale from)
{
    if (from.before != (locale_t)0)
        uselocale(from.before);
    if (from.plain != (locale_t)0)
        freelocale(from.plain);
}
