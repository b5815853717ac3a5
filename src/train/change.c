/* What may be another in mid-run: how far it goes, and how fast. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "train/trainer.h"

#include <string.h>

static const char *const changeable[] = {"rate", "decay", "steps", "batch"};

static int may_change(const spec_key *key)
{
    for (size_t i = 0; i < sizeof changeable / sizeof changeable[0]; i++)
        if (strcmp(key->name, changeable[i]) == 0)
            return 1;
    return 0;
}

/* The keys of `changes`, and of `spec` those that it lacks; NULL if memory runs out. */
static char *merge(const char *changes, const char *spec)
{
    const spec_grammar *grammar = trainer_grammar();
    text_buffer out = {0};
    text_append(&out, "%s", changes);
    for (size_t i = 0; i < grammar->key_count; i++) {
        const char *value;
        size_t length;
        const char *key = grammar->keys[i].name;
        if (!spec_find(changes, key, &value, &length) && spec_find(spec, key, &value, &length))
            text_append(&out, " %s=%.*s", key, (int)length, value);
    }
    return text_finish(&out);
}

/* A key that stays may be given with the value that it has. */
static diffusion_status check_changes(const char *before, const char *after)
{
    const spec_grammar *grammar = trainer_grammar();
    for (size_t i = 0; i < grammar->key_count; i++) {
        const spec_key *key = &grammar->keys[i];
        const char *old = "", *new = "";
        size_t old_length = 0, new_length = 0;
        spec_find(before, key->name, &old, &old_length);
        spec_find(after, key->name, &new, &new_length);
        if (!may_change(key) && (old_length != new_length || memcmp(old, new, old_length) != 0))
            return error_set(DIFFUSION_E_SPEC,
                             "trainer: %s=%.*s, but the run was begun with %s=%.*s, which cannot change any more; what "
                             "can is rate, decay, steps and batch",
                             key->name, (int)new_length, new, key->name, (int)old_length, old);
    }
    return DIFFUSION_OK;
}

diffusion_status trainer_change(struct diffusion_trainer *self, const char *changes)
{
    trainer_options next;
    char *merged = merge(changes, self->spec), *spec = NULL;
    if (merged == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = spec_parse(trainer_grammar(), merged, &next, NULL);
    if (status == DIFFUSION_OK)
        status = trainer_check_options(&next);
    if (status == DIFFUSION_OK && (spec = spec_format(trainer_grammar(), 0, &next)) == NULL)
        status = DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        status = check_changes(self->spec, spec);
    memory_release(merged);
    if (status != DIFFUSION_OK) {
        memory_release(spec);
        return status;
    }
    memory_release(self->spec);
    self->spec = spec;
    self->options = next;
    return DIFFUSION_OK;
}
