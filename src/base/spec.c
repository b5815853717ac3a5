#include "base/spec.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/spec_need.h"
#include "base/spec_value.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 64 }; /* keys that one kind may have; a static table cannot outgrow it unnoticed: see key_at() */

typedef struct token {
    const char *start;
    size_t length;
} token;

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next run without white space; length 0 at the end. */
static token next_token(const char **text)
{
    while (is_space(**text))
        (*text)++;
    token found = {*text, 0};
    while (**text != '\0' && !is_space(**text)) {
        (*text)++;
        found.length++;
    }
    return found;
}

static int token_is(token word, const char *name)
{
    return strlen(name) == word.length && memcmp(name, word.start, word.length) == 0;
}

/* The keys of a kind, its own first, then those of every kind; NULL past the end. */
static const spec_key *key_at(const spec_grammar *grammar, size_t kind, size_t index)
{
    const spec_kind *of = grammar->kind_at != NULL ? grammar->kind_at(kind) : NULL;
    size_t own = of != NULL ? of->key_count : 0;
    if (index < own)
        return &of->keys[index];
    return index - own < grammar->key_count && index < KEYS_MAX ? &grammar->keys[index - own] : NULL;
}

/* "label 'x', did you mean 'y'? (a, b, c)" for a word that is no name. */
static diffusion_status unknown(const spec_grammar *grammar, const char *what, token word, const char *const *names,
                                size_t count)
{
    char list[640] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", names[i]);
    const char *nearest = nearest_name(word.start, word.length, names, count);
    int shown = (int)(word.length < 80 ? word.length : 80);
    if (nearest != NULL)
        return error_set(DIFFUSION_E_SPEC, "%s: unknown %s '%.*s', did you mean '%s'? (it is one of %s)",
                         grammar->object, what, shown, word.start, nearest, list);
    return error_set(DIFFUSION_E_SPEC, "%s: unknown %s '%.*s', expected one of %s", grammar->object, what, shown,
                     word.start, list);
}

static diffusion_status parse_kind(const spec_grammar *grammar, const char **text, size_t *kind)
{
    *kind = 0;
    if (grammar->kind_at == NULL)
        return DIFFUSION_OK;
    const char *names[KEYS_MAX];
    size_t count = 0;
    token word = next_token(text);
    for (const spec_kind *of; count < KEYS_MAX && (of = grammar->kind_at(count)) != NULL; count++) {
        names[count] = of->name;
        if (token_is(word, of->name)) {
            *kind = count;
            return DIFFUSION_OK;
        }
    }
    if (word.length == 0)
        return error_set(DIFFUSION_E_SPEC, "%s: the spec is empty, expected a kind such as '%s'", grammar->object,
                         names[0]);
    return unknown(grammar, "kind", word, names, count);
}

static diffusion_status find_key(const spec_grammar *grammar, size_t kind, token word, size_t *index)
{
    const char *names[KEYS_MAX];
    size_t count = 0;
    for (const spec_key *key; (key = key_at(grammar, kind, count)) != NULL; count++) {
        names[count] = key->name;
        if (token_is(word, key->name)) {
            *index = count;
            return DIFFUSION_OK;
        }
    }
    return unknown(grammar, "key", word, names, count);
}

static diffusion_status parse_pair(const spec_grammar *grammar, size_t kind, token pair, void *options,
                                   spec_given *given)
{
    const char *equals = memchr(pair.start, '=', pair.length);
    if (equals == NULL)
        return error_set(DIFFUSION_E_SPEC, "%s: '%.*s' is not of the form key=value", grammar->object,
                         (int)(pair.length < 80 ? pair.length : 80), pair.start);
    token name = {pair.start, (size_t)(equals - pair.start)};
    size_t index = 0;
    diffusion_status status = find_key(grammar, kind, name, &index);
    if (status != DIFFUSION_OK)
        return status;
    const spec_key *key = key_at(grammar, kind, index);
    if (given[index].key != NULL)
        return error_set(DIFFUSION_E_SPEC, "%s: key '%s' is given twice", grammar->object, key->name);
    given[index] = (spec_given){key, equals + 1, pair.length - name.length - 1};
    return spec_value_parse(grammar->object, key, given[index].value, given[index].length, options);
}

/* Before parsing, so that spec_release() is safe at any point of it. */
static void clear_lists(const spec_grammar *grammar, size_t kind, void *options)
{
    const spec_key *key;
    for (size_t i = 0; (key = key_at(grammar, kind, i)) != NULL; i++)
        spec_value_clear(key, options);
}

static diffusion_status fill_standards(const spec_grammar *grammar, size_t kind, void *options, spec_given *given)
{
    const spec_key *key;
    for (size_t i = 0; (key = key_at(grammar, kind, i)) != NULL; i++) {
        if (given[i].key != NULL)
            continue;
        if (key->standard == NULL)
            return error_set(DIFFUSION_E_SPEC, "%s: key '%s' is missing (%s)", grammar->object, key->name, key->help);
        given[i] = (spec_given){key, key->standard, strlen(key->standard)};
        diffusion_status status = spec_value_parse(grammar->object, key, key->standard, given[i].length, options);
        if (status != DIFFUSION_OK)
            return status;
    }
    return DIFFUSION_OK;
}

static diffusion_status parse(const spec_grammar *grammar, const char *text, void *options, size_t *kind, int is_stored)
{
    spec_given given[KEYS_MAX + 1] = {{0}}; /* key by key; the last has none */
    size_t found;
    if (text == NULL)
        text = "";
    diffusion_status status = parse_kind(grammar, &text, &found);
    if (status != DIFFUSION_OK)
        return status;
    clear_lists(grammar, found, options);
    for (token pair; status == DIFFUSION_OK && (pair = next_token(&text)).length > 0;)
        status = parse_pair(grammar, found, pair, options, given);
    if (status == DIFFUSION_OK)
        status = fill_standards(grammar, found, options, given);
    if (status == DIFFUSION_OK && !is_stored)
        status = spec_need_check(grammar->object, given);
    if (status != DIFFUSION_OK)
        spec_release(grammar, found, options);
    else if (kind != NULL)
        *kind = found;
    return status;
}

diffusion_status spec_parse(const spec_grammar *grammar, const char *text, void *options, size_t *kind)
{
    return parse(grammar, text, options, kind, 0);
}

diffusion_status spec_parse_stored(const spec_grammar *grammar, const char *text, void *options, size_t *kind)
{
    return parse(grammar, text, options, kind, 1);
}

void spec_release(const spec_grammar *grammar, size_t kind, void *options)
{
    const spec_key *key;
    for (size_t i = 0; (key = key_at(grammar, kind, i)) != NULL; i++)
        spec_value_release(key, options);
}

char *spec_format(const spec_grammar *grammar, size_t kind, const void *options)
{
    text_buffer out = {0};
    const char *separator = "";
    if (grammar->kind_at != NULL) {
        text_append(&out, "%s", grammar->kind_at(kind)->name);
        separator = " ";
    }
    const spec_key *key;
    for (size_t i = 0; (key = key_at(grammar, kind, i)) != NULL; i++) {
        if (spec_value_is_empty(key, options))
            continue;
        text_append(&out, "%s%s=", separator, key->name);
        spec_value_format(&out, key, options);
        separator = " ";
    }
    return text_finish(&out);
}

int spec_find(const char *text, const char *key, const char **value, size_t *length)
{
    size_t key_length = strlen(key);
    for (token word; (word = next_token(&text)).length > 0;)
        if (word.length > key_length && word.start[key_length] == '=' && memcmp(word.start, key, key_length) == 0) {
            *value = word.start + key_length + 1;
            *length = word.length - key_length - 1;
            return 1;
        }
    return 0;
}

static void help_keys(text_buffer *out, const spec_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        spec_value_help(out, &keys[i]);
}

char *spec_help(const spec_grammar *grammar)
{
    text_buffer out = {0};
    size_t count = 0;
    for (const spec_kind *kind; grammar->kind_at != NULL && (kind = grammar->kind_at(count)) != NULL; count++) {
        text_append(&out, "%s\n    %s\n", kind->name, kind->help);
        help_keys(&out, kind->keys, kind->key_count);
        text_append(&out, "\n");
    }
    if (grammar->key_count > 0)
        text_append(&out, count > 1 ? "Keys of every kind\n" : "Keys\n");
    help_keys(&out, grammar->keys, grammar->key_count);
    return text_finish(&out);
}
