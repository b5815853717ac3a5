/* Folders whose tensors are half as wide: every F16 and BF16 number comes out exactly as it is. */
#define _POSIX_C_SOURCE 200809L
#include "json.h"

#include "folder.h"
#include "model/model.h"

#include <sys/stat.h>

/* The bits of the next bfloat16 towards 0, and its value. */
static uint16_t to_bfloat(float value, float *kept)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= 0xffff0000u;
    memcpy(kept, &bits, sizeof bits);
    return (uint16_t)(bits >> 16);
}

/* IEEE 754 binary16 from its definition: 1.f 2^e with e >= -14, else f 2^-24. */
static uint16_t to_half(float value, float *kept)
{
    int exponent;
    double size = fabs((double)value), fraction = 2.0 * frexp(size, &exponent) - 1.0, held;
    uint32_t bits, ten;
    exponent--;
    if (size < ldexp(1.0, -14)) {
        bits = (uint32_t)ldexp(size, 24);
        held = ldexp((double)bits, -24);
    } else {
        ten = (uint32_t)(fraction * 1024.0);
        bits = (uint32_t)(exponent + 15) << 10 | ten;
        held = ldexp(1.0 + ten / 1024.0, exponent);
    }
    *kept = (float)copysign(held, (double)value);
    return (uint16_t)(bits | (signbit(value) ? 0x8000u : 0u));
}

typedef uint16_t convert(float value, float *kept);

static void write_halves(const char *path, const struct diffusion_model *model, const char *type, convert *to,
                         float *truth)
{
    size_t count = model_size(model), length, begin = 0;
    char *text = calloc(1, 128 * model->network->parameter_count + 2), *to_text = text;
    assert_non_null(text);
    for (size_t i = 0; i < model->network->parameter_count; i++) {
        const network_parameter *parameter = &model->network->parameters[i];
        to_text += sprintf(to_text, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", i > 0 ? "," : "{", parameter->name, type);
        for (size_t j = 0; j < parameter->rank; j++)
            to_text += sprintf(to_text, "%s%lld", j > 0 ? "," : "", (long long)parameter->shape[j]);
        to_text += sprintf(to_text, "],\"data_offsets\":[%zu,%zu]}", begin, begin + 2 * parameter->count);
        begin += 2 * parameter->count;
    }
    strcpy(to_text, "}");
    length = strlen(text);
    unsigned char *bytes = calloc(8 + length + 2 * count, 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)length >> (8 * i));
    memcpy(bytes + 8, text, length);
    unsigned char *at = bytes + 8 + length;
    for (size_t i = 0; i < model->network->parameter_count; i++) {
        const network_parameter *parameter = &model->network->parameters[i];
        for (size_t j = parameter->offset; j < parameter->offset + parameter->count; j++, at += 2) {
            uint16_t half = to(model->parameters[j], &truth[j]);
            at[0] = (unsigned char)half;
            at[1] = (unsigned char)(half >> 8);
        }
    }
    folder_write(path, bytes, (size_t)(at - bytes));
    free(bytes);
    free(text);
}

static void narrow_tensors_are_read_exactly(void **state)
{
    (void)state;
    static const char source[] = TEST_GOLDEN "/unet/scale_shift";
    diffusion_model *model = NULL, *loaded = NULL;
    size_t size;
    assert_ok(diffusion_model_load(&model, source));
    unsigned char *config = folder_read(TEST_GOLDEN "/unet/scale_shift/config.json", &size);
    float *truth = calloc(model_size(model), sizeof *truth);
    assert_non_null(truth);
    assert_int_equal(mkdir("halves", 0700), 0);
    folder_write("halves/config.json", config, size);
    for (int i = 0; i < 2; i++) {
        write_halves("halves/diffusion_pytorch_model.safetensors", model, i == 0 ? "F16" : "BF16",
                     i == 0 ? to_half : to_bfloat, truth);
        assert_ok(diffusion_model_load(&loaded, "halves"));
        for (size_t j = 0; j < model_size(model); j++)
            if (loaded->parameters[j] != truth[j])
                fail_msg("parameter %zu is %.9g, truth %.9g", j, (double)loaded->parameters[j], (double)truth[j]);
        diffusion_model_free(loaded);
        loaded = NULL;
    }
    remove("halves/config.json");
    remove("halves/diffusion_pytorch_model.safetensors");
    assert_int_equal(rmdir("halves"), 0);
    diffusion_model_free(model);
    free(truth);
    free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(narrow_tensors_are_read_exactly)};
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
