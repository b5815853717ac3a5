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

/* The values of a key in both. */
typedef struct values {
    const char *old, *new;
    size_t old_length, new_length;
} values;

static values values_of(const spec_key *key, const char *before, const char *after)
{
    values of = {"", "", 0, 0};
    spec_find(before, key->name, &of.old, &of.old_length);
    spec_find(after, key->name, &of.new, &of.new_length);
    return of;
}

static int are_same(const values *of)
{
    return of->old_length == of->new_length && memcmp(of->old, of->new, of->old_length) == 0;
}

int trainer_is_same_run(const char *a, const char *b)
{
    const spec_grammar *grammar = trainer_grammar();
    for (size_t i = 0; i < grammar->key_count; i++) {
        const values of = values_of(&grammar->keys[i], a, b);
        if (!may_change(&grammar->keys[i]) && !are_same(&of))
            return 0;
    }
    return 1;
}

/* A key that stays may be given with the value that it has. */
static diffusion_status check_changes(const char *before, const char *after)
{
    const spec_grammar *grammar = trainer_grammar();
    for (size_t i = 0; i < grammar->key_count; i++) {
        const spec_key *key = &grammar->keys[i];
        const values of = values_of(key, before, after);
        if (!may_change(key) && !are_same(&of))
            return error_set(DIFFUSION_E_SPEC,
                             "trainer: %s=%.*s, but the run was begun with %s=%.*s, which cannot change any more; what "
                             "can is rate, decay, steps and batch",
                             key->name, (int)of.new_length, of.new, key->name, (int)of.old_length, of.old);
    }
    return DIFFUSION_OK;
}

diffusion_status trainer_change(struct diffusion_trainer *self, const char *changes)
{
    trainer_options next;
    char *merged = merge(changes, self->spec), *spec = NULL;
    if (merged == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = spec_parse_stored(trainer_grammar(), merged, &next, NULL);
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
