#include "interop/diffusers/names.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *now, *before;
} renamed[] = {
    {".to_q.", ".query."},
    {".to_k.", ".key."},
    {".to_v.", ".value."},
    {".to_out.0.", ".proj_attn."},
};

enum { RENAMED = sizeof renamed / sizeof renamed[0] };

/* `name` with `to` in the place of `from`; `name` itself if it lacks that. */
static const char *replace(diffusers_name *out, const char *name, const char *from, const char *to)
{
    const char *at = strstr(name, from);
    if (at == NULL)
        return name;
    snprintf(out->text, sizeof out->text, "%.*s%s%s", (int)(at - name), name, to, at + strlen(from));
    return out->text;
}

const char *diffusers_name_now(diffusers_name *out, const char *name)
{
    for (size_t i = 0; i < RENAMED; i++)
        if (strstr(name, renamed[i].before) != NULL)
            return replace(out, name, renamed[i].before, renamed[i].now);
    return name;
}

const char *diffusers_name_before(diffusers_name *out, const char *name)
{
    for (size_t i = 0; i < RENAMED; i++)
        if (strstr(name, renamed[i].now) != NULL)
            return replace(out, name, renamed[i].now, renamed[i].before);
    return NULL;
}
