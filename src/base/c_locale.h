/* Numbers in specs, files and sentences have points, whatever the host's locale: this thread's is put aside meanwhile.
 */
#ifndef BASE_C_LOCALE_H
#define BASE_C_LOCALE_H

#include <locale.h>

typedef struct c_locale {
    locale_t plain, before;
} c_locale;

c_locale c_locale_enter(void);
void c_locale_leave(c_locale from);

#endif
