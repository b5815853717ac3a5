#include "base/error.h"

#include "base/c_locale.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char sentence[sizeof(kept_error)];
static _Thread_local unsigned sentences;

/* A NaN has a sign that means nothing, and formats show it. */
static void drop_sign_of_nan(char *text)
{
    for (char *at = text; (at = strstr(at, "-nan")) != NULL; at++)
        if (at > text && strchr("= ", at[-1]) != NULL && strchr(" ,;)", at[4]) != NULL)
            memmove(at, at + 1, strlen(at));
}

diffusion_status error_set(diffusion_status status, const char *format, ...)
{
    void *const host = c_locale_enter();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    c_locale_leave(host);
    sentences++;
    drop_sign_of_nan(sentence);
    utf8_mend(sentence);                      /* a caller's text may have been cut, and a file's name may be anything */
    for (char *c = sentence; *c != '\0'; c++) /* one line, whatever a file name or a user's text holds */
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return status;
}

diffusion_status error_within(diffusion_status status, const char *place)
{
    char said[sizeof sentence];
    memcpy(said, sentence, sizeof said);
    return status == DIFFUSION_OK ? status : error_set(status, "%s: %s", place, said);
}

unsigned error_count(void)
{
    return sentences;
}

diffusion_status error_of_callback(diffusion_status answer, const char *callback, unsigned before)
{
    char said[sizeof sentence];
    if (answer == DIFFUSION_OK)
        return answer;
    memcpy(said, sentence, sizeof said);
    return error_set(answer, "%s: stopped by the callback (%d)%s%s", callback, (int)answer,
                     sentences != before ? ": " : "", sentences != before ? said : "");
}

diffusion_status error_keep(kept_error *self, diffusion_status status)
{
    if (status != DIFFUSION_OK)
        memcpy(self->sentence, sentence, sizeof sentence);
    return status;
}

const char *diffusion_last_error(void)
{
    return sentence;
}

static const struct {
    diffusion_status status;
    const char *name;
} names[] = {
    {DIFFUSION_OK, "ok"},
    {DIFFUSION_E_ARGUMENT, "argument"},
    {DIFFUSION_E_SPEC, "spec"},
    {DIFFUSION_E_SHAPE, "shape"},
    {DIFFUSION_E_STEP, "step"},
    {DIFFUSION_E_KERNEL, "kernel"},
    {DIFFUSION_E_NAME, "name"},
    {DIFFUSION_E_STATE, "state"},
    {DIFFUSION_E_LABEL, "label"},
    {DIFFUSION_E_MEMORY, "memory"},
    {DIFFUSION_E_IO, "io"},
    {DIFFUSION_E_FORMAT, "format"},
    {DIFFUSION_E_CONTENT, "content"},
    {DIFFUSION_E_NONFINITE, "nonfinite"},
};

const char *diffusion_status_name(diffusion_status status)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == status)
            return names[i].name;
    return "callback";
}
