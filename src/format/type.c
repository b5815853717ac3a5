/* The types of elements. Newer writers know 8-bit and smaller floats too: those are refused by name. */
#include "format/header.h"

#include "base/error.h"
#include "format/document.h"

#include <string.h>

/* The spelling is exact: upper case, no spaces. */
static const struct {
    const char *name;
    size_t size;
} types[] = {
    [SAFETENSORS_BOOL] = {"BOOL", 1}, [SAFETENSORS_U8] = {"U8", 1},   [SAFETENSORS_I8] = {"I8", 1},
    [SAFETENSORS_U16] = {"U16", 2},   [SAFETENSORS_I16] = {"I16", 2}, [SAFETENSORS_F16] = {"F16", 2},
    [SAFETENSORS_BF16] = {"BF16", 2}, [SAFETENSORS_U32] = {"U32", 4}, [SAFETENSORS_I32] = {"I32", 4},
    [SAFETENSORS_F32] = {"F32", 4},   [SAFETENSORS_U64] = {"U64", 8}, [SAFETENSORS_I64] = {"I64", 8},
    [SAFETENSORS_F64] = {"F64", 8},
};

const char *safetensors_type_name(safetensors_type type)
{
    return types[type].name;
}

size_t safetensors_type_size(safetensors_type type)
{
    return types[type].size;
}

diffusion_status safetensors_type_parse(safetensors_type *type, const char *path, const char *tensor,
                                        const json_value *name)
{
    for (size_t i = 0; json_string(name) != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, json_string(name)) == 0) {
            *type = (safetensors_type)i;
            return DIFFUSION_OK;
        }
    char shown[DOCUMENT_SHOWN];
    return error_set(DIFFUSION_E_FORMAT,
                     "%s: tensor '%s': dtype is %s, expected one of "
                     "BOOL, U8, I8, U16, I16, F16, BF16, U32, I32, F32, U64, I64, F64",
                     path, tensor, document_show(shown, name));
}
