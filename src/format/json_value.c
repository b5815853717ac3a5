/* What a parsed value holds. */
#include "format/json.h"

#include "base/number.h"

#include <string.h>

int json_is(const json_value *value, json_kind kind)
{
    return value != NULL && value->kind == kind;
}

const char *json_string(const json_value *value)
{
    return json_is(value, JSON_STRING) ? value->text : NULL;
}

int json_integer(int64_t *out, const json_value *value)
{
    return json_is(value, JSON_INTEGER) && number_parse_integer(out, value->text, strlen(value->text));
}

int json_real(double *out, const json_value *value)
{
    return (json_is(value, JSON_REAL) || json_is(value, JSON_INTEGER)) &&
           number_parse_real(out, value->text, strlen(value->text));
}

const json_value *json_first(const json_value *of)
{
    if ((!json_is(of, JSON_ARRAY) && !json_is(of, JSON_OBJECT)) || of->size == 1)
        return NULL;
    return of->kind == JSON_OBJECT ? of + 2 : of + 1;
}

const json_value *json_next(const json_value *of, const json_value *item)
{
    const json_value *next = item + item->size;
    if (next == of + of->size)
        return NULL;
    return of->kind == JSON_OBJECT ? next + 1 : next;
}

const char *json_key(const json_value *item)
{
    return item[-1].text;
}

size_t json_count(const json_value *array)
{
    size_t count = 0;
    if (json_is(array, JSON_ARRAY))
        for (const json_value *item = json_first(array); item != NULL; item = json_next(array, item))
            count++;
    return count;
}

const json_value *json_item(const json_value *array, size_t index)
{
    const json_value *item = json_is(array, JSON_ARRAY) ? json_first(array) : NULL;
    while (item != NULL && index-- > 0)
        item = json_next(array, item);
    return item;
}

const json_value *json_get(const json_value *object, const char *key)
{
    const json_value *value = json_is(object, JSON_OBJECT) ? json_first(object) : NULL;
    while (value != NULL && strcmp(json_key(value), key) != 0)
        value = json_next(object, value);
    return value;
}
