/* Numbers in specs, files and sentences have points, whatever the host's locale: this thread's is put aside meanwhile.
 */
#ifndef BASE_C_LOCALE_H
#define BASE_C_LOCALE_H

#include <locale.h>

/* Returns what c_locale_leave() puts back. */
locale_t c_locale_enter(void);
void c_locale_leave(locale_t before);

#endif
