/* Warnings on their way to the host's callback; silence without one. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <diffusion/runtime.h>

void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
