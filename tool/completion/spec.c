#include "completion/spec.h"

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_",
                  kind_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_+-";

/* A line of the help. */
typedef struct line {
    const char *text;
    size_t length, indent;
} line;

static int next_line(line *out, const char **text)
{
    if (**text == '\0')
        return 0;
    out->text = *text;
    out->length = strcspn(*text, "\n");
    out->indent = strspn(*text, " ");
    *text += out->length + ((*text)[out->length] == '\n');
    return 1;
}

/* A kind stands at the margin, alone on its line; other words there head the keys that all kinds have. */
static int is_kind(const line *of)
{
    return of->indent == 0 && of->length > 0 && strspn(of->text, kind_characters) == of->length;
}

static void offer(const char *before, const char *word, size_t length, const char *after, const char *typed)
{
    if (strncmp(word, typed, strlen(typed) < length ? strlen(typed) : length) == 0 && strlen(typed) <= length)
        printf("%s%.*s%s\n", before, (int)length, word, after);
}

static void offer_kinds(const char *help, const char *typed)
{
    line now;
    while (next_line(&now, &help))
        if (is_kind(&now))
            offer("", now.text, now.length, "", typed);
}

/* The values of "key=one|two|PATH (default …)": those that are words. */
static void offer_values(const char *before, const char *values, const char *end, const char *typed)
{
    const char *stop = values;
    while (stop < end && *stop != ' ')
        stop++;
    if (memchr(values, '|', (size_t)(stop - values)) == NULL)
        return;
    while (values < stop) {
        const size_t length = strcspn(values, "| \n");
        const size_t word = strspn(values, name_characters);
        if (word == length)
            offer(before, values, length, "", typed);
        values += length + 1;
    }
}

static int is_given(const char *before, const char *key, size_t length)
{
    for (const char *at = before; (at = strstr(at, key)) != NULL; at++)
        if ((at == before || at[-1] == ' ') && strspn(at, name_characters) >= length && at[length] == '=')
            return 1;
    return 0;
}

/* All keys of a line: it may have two, "first=index (default 0), count=number". */
static void offer_keys(const line *of, const char *before, const char *typed)
{
    const char *at = of->text + of->indent, *end = of->text + of->length, *equals = strchr(typed, '=');
    while (at != NULL && at < end) {
        const size_t length = strspn(at, name_characters);
        char *key = text_format("%.*s", (int)length, at), *whole = text_format("%s%s=", before, key);
        if (length > 0 && at[length] == '=') {
            if (equals == NULL && !is_given(before, key, length))
                offer(before, at, length, "=", typed);
            else if (equals != NULL && (size_t)(equals - typed) == length && strncmp(typed, at, length) == 0)
                offer_values(whole, at + length + 1, end, equals + 1);
        }
        free(key);
        free(whole);
        at = strstr(at, "), ");
        at = at != NULL && at < end ? at + 3 : NULL;
    }
}

void complete_spec(const char *help, const char *kind, const char *spec)
{
    const char *last = strrchr(spec, ' ');
    char *before = text_format("%.*s", last != NULL ? (int)(last + 1 - spec) : 0, spec);
    const char *typed = last != NULL ? last + 1 : spec;
    if (kind == NULL && last == NULL) {
        offer_kinds(help, typed);
    } else {
        const size_t length = kind != NULL ? strlen(kind) : strcspn(spec, " ");
        const char *wanted = kind != NULL ? kind : spec;
        int ours = 1;
        line now;
        while (next_line(&now, &help)) {
            if (now.indent == 0 && now.length > 0)
                ours = !is_kind(&now) || (now.length == length && strncmp(now.text, wanted, length) == 0);
            if (ours && now.indent == 4)
                offer_keys(&now, before, typed);
        }
    }
    free(before);
}
