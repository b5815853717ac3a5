/* What a recorded run of diffusers was made with, as its file says: its scheduler's class and options. For tests that
 * reach inside the library. */
#ifndef SUPPORT_SCHEDULER_OPTIONS_H
#define SUPPORT_SCHEDULER_OPTIONS_H

#include "format/json.h"
#include "format/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NULL for no text, or none that is options; json_release() releases it. */
static inline json_value *options_parse(const char *text)
{
    json_value *json = NULL;
    if (text != NULL && json_parse(&json, "options", "the options", text, strlen(text)) != DIFFUSION_OK)
        json = NULL;
    return json;
}

/* As scheduler_config.json would have them: the class is the source's last word that names a scheduler. NULL for a run
 * of something else; json_release() releases it. */
static inline json_value *scheduler_options(safetensors *file)
{
    const char *kept = safetensors_metadata(file, "config"), *source = safetensors_metadata(file, "source");
    const char *end = source != NULL ? strstr(source, "Scheduler") : NULL;
    json_value *options = options_parse(kept != NULL ? kept : safetensors_metadata(file, "options")), *named = NULL;
    size_t length = 0;
    while (end != NULL && end > source + length && end[-1 - (ptrdiff_t)length] != ' ')
        length++;
    const size_t printed = json_print(NULL, 0, options, 0), room = printed + length + 64;
    char *text = malloc(room);
    if (end != NULL && options != NULL && text != NULL) {
        const int begun = snprintf(text, room, "{\"_class_name\":\"%.*sScheduler\",", (int)length, end - length);
        json_print(text + begun - 1, room - (size_t)begun, options, 0);
        text[begun - 1] = ',';
        named = options_parse(text);
    }
    free(text);
    json_release(options);
    return named;
}

static inline const char *scheduler_variance(const json_value *options)
{
    const char *type = json_string(json_get(options, "variance_type"));
    return type != NULL ? type : "";
}

#endif
