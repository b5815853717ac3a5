#include <diffusion/runtime.h>

#include "base/error.h"
#include "base/memory.h"
#include "coding/options.h"
#include "evaluate/evaluator.h"
#include "model/options.h"
#include "process/schedule.h"
#include "sample/options.h"
#include "train/options.h"

#include <string.h>

/* Each returns a text that memory_release() releases, or NULL with the sentence set. */
static const struct {
    const char *name;
    char *(*text)(void);
} topics[] = {
    {"schedule", schedule_help}, {"model", model_help},         {"trainer", trainer_help},
    {"sampler", sampler_help},   {"evaluator", evaluator_help}, {"coder", coder_help},
};

enum { TOPICS = sizeof topics / sizeof topics[0] };

static diffusion_status unknown(const char *topic)
{
    char list[128] = "";
    for (size_t i = 0; i < TOPICS; i++) {
        strncat(list, i > 0 ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, topics[i].name, sizeof list - strlen(list) - 1);
    }
    return error_set(DIFFUSION_E_NAME, "help: unknown topic '%.80s', expected one of %s", topic, list);
}

static void copy(char *text, size_t capacity, size_t *needed, const char *whole)
{
    size_t length = strlen(whole);
    if (needed != NULL)
        *needed = length + 1;
    if (capacity == 0)
        return;
    size_t kept = length < capacity ? length : capacity - 1;
    memcpy(text, whole, kept);
    text[kept] = '\0';
}

diffusion_status diffusion_help(const char *topic, char *text, size_t capacity, size_t *needed)
{
    ERROR_IF_NULL("help", topic);
    if (capacity > 0)
        ERROR_IF_NULL("help", text);
    size_t which = 0;
    while (which < TOPICS && strcmp(topic, topics[which].name) != 0)
        which++;
    if (which == TOPICS)
        return unknown(topic);
    char *whole = topics[which].text();
    if (whole == NULL)
        return DIFFUSION_E_MEMORY;
    copy(text, capacity, needed, whole);
    memory_release(whole);
    return DIFFUSION_OK;
}
