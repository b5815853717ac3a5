/* JSON for tests of configurations, which may reach inside the library. */
#ifndef SUPPORT_JSON_H
#define SUPPORT_JSON_H

#include "golden.h"

#include "format/document.h"

static inline json_value *json_of(const char *text)
{
    json_value *json = NULL;
    assert_ok(document_parse(&json, "here", "the text", text, strlen(text)));
    return json;
}

static inline json_value *json_golden(const char *name)
{
    json_value *json = NULL;
    assert_ok(document_read(&json, golden(name)));
    return json;
}

/* A copy with one key set to what the text says, or without it where that is NULL. */
static inline json_value *json_with(const json_value *from, const char *key, const char *text)
{
    size_t capacity = json_print(NULL, 0, from, 0) + (text != NULL ? strlen(key) + strlen(text) : 0) + 8;
    char *made = malloc(capacity), *to = made;
    assert_non_null(made);
    *to++ = '{';
    for (const json_value *value = json_first(from); value != NULL; value = json_next(from, value)) {
        if (strcmp(json_key(value), key) == 0)
            continue;
        to += sprintf(to, "%s\"%s\":", to > made + 1 ? "," : "", json_key(value));
        to += json_print(to, capacity - (size_t)(to - made), value, 0);
    }
    if (text != NULL)
        to += sprintf(to, "%s\"%s\":%s", to > made + 1 ? "," : "", key, text);
    strcpy(to, "}");
    json_value *json = json_of(made);
    free(made);
    return json;
}

/* The same values, objects in whatever order; 1 and 1.0 are different. */
static inline int json_equal(const json_value *a, const json_value *b)
{
    double x, y;
    if (a == NULL || b == NULL || a->kind != b->kind || a->size != b->size)
        return 0;
    if (json_is(a, JSON_STRING) || json_is(a, JSON_NOT_FINITE))
        return strcmp(a->text, b->text) == 0;
    if (json_real(&x, a))
        return json_real(&y, b) && x == y;
    const json_value *other = json_is(a, JSON_ARRAY) ? json_first(b) : NULL;
    for (const json_value *value = json_first(a); value != NULL; value = json_next(a, value)) {
        if (!json_equal(value, json_is(a, JSON_ARRAY) ? other : json_get(b, json_key(value))))
            return 0;
        other = other != NULL ? json_next(b, other) : NULL;
    }
    return 1;
}

/* Equal to the last key and digit; prints both where not. */
static inline void assert_json_equal(const json_value *got, const json_value *truth)
{
    static char text[2][1 << 16];
    if (json_equal(got, truth))
        return;
    json_print(text[0], sizeof text[0], got, 1);
    json_print(text[1], sizeof text[1], truth, 1);
    print_error("got %s\nexpected %s\n", text[0], text[1]);
    fail();
}

#endif
