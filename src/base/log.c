#include "base/log.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
    diffusion_log_fn *log;
    void *user;
} listener;

void log_listen(diffusion_log_fn *log, void *user)
{
    listener.log = log;
    listener.user = user;
}

void log_warning(const char *format, ...)
{
    if (listener.log == NULL)
        return;
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    utf8_mend(message);
    listener.log("warning", message, listener.user);
}
