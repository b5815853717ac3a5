#include "common/note.h"

#include "common/tame.h"
#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int quiet;

void note_quiet(int is_quiet)
{
    quiet = is_quiet;
}

static void put(const char *begin, const char *format, va_list arguments)
{
    char *text = text_format_list(format, arguments);
    tame(text);
    if (!quiet)
        fprintf(stderr, "%s%s\n", begin, text);
    free(text);
}

void note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put("diffusion: note: ", format, arguments);
    va_end(arguments);
}

void note_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put("", format, arguments);
    va_end(arguments);
}
