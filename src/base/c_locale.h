/* Numbers in specs, files and sentences have points, whatever the host's locale: this thread's is put aside meanwhile.
 */
#ifndef BASE_C_LOCALE_H
#define BASE_C_LOCALE_H

/* Returns what c_locale_leave() puts back. */
void *c_locale_enter(void);
void c_locale_leave(void *before);

#endif
