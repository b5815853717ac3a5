#include "interop/diffusers/writing.h"

#include "base/error.h"
#include "base/number.h"
#include "base/spec.h"

#include <string.h>

writing writing_begin(const char *template, const char *spec)
{
    writing to = {json_loads(template, 0, NULL), spec, DIFFUSION_OK};
    return to;
}

void writing_put(writing *to, const char *key, json_t *value)
{
    if (json_object_set_new(to->json, key, value) != 0 && to->status == DIFFUSION_OK)
        to->status = error_set(DIFFUSION_E_MEMORY, "model_save_diffusers: no memory for '%s'", key);
}

diffusion_status writing_finish(json_t **out, writing *from)
{
    if (from->status == DIFFUSION_OK && from->json == NULL)
        from->status = error_set(DIFFUSION_E_MEMORY, "model_save_diffusers: no memory for a configuration");
    if (from->status == DIFFUSION_OK)
        *out = from->json;
    else
        json_decref(from->json);
    return from->status;
}

void writing_refuse(writing *to, const char *key, const char *value, size_t length, const char *expected)
{
    if (to->status == DIFFUSION_OK)
        to->status = error_set(DIFFUSION_E_SPEC, "model_save_diffusers: %s=%.*s, expected %s", key,
                               (int)(length < 80 ? length : 80), value, expected);
}

double writing_number(writing *to, const char *key)
{
    const char *value = "";
    size_t length = 0;
    double number = 0.0;
    if (!spec_find(to->spec, key, &value, &length) || !number_parse_real(&number, value, length))
        writing_refuse(to, key, value, length, "a number");
    return number;
}

int writing_says(const writing *to, const char *key, const char *word)
{
    const char *value;
    size_t length;
    return spec_find(to->spec, key, &value, &length) && length == strlen(word) && memcmp(value, word, length) == 0;
}

size_t writing_numbers(writing *to, const char *key, int64_t *numbers, size_t capacity)
{
    const char *value = "";
    size_t length = 0, count = 0;
    int good = spec_find(to->spec, key, &value, &length);
    for (size_t at = 0; good && at <= length && count < capacity; count++) {
        size_t item = 0;
        while (at + item < length && value[at + item] != ',')
            item++;
        good = number_parse_integer(&numbers[count], value + at, item);
        at += item + 1;
        if (at > length)
            return good ? count + 1 : 0;
    }
    writing_refuse(to, key, value, length, "a short list of whole numbers");
    return 0;
}
