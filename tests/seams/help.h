/* The library's help speaks of a toy. */
#ifndef SEAMS_HELP_H
#define SEAMS_HELP_H

#include "test.h"

static inline void assert_help(const char *topic, const char *words)
{
    static char text[65536];
    assert_ok(diffusion_help(topic, text, sizeof text, NULL));
    if (strstr(text, words) == NULL)
        fail_msg("help of %s lacks '%s':\n%s", topic, words, text);
}

#endif
