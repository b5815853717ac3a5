#include "format/foreign.h"

#include <string.h>

typedef struct foreign {
    size_t at;
    const char *bytes;
    size_t length;
    const char *what;
} foreign;

#define BEGINS(at, bytes, what)                                                                                        \
    {                                                                                                                  \
        at, bytes, sizeof bytes - 1, what                                                                              \
    }

static const char pickle[] =
    "a pickle file (as PyTorch's .pt, .pth, .ckpt and .bin are), which is never read: it could "
    "run any code";

static const char page[] = "a web page in place of the file: a download that failed";

static const foreign kinds[] = {
    BEGINS(0, "version https://git-lfs",
           "a pointer of Git LFS in place of the file: fetch the file itself (git lfs pull)"),
    BEGINS(0, "<!DOCTYPE", page),
    BEGINS(0, "<!doctype", page),
    BEGINS(0, "<html", page),
    BEGINS(0, "PK\3\4", "a zip archive (as PyTorch's .pt, .pth and .ckpt, Keras's .keras and NumPy's .npz are)"),
    BEGINS(0, "\x80\2", pickle),
    BEGINS(0, "\x80\3", pickle),
    BEGINS(0, "\x80\4", pickle),
    BEGINS(0, "\x80\5", pickle),
    BEGINS(0, "GGUF", "a GGUF file (llama.cpp)"),
    BEGINS(0, "\x89HDF", "an HDF5 file (as Keras's .h5 is)"),
    BEGINS(4, "TFL3", "a TensorFlow Lite file"),
    BEGINS(0, "\x1f\x8b", "a gzip file: decompress it"),
    BEGINS(0, "\x28\xb5\x2f\xfd", "a zstd file: decompress it"),
    BEGINS(0,
           "\xfd"
           "7zXZ",
           "an xz file: decompress it"),
    BEGINS(0, "BZh", "a bzip2 file: decompress it"),
    BEGINS(0, "7z\xbc\xaf", "a 7z archive"),
    BEGINS(257, "ustar", "a tar archive: extract it"),
    BEGINS(0, "\x93NUMPY", "a NumPy array, which is data and not a model"),
    BEGINS(0, "\x89PNG", "a PNG picture, which is data and not a model"),
    BEGINS(0, "\xff\xd8\xff", "a JPEG picture, which is data and not a model"),
};

/* Protocol buffers: an ir_version, then the producer's name or what else may come second. */
static int is_onnx(const unsigned char *head, size_t size)
{
    return size > 2 && head[0] == 0x08 && head[1] > 0 && head[1] < 0x20 &&
           memchr("\x12\x1a\x22\x3a\x42", head[2], 5) != NULL;
}

/* A map of at most 15 keys, the first a short text. */
static int is_msgpack(const unsigned char *head, size_t size)
{
    return size > 1 && head[0] > 0x80 && head[0] < 0x90 && head[1] >= 0xa1 && head[1] < 0xc0;
}

static int is_text(const unsigned char *head, size_t size)
{
    enum { ENOUGH = 64 };
    static const char mark[] = "\xef\xbb\xbf";
    size_t i = size >= 3 && memcmp(head, mark, 3) == 0 ? 3 : 0;
    for (; i < size && i < ENOUGH; i++)
        if ((head[i] < ' ' && memchr("\t\n\r", head[i], 3) == NULL) || head[i] > '~')
            return 0;
    return 1;
}

const char *foreign_kind(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (size >= kinds[i].at + kinds[i].length && memcmp(head + kinds[i].at, kinds[i].bytes, kinds[i].length) == 0)
            return kinds[i].what;
    if (is_onnx(head, size))
        return "an ONNX model";
    if (is_msgpack(head, size))
        return "a msgpack file (as Flax's weights are)";
    if (is_text(head, size))
        return head[0] == '{' ? "a JSON text: of a folder of diffusers, give the folder" : "a text";
    return NULL;
}
