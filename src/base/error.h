/* The sentence of the last failure, per thread. Set where the fault is known; on the way up it only learns the file. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <diffusion/status.h>

/* Formats the sentence and returns `status`, so that a failure is one line: return error_set(code, "...", ...). */
diffusion_status error_set(diffusion_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "place: " before the sentence of a failure that `status` is; leaves it alone on success. */
diffusion_status error_within(diffusion_status status, const char *place);

/* A callback's answer: 0, or what stopped the call, and the sentence then says so. `before` is error_count() of before
 * the callback: where a call of the library failed in it, that sentence stands behind. */
unsigned error_count(void);
diffusion_status error_of_callback(diffusion_status answer, const char *callback, unsigned before);

/* A handle's own copy of the sentence, for hosts whose calls go from thread to thread. */
typedef struct kept_error {
    char sentence[1024];
} kept_error;

/* Copies the sentence where `status` is a failure, and returns it. */
diffusion_status error_keep(kept_error *self, diffusion_status status);

/* The check at every public door: a pointer that must not be NULL. */
#define ERROR_IF_NULL(function, argument)                                                                              \
    do {                                                                                                               \
        if ((argument) == NULL)                                                                                        \
            return error_set(DIFFUSION_E_ARGUMENT, "%s: %s is NULL", function, #argument);                             \
    } while (0)

#endif
