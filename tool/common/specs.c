#include "common/specs.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

static const char white[] = " \t\r\n";

/* The pair "key=…" within the spec, NULL if there is none; *length is that of the whole pair. */
static const char *find(const char *spec, const char *key, size_t key_length, size_t *length)
{
    for (spec += strspn(spec, white); *spec != '\0'; spec += strspn(spec, white)) {
        *length = strcspn(spec, white);
        if (*length > key_length && spec[key_length] == '=' && memcmp(spec, key, key_length) == 0)
            return spec;
        spec += *length;
    }
    return NULL;
}

char *spec_value(const char *spec, const char *key)
{
    size_t length;
    const char *pair = find(spec, key, strlen(key), &length);
    if (pair == NULL)
        return NULL;
    return text_format("%.*s", (int)(length - strlen(key) - 1), pair + strlen(key) + 1);
}

char *spec_complete(const char *spec, const char *standards)
{
    char *out = text_format("%s", spec);
    for (standards += strspn(standards, white); *standards != '\0'; standards += strspn(standards, white)) {
        size_t length = strcspn(standards, white), found;
        if (find(spec, standards, strcspn(standards, "="), &found) == NULL)
            text_append(&out, "%s%.*s", *out != '\0' ? " " : "", (int)length, standards);
        standards += length;
    }
    return out;
}

char *spec_replace(const char *spec, const char *key, const char *value)
{
    size_t length;
    const char *pair = find(spec, key, strlen(key), &length);
    if (pair == NULL)
        return text_format("%s%s%s=%s", spec, *spec != '\0' ? " " : "", key, value);
    return text_format("%.*s%s=%s%s", (int)(pair - spec), spec, key, value, pair + length);
}

int spec_is(const char *spec, const char *key, const char *first, const char *second)
{
    char *value = spec_value(spec, key);
    int is = value != NULL && (strcmp(value, first) == 0 || strcmp(value, second) == 0);
    free(value);
    return is;
}

int spec_is_binomial(const char *schedule_spec)
{
    char *kernel = spec_value(schedule_spec, "kernel");
    int binomial = kernel != NULL && strcmp(kernel, "binomial") == 0;
    free(kernel);
    return binomial;
}
