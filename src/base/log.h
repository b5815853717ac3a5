/* Warnings on their way to the host's callback; silence without one. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/printf_like.h"

#include <diffusion/runtime.h>

/* NULL for silence. */
void log_listen(diffusion_log_fn *log, void *user);

void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
