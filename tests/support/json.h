/* JSON for tests of configurations, which may reach inside the library. */
#ifndef SUPPORT_JSON_H
#define SUPPORT_JSON_H

#include "golden.h"

#include "format/document.h"

static inline json_t *json_of(const char *text)
{
    json_t *json = NULL;
    assert_ok(document_parse(&json, "here", "the text", text, strlen(text)));
    return json;
}

static inline json_t *json_golden(const char *name)
{
    json_t *json = NULL;
    assert_ok(document_read(&json, golden(name)));
    return json;
}

/* A copy with one key set to what the text says, or without it where that is NULL. */
static inline json_t *json_with(const json_t *from, const char *key, const char *text)
{
    json_t *copy = json_deep_copy(from);
    if (text == NULL)
        json_object_del(copy, key);
    else
        assert_int_equal(json_object_set_new(copy, key, json_loads(text, JSON_DECODE_ANY, NULL)), 0);
    return copy;
}

/* Equal to the last key and digit, 1 and 1.0 being different; prints both where not. */
static inline void assert_json_equal(const json_t *got, const json_t *truth)
{
    if (json_equal(got, truth))
        return;
    char *a = json_dumps(got, JSON_INDENT(1)), *b = json_dumps(truth, JSON_INDENT(1));
    print_error("got %s\nexpected %s\n", a, b);
    free(a);
    free(b);
    fail();
}

#endif
