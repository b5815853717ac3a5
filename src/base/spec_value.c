#include "base/spec_value.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

static void *field(const spec_key *key, void *options)
{
    return (char *)options + key->offset;
}

static const void *const_field(const spec_key *key, const void *options)
{
    return (const char *)options + key->offset;
}

/* "0.1..1", or "> 0"-like forms where one end is open: what a value of this key may be. */
static void describe_range(text_buffer *out, const spec_key *key)
{
    char low[NUMBER_SIZE], high[NUMBER_SIZE];
    number_format_real(low, key->min);
    number_format_real(high, key->max);
    if (isinf(key->min) && isinf(key->max))
        text_append(out, "any");
    else if (isinf(key->max))
        text_append(out, "at least %s", low);
    else
        text_append(out, "%s..%s", low, high);
}

static void describe(text_buffer *out, const spec_key *key)
{
    switch (key->type) {
    case SPEC_INTEGER:
        text_append(out, "a whole number ");
        describe_range(out, key);
        break;
    case SPEC_REAL:
        text_append(out, "a number ");
        describe_range(out, key);
        break;
    case SPEC_UNSIGNED:
        text_append(out, "a whole number 0..2^64-1");
        break;
    case SPEC_CHOICE:
        text_append(out, "%s", key->choices);
        break;
    case SPEC_REALS:
        text_append(out, "comma-separated numbers, each ");
        describe_range(out, key);
        break;
    case SPEC_SHAPE:
        text_append(out, "1 to %d comma-separated sizes, each ", SPEC_RANK);
        describe_range(out, key);
        break;
    }
}

static diffusion_status refuse(const char *object, const spec_key *key, const char *value, size_t length)
{
    text_buffer expected = {0};
    describe(&expected, key);
    char *sentence = text_finish(&expected);
    if (sentence == NULL)
        return DIFFUSION_E_MEMORY;
    diffusion_status status = error_set(DIFFUSION_E_SPEC, "%s: %s=%.*s, expected %s", object, key->name,
                                        (int)(length < 80 ? length : 80), value, sentence);
    memory_release(sentence);
    return status;
}

/* A name such as "fixed_small" in "fixed_small|fixed_large"; -1 if it is not there. */
static int32_t choice_index(const char *choices, const char *value, size_t length)
{
    int32_t index = 0;
    for (const char *name = choices;; index++) {
        size_t name_length = strcspn(name, "|");
        if (name_length == length && memcmp(name, value, length) == 0)
            return index;
        if (name[name_length] == '\0')
            return -1;
        name += name_length + 1;
    }
}

static int in_range(const spec_key *key, double value)
{
    return value >= key->min && value <= key->max;
}

static size_t count_items(const char *value, size_t length)
{
    size_t count = 1;
    for (size_t i = 0; i < length; i++)
        count += value[i] == ',';
    return count;
}

static size_t item_length(const char *value, const char *end)
{
    const char *comma = memchr(value, ',', (size_t)(end - value));
    return (size_t)((comma != NULL ? comma : end) - value);
}

static diffusion_status parse_reals(const char *object, const spec_key *key, const char *value, size_t length,
                                    spec_reals *list)
{
    if (length == 0 && key->standard != NULL && key->standard[0] == '\0')
        return DIFFUSION_OK;
    const char *end = value + length;
    list->values = memory_allocate(count_items(value, length), sizeof *list->values);
    if (list->values == NULL)
        return DIFFUSION_E_MEMORY;
    for (const char *item = value; item <= end; item += item_length(item, end) + 1) {
        double *real = &list->values[list->count++];
        if (!number_parse_real(real, item, item_length(item, end)) || !in_range(key, *real))
            return refuse(object, key, item, item_length(item, end));
    }
    return DIFFUSION_OK;
}

static diffusion_status parse_shape(const char *object, const spec_key *key, const char *value, size_t length,
                                    spec_shape *shape)
{
    const char *end = value + length;
    if (count_items(value, length) > SPEC_RANK)
        return refuse(object, key, value, length);
    for (const char *item = value; item <= end; item += item_length(item, end) + 1) {
        int64_t *size = &shape->size[shape->rank++];
        if (!number_parse_integer(size, item, item_length(item, end)) || !in_range(key, (double)*size))
            return refuse(object, key, value, length);
    }
    return DIFFUSION_OK;
}

diffusion_status spec_value_parse(const char *object, const spec_key *key, const char *value, size_t length,
                                  void *options)
{
    void *to = field(key, options);
    int good = 1;
    switch (key->type) {
    case SPEC_INTEGER:
        good = number_parse_integer(to, value, length) && in_range(key, (double)*(int64_t *)to);
        break;
    case SPEC_REAL:
        good = number_parse_real(to, value, length) && in_range(key, *(double *)to);
        break;
    case SPEC_UNSIGNED:
        good = number_parse_unsigned(to, value, length);
        break;
    case SPEC_CHOICE:
        *(int32_t *)to = choice_index(key->choices, value, length);
        good = *(int32_t *)to >= 0;
        break;
    case SPEC_REALS:
        return parse_reals(object, key, value, length, to);
    case SPEC_SHAPE:
        return parse_shape(object, key, value, length, to);
    }
    return good ? DIFFUSION_OK : refuse(object, key, value, length);
}

static void format_choice(text_buffer *out, const char *choices, int32_t index)
{
    while (index-- > 0)
        choices += strcspn(choices, "|") + 1;
    text_append(out, "%.*s", (int)strcspn(choices, "|"), choices);
}

static void format_real(text_buffer *out, double value)
{
    char number[NUMBER_SIZE];
    number_format_real(number, value);
    text_append(out, "%s", number);
}

void spec_value_format(text_buffer *out, const spec_key *key, const void *options)
{
    const void *from = const_field(key, options);
    const spec_reals *list = from;
    const spec_shape *shape = from;
    switch (key->type) {
    case SPEC_INTEGER:
        text_append(out, "%lld", (long long)*(const int64_t *)from);
        break;
    case SPEC_REAL:
        format_real(out, *(const double *)from);
        break;
    case SPEC_UNSIGNED:
        text_append(out, "%llu", (unsigned long long)*(const uint64_t *)from);
        break;
    case SPEC_CHOICE:
        format_choice(out, key->choices, *(const int32_t *)from);
        break;
    case SPEC_REALS:
        for (size_t i = 0; i < list->count; i++) {
            text_append(out, "%s", i > 0 ? "," : "");
            format_real(out, list->values[i]);
        }
        break;
    case SPEC_SHAPE:
        for (size_t i = 0; i < shape->rank; i++)
            text_append(out, "%s%lld", i > 0 ? "," : "", (long long)shape->size[i]);
        break;
    }
}

void spec_value_help(text_buffer *out, const spec_key *key)
{
    text_append(out, "    %s=", key->name);
    describe(out, key);
    if (key->standard == NULL)
        text_append(out, " (must be given)");
    else if (key->standard[0] != '\0')
        text_append(out, " (default %s)", key->standard);
    text_append(out, "\n        %s\n", key->help);
}

int spec_value_is_empty(const spec_key *key, const void *options)
{
    if (key->type == SPEC_REALS)
        return ((const spec_reals *)const_field(key, options))->count == 0;
    if (key->type == SPEC_SHAPE)
        return ((const spec_shape *)const_field(key, options))->rank == 0;
    return 0;
}

void spec_value_clear(const spec_key *key, void *options)
{
    if (key->type == SPEC_REALS)
        *(spec_reals *)field(key, options) = (spec_reals){NULL, 0};
    if (key->type == SPEC_SHAPE)
        *(spec_shape *)field(key, options) = (spec_shape){{0}, 0};
}

void spec_value_release(const spec_key *key, void *options)
{
    if (key->type == SPEC_REALS) {
        memory_release(((spec_reals *)field(key, options))->values);
        spec_value_clear(key, options);
    }
}
