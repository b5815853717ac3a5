/* Finds out what a file is, and reads it whole. */
#define _POSIX_C_SOURCE 200809L

#include "data/bytes.h"
#include "data/dataset.h"
#include "data/image.h"

#include "common/fail.h"
#include "common/overwrite.h"
#include "common/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* By name where the name tells, else by the first bytes. */
static void load_file(dataset *out, const char *path, header_line header)
{
    char *name = text_without(path, ".gz");
    int csv = text_ends_with(name, ".csv") || text_ends_with(name, ".tsv") || text_ends_with(name, ".txt");
    int npy = text_ends_with(name, ".npy");
    int idx = text_ends_with(name, "-ubyte") || text_ends_with(name, ".idx");
    int cifar = text_ends_with(name, ".bin"), picture = 0, archive = 0;
    free(name);
    if (!csv && !npy && !idx) {
        size_t size;
        char *bytes = data_bytes(path, &size);
        npy = size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
        idx = size >= 4 && memcmp(bytes, "\0\0\x08", 3) == 0;
        archive = size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;
        picture = image_knows(bytes, size);
        cifar = cifar && !npy && !idx && !picture;
        free(bytes);
    }
    if (archive)
        fail("%s: a zip archive, as .npz is; extract its .npy files", path);
    if (csv)
        data_load_csv(out, path, header);
    else if (npy)
        data_load_npy(out, path);
    else if (idx)
        data_load_idx(out, path);
    else if (picture)
        data_load_picture(out, path);
    else if (cifar)
        data_load_cifar(out, path);
    else
        fail("%s: unknown kind of data, expected .csv, .tsv, .txt, .npy, IDX or CIFAR-10's .bin (each also .gz), or a "
             "PNG, JPEG, "
             "PGM or PPM image or a folder of them",
             path);
}

void data_load(dataset *out, const char *path, header_line header)
{
    struct stat about;
    if (stat(path, &about) != 0)
        fail("%s: cannot open: %s", path, strerror(errno));
    overwrite_spare(path);
    *out = (dataset){0};
    if (S_ISDIR(about.st_mode))
        data_load_folder(out, path);
    else
        load_file(out, path, header);
    data_measure(out);
}
