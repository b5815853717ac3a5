#include "interop/diffusers/config.h"

#include "base/c_locale.h"
#include "base/error.h"
#include "format/document.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_EXACT 9007199254740992.0 /* up to here a double holds every whole number */

void config_refuse(config *from, const char *key, const json_value *value, const char *format, ...)
{
    char shown[DOCUMENT_SHOWN], expected[256];
    va_list arguments;
    if (from->status != DIFFUSION_OK)
        return;
    void *const host = c_locale_enter();
    va_start(arguments, format);
    vsnprintf(expected, sizeof expected, format, arguments);
    va_end(arguments);
    c_locale_leave(host);
    from->status = error_set(DIFFUSION_E_CONTENT, "%s: %.80s=%s, expected %s", from->path, key,
                             document_show(shown, value), expected);
}

int config_is_null(const config *from, const char *key)
{
    const json_value *value = json_get(from->json, key);
    return value == NULL || json_is(value, JSON_NULL);
}

int config_whole(int64_t *out, const json_value *value)
{
    double real;
    if (json_integer(out, value))
        return 1;
    if (!json_real(&real, value) || real != floor(real) || fabs(real) > MOST_EXACT)
        return 0;
    *out = (int64_t)real;
    return 1;
}

int64_t config_integer(config *from, const char *key, int64_t standard, int64_t least, int64_t most)
{
    const json_value *value = json_get(from->json, key);
    if (value == NULL)
        return standard;
    int64_t number;
    if (config_whole(&number, value) && number >= least && number <= most)
        return number;
    config_refuse(from, key, value, "a whole number %lld..%lld", (long long)least, (long long)most);
    return standard;
}

/* JSON has no infinity, and the parser refuses what overflows. */
double config_real(config *from, const char *key, double standard, double least, double most)
{
    const json_value *value = json_get(from->json, key);
    if (value == NULL)
        return standard;
    double number;
    if (json_real(&number, value) && number >= least && number <= most)
        return number;
    config_refuse(from, key, value, "a number %g..%g", least, most);
    return standard;
}

int config_flag(config *from, const char *key, int standard)
{
    const json_value *value = json_get(from->json, key);
    if (value == NULL)
        return standard;
    if (!json_is(value, JSON_TRUE) && !json_is(value, JSON_FALSE) && !json_is(value, JSON_NULL))
        config_refuse(from, key, value, "true or false");
    return json_is(value, JSON_TRUE);
}

int config_choice(config *from, const char *key, const char *const *choices, int standard)
{
    const json_value *value = json_get(from->json, key);
    char list[192] = "";
    size_t used = 0;
    if (value == NULL && standard >= 0)
        return standard;
    for (int i = 0; choices[i] != NULL; i++) {
        if (json_is(value, JSON_STRING) && strcmp(json_string(value), choices[i]) == 0)
            return i;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s\"%s\"", i > 0 ? " or " : "", choices[i]);
    }
    config_refuse(from, key, value, "%s", list);
    return standard >= 0 ? standard : 0;
}

/* Whether `values`, alternatives with | between them, has this text. */
static int is_among(const char *values, const char *text)
{
    size_t length = strlen(text);
    for (const char *at = values; at != NULL; at = strchr(at, '|')) {
        at += *at == '|';
        if (strcspn(at, "|") == length && memcmp(at, text, length) == 0)
            return 1;
    }
    return 0;
}

void config_check_plain(config *from, const config_plain *table, size_t count)
{
    char shown[DOCUMENT_SHOWN];
    for (size_t i = 0; i < count; i++) {
        const json_value *value = json_get(from->json, table[i].key);
        if (value != NULL && !is_among(table[i].values, document_show(shown, value)))
            config_refuse(from, table[i].key, value, "%.*s (nothing else is supported)",
                          (int)strcspn(table[i].values, "|"), table[i].values);
    }
}

static int is_in(const char *key, const char *const *list)
{
    for (; list != NULL && *list != NULL; list++)
        if (strcmp(key, *list) == 0)
            return 1;
    return 0;
}

static int is_in_table(const char *key, const config_plain *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(key, table[i].key) == 0)
            return 1;
    return 0;
}

int config_is_noted(const json_value *value, const char *const *known, const config_plain *table, size_t count)
{
    const char *key = json_key(value);
    return key[0] == '_' || json_is(value, JSON_NULL) || json_is(value, JSON_FALSE) || is_in(key, known) ||
           is_in_table(key, table, count);
}

void config_check_known(config *from, const char *const *known, const config_plain *table, size_t count)
{
    for (const json_value *value = json_first(from->json); value != NULL; value = json_next(from->json, value))
        if (!config_is_noted(value, known, table, count))
            config_refuse(from, json_key(value), value, "no such option");
}
