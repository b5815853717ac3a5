/* What every refusal of the library owes. */
#ifndef FUZZ_REFUSED_H
#define FUZZ_REFUSED_H

#include "fuzz.h"

#include <diffusion.h>
#include <string.h>

/* A code of the library's own, a handle untouched, and one sentence that holds `place`. Not for want of memory: limits
 * are set so low that whatever is let through fits. */
static inline void check_refused(diffusion_status status, const void *handle, const char *place)
{
    const char *sentence = diffusion_last_error();
    FUZZ_CHECK(status < 0 && handle == NULL);
    FUZZ_CHECK(strcmp(diffusion_status_name(status), "callback") != 0);
    FUZZ_CHECK(strlen(sentence) > 0 && strchr(sentence, '\n') == NULL);
    if (strstr(sentence, place) == NULL) {
        fprintf(stderr, "'%s' is not in: %s\n", place, sentence);
        abort();
    }
}

#endif
