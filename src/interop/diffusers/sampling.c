#include "interop/diffusers/sampling.h"

#include "base/memory.h"
#include "base/number.h"
#include "sample/options.h"

#include <stdio.h>
#include <string.h>

/* ---- what a sampler's keys are by default ---- */

static const spec_key *find_key(const spec_key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

/* Of the kind that a spec begins with. */
static const spec_key *key_of(const char *spec, const char *name)
{
    const spec_grammar *grammar = sampler_grammar();
    const size_t length = strcspn(spec, " ");
    const spec_key *key = NULL;
    const spec_kind *kind;
    for (size_t i = 0; (kind = grammar->kind_at(i)) != NULL; i++)
        if (strlen(kind->name) == length && memcmp(kind->name, spec, length) == 0)
            key = find_key(kind->keys, kind->key_count, name);
    return key != NULL ? key : find_key(grammar->keys, grammar->key_count, name);
}

static void append(sampling *of, const char *key, const char *value, size_t length)
{
    const spec_key *found = of->spec->bytes != NULL ? key_of(of->spec->bytes, key) : NULL;
    if (found != NULL && !number_text_is_same(value, length, found->standard, strlen(found->standard)))
        text_append(of->spec, " %s=%.*s", key, (int)length, value);
}

/* ---- words of both, "theirs=ours|theirs=ours" ---- */

typedef struct word_pair {
    const char *theirs, *ours;
    size_t theirs_length, ours_length;
} word_pair;

/* The pair that a text begins with; the one after it, NULL at the end. */
static const char *next_pair(word_pair *out, const char *words)
{
    const size_t theirs = strcspn(words, "="), ours = strcspn(words + theirs, "|");
    *out = (word_pair){words, words + theirs + 1, theirs, ours - 1};
    return words[theirs + ours] == '|' ? words + theirs + ours + 1 : NULL;
}

/* true, false, or a text. */
static int says(const json_value *value, const char *word, size_t length)
{
    const char *text = json_is(value, JSON_TRUE)                                 ? "true"
                       : json_is(value, JSON_FALSE) || json_is(value, JSON_NULL) ? "false"
                                                                                 : json_string(value);
    return text != NULL && strlen(text) == length && memcmp(text, word, length) == 0;
}

static void refuse_word(sampling *of, const scheduler_option *option, const json_value *value)
{
    text_buffer list = {0};
    word_pair pair;
    const int is_flag = strncmp(option->words, "true", 4) == 0 || strncmp(option->words, "false", 5) == 0;
    for (const char *at = option->words; at != NULL;) {
        const char *quote = is_flag ? "" : "\"";
        const int first = at == option->words;
        at = next_pair(&pair, at);
        text_append(&list, "%s%s%.*s%s", first ? "" : " or ", quote, (int)pair.theirs_length, pair.theirs, quote);
    }
    char *text = text_finish(&list);
    config_refuse(of->from, option->key, value, "%s", text != NULL ? text : "another");
    memory_release(text);
}

static void read_words(sampling *of, const scheduler_option *option)
{
    const json_value *value = json_get(of->from->json, option->key);
    word_pair pair;
    for (const char *at = option->words; at != NULL;) {
        at = next_pair(&pair, at);
        if (!says(value, pair.theirs, pair.theirs_length))
            continue;
        if (option->ours != NULL)
            append(of, option->ours, pair.ours, pair.ours_length);
        return;
    }
    refuse_word(of, option, value);
}

static void read_number(sampling *of, const scheduler_option *option)
{
    const spec_key *key = of->spec->bytes != NULL ? key_of(of->spec->bytes, option->ours) : NULL;
    char text[NUMBER_SIZE];
    if (key == NULL)
        return; /* memory has run out */
    number_format_real(text, (double)config_integer(of->from, option->key, 0, (int64_t)key->min, (int64_t)key->max));
    append(of, option->ours, text, strlen(text));
}

static void write_words(writing *to, const scheduler_option *option, const char *value, size_t length)
{
    word_pair pair;
    for (const char *at = option->words; at != NULL;) {
        at = next_pair(&pair, at);
        const int is_flag = strncmp(pair.theirs, "true", 4) == 0 || strncmp(pair.theirs, "false", 5) == 0;
        if (pair.ours_length == length && memcmp(pair.ours, value, length) == 0) {
            writing_put(to, option->key, is_flag ? "%.*s" : "\"%.*s\"", (int)pair.theirs_length, pair.theirs);
            return;
        }
    }
    writing_refuse(to, option->ours, value, length, "one that the scheduler's option has a word for");
}

/* ---- the whole ---- */

static void append_kind(sampling *of, const scheduler_class *class)
{
    const char *algorithm = json_string(json_get(of->from->json, "algorithm_type"));
    if (strchr(class->kinds, '|') == NULL) {
        text_append(of->spec, "%s", class->kinds);
        return;
    }
    if (algorithm != NULL && strcmp(algorithm, "deis") == 0) /* of a configuration that was made of DEIS's */
        algorithm = "dpmsolver++";
    if (algorithm != NULL && scheduler_class_has_kind(class, algorithm, strlen(algorithm)))
        text_append(of->spec, "%s", algorithm);
    else
        config_refuse(of->from, "algorithm_type", json_get(of->from->json, "algorithm_type"), "one of %s",
                      class->kinds);
}

static void append_fixed(sampling *of, const char *fixed)
{
    while (*fixed != '\0') {
        const size_t key = strcspn(fixed, "="), value = strcspn(fixed + key, " ");
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)key, fixed);
        append(of, name, fixed + key + 1, value - 1);
        fixed += key + value;
        fixed += *fixed == ' ';
    }
}

void sampling_read(sampling *of, const scheduler_class *class)
{
    append_kind(of, class);
    append_fixed(of, class->fixed);
    for (size_t i = 0; i < SCHEDULER_PARTS && class->parts[i] != NULL; i++)
        class->parts[i]->read(of);
    for (const scheduler_option *option = class->options; option->key != NULL; option++) {
        if (option->words != NULL)
            read_words(of, option);
        else if (option->ours != NULL)
            read_number(of, option);
    }
}

void sampling_write(describing *of, const scheduler_class *class)
{
    const char *value = "";
    size_t length = 0;
    if (strchr(class->kinds, '|') != NULL)
        writing_put(of->to, "algorithm_type", "\"%.*s\"", (int)strcspn(of->to->spec, " "), of->to->spec);
    for (const scheduler_option *option = class->options; option->key != NULL; option++) {
        if (option->ours == NULL || !spec_find(of->to->spec, option->ours, &value, &length))
            continue;
        if (option->words != NULL)
            write_words(of->to, option, value, length);
        else
            writing_put(of->to, option->key, "%.*s", (int)length, value);
    }
    for (size_t i = 0; i < SCHEDULER_PARTS && class->parts[i] != NULL; i++)
        if (class->parts[i]->write != NULL)
            class->parts[i]->write(of);
}
