#include "base/spec_need.h"

#include "base/error.h"
#include "base/number.h"

#include <string.h>

/* The word that a key's help begins with, "key=value|value:", or "key:" for all but that key's default; its length
 * without the colon, 0 if the help begins otherwise. */
static size_t need_length(const char *help)
{
    const size_t length = strcspn(help, " ");
    return length > 0 && help[length - 1] == ':' ? length - 1 : 0;
}

static const spec_given *find(const spec_given *given, const char *name, size_t length)
{
    while (given->key != NULL && (strlen(given->key->name) != length || memcmp(given->key->name, name, length) != 0))
        given++;
    return given->key != NULL ? given : NULL;
}

static int is_standard(const spec_given *of)
{
    const char *standard = of->key->standard;
    return standard != NULL && number_text_is_same(of->value, of->length, standard, strlen(standard));
}

/* `values`: "value|value:". */
static int is_among(const spec_given *of, const char *values)
{
    const size_t length = strcspn(values, "|:");
    return number_text_is_same(of->value, of->length, values, length) ||
           (values[length] == '|' && is_among(of, values + length + 1));
}

static diffusion_status refuse(const char *object, const spec_given *of, const spec_given *with, const char *expected,
                               size_t length)
{
    const int shown = (int)(of->length < 80 ? of->length : 80), other = (int)(with->length < 80 ? with->length : 80);
    return error_set(DIFFUSION_E_SPEC, "%s: %s=%.*s plays no part with %s=%.*s%s%.*s", object, of->key->name, shown,
                     of->value, with->key->name, other, with->value, length > 0 ? ", expected " : "", (int)length,
                     expected);
}

static diffusion_status check(const char *object, const spec_given *of, const spec_given *given)
{
    const char *help = of->key->help;
    const size_t length = need_length(help), name_length = strcspn(help, "=:");
    const spec_given *with = length > 0 ? find(given, help, name_length) : NULL;
    if (with == NULL || is_standard(of))
        return DIFFUSION_OK;
    if (name_length == length)
        return is_standard(with) ? refuse(object, of, with, "", 0) : DIFFUSION_OK;
    return is_among(with, help + name_length + 1) ? DIFFUSION_OK : refuse(object, of, with, help, length);
}

diffusion_status spec_need_check(const char *object, const spec_given *given)
{
    diffusion_status status = DIFFUSION_OK;
    for (const spec_given *of = given; status == DIFFUSION_OK && of->key != NULL; of++)
        status = check(object, of, given);
    return status;
}
