#include "base/c_locale.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

typedef struct host_locale {
    int mode; /* whether the thread has a locale of its own */
    char numbers[256];
} host_locale;

/* Nothing to put back where numbers have points already, as they have until a program asks for another locale. */
void *c_locale_enter(void)
{
    static _Thread_local host_locale host;
    const char *numbers = setlocale(LC_NUMERIC, NULL);
    if (numbers == NULL || strcmp(numbers, "C") == 0)
        return NULL;
    snprintf(host.numbers, sizeof host.numbers, "%s", numbers);
    host.mode = _configthreadlocale(_ENABLE_PER_THREAD_LOCALE);
    setlocale(LC_NUMERIC, "C");
    return &host;
}

void c_locale_leave(void *before)
{
    const host_locale *host = before;
    if (host == NULL)
        return;
    setlocale(LC_NUMERIC, host->numbers);
    if (host->mode == _DISABLE_PER_THREAD_LOCALE)
        _configthreadlocale(_DISABLE_PER_THREAD_LOCALE);
}
