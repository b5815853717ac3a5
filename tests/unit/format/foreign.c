/* Files of other systems are called by their names, and no sound file is taken for one. */
#define _POSIX_C_SOURCE 200809L
#include "test.h"

#include "format/safetensors.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE = 600 };

typedef struct head {
    size_t at;
    const char *bytes;
    size_t length;
    const char *sentence;
} head;

#define HEAD(at, bytes, sentence)                                                                                      \
    {                                                                                                                  \
        at, bytes, sizeof bytes - 1, sentence                                                                          \
    }

static void each_kind_is_named(void **state)
{
    (void)state;
    static const head heads[] = {
        HEAD(0,
             "\x80\x02\x8a\nl\xfc\x9c"
             "F\xf9 j\xa8P\x19.",
             "a pickle file (as PyTorch's .pt, .pth, .ckpt and .bin are), which"),
        HEAD(0, "\x80\4\x95\x10\0\0\0\0\0\0\0}", "a pickle file"),
        HEAD(0, "\x80\5\x95", "a pickle file"),
        HEAD(0, "PK\3\4\24\0\0\0\0\0", "a zip archive (as PyTorch's .pt"),
        HEAD(0, "GGUF\3\0\0\0\x0a", "a GGUF file"),
        HEAD(0, "\x89HDF\r\n\x1a\n", "an HDF5 file"),
        HEAD(0, "\x08\x07\x12\x07pytorch", "an ONNX model"),
        HEAD(0, "\x1c\0\0\0TFL3", "a TensorFlow Lite file"),
        HEAD(0, "\x81\xa6params\x82", "a msgpack file"),
        HEAD(0, "\x1f\x8b\x08\0\0\0\0\0", "a gzip file: decompress it"),
        HEAD(0, "\x28\xb5\x2f\xfd\4\0\0\0", "a zstd file"),
        HEAD(257, "ustar", "a tar archive"),
        HEAD(0, "\x93NUMPY\1\0", "a NumPy array, which is data"),
        HEAD(0, "\x89PNG\r\n\x1a\n", "a PNG picture"),
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        unsigned char bytes[SIZE] = {0};
        safetensors *file = NULL;
        memcpy(bytes + heads[i].at, heads[i].bytes, heads[i].length);
        assert_refused(safetensors_open_memory(&file, bytes, SIZE), DIFFUSION_E_FORMAT, heads[i].sentence);
        assert_non_null(strstr(diffusion_last_error(), "; expected a safetensors file"));
    }
}

static void each_text_is_named(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS in place of the file"},
        {"<!DOCTYPE html><html></html>", "a web page in place of the file"},
        {"{\"_class_name\": \"UNet2DModel\"}", "a JSON text: of a folder of diffusers, give the folder"},
        {"a,b,c\n1,2,3\n", "a text; expected"},
        {"\xef\xbb\xbf{\"a\": 1}", "a text; expected"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        safetensors *file = NULL;
        assert_refused(safetensors_open_memory(&file, texts[i][0], strlen(texts[i][0])), DIFFUSION_E_FORMAT,
                       texts[i][1]);
    }
}

/* A header may be of any length, also of one whose bytes are another kind's mark. */
static void a_sound_header_is_no_other_kind(void **state)
{
    (void)state;
    static const size_t lengths[] = {0x120708, 0x1a0801, 0x280, 0xa181, 0x8b1f};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        safetensors *file = NULL;
        unsigned char *bytes = malloc(8 + lengths[i]);
        assert_non_null(bytes);
        for (size_t j = 0; j < 8; j++)
            bytes[j] = (unsigned char)((uint64_t)lengths[i] >> (8 * j));
        memset(bytes + 8, ' ', lengths[i]);
        memcpy(bytes + 8, "{}", 2);
        assert_ok(safetensors_open_memory(&file, bytes, 8 + lengths[i]));
        safetensors_close(file);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_named),
        cmocka_unit_test(each_text_is_named),
        cmocka_unit_test(a_sound_header_is_no_other_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
