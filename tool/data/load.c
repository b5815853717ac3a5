/* Finds out what a file is, and reads it whole. */
#define _POSIX_C_SOURCE 200809L

#include "data/dataset.h"
#include "data/image.h"

#include "common/fail.h"
#include "common/kind.h"
#include "common/overwrite.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HEAD = 4096 };

/* JSON, XML, ARFF: texts, but no tables. */
static int is_table(const data_file *file)
{
    int utf16 = data_begins(file, "\xff\xfe", 2) || data_begins(file, "\xfe\xff", 2); /* refused by its name */
    const char *start = file->bytes + (data_begins(file, "\xef\xbb\xbf", 3) ? 3 : 0);
    const char *first = start + strspn(start, " \t\r\n");
    int other = *first != '\0' && strchr("{[<@%", *first) != NULL;
    return utf16 || (kind_is_text(file->bytes, file->size < HEAD ? file->size : HEAD) && !other);
}

static _Noreturn void refuse(const data_file *file)
{
    const char *is = kind_name(file->bytes, file->size);
    fail("%s: unknown kind of data%s%s%s, expected .csv, .tsv, .txt, .npy, .npz, IDX or CIFAR-10's .bin (each also "
         ".gz), or a PNG, JPEG, PGM or PPM image or a folder of them",
         file->path, is != NULL ? " (" : "", is != NULL ? is : "", is != NULL ? ")" : "");
}

/* By name where the name tells, else by the first bytes. */
static void load_file(dataset *out, const data_file *file, const data_format *format)
{
    char *name = text_without(file->path, ".gz");
    int csv = text_ends_with(name, ".csv") || text_ends_with(name, ".tsv") || text_ends_with(name, ".txt");
    int npy = text_ends_with(name, ".npy"), npz = text_ends_with(name, ".npz");
    int idx = text_ends_with(name, "-ubyte") || text_ends_with(name, ".idx"), cifar = text_ends_with(name, ".bin");
    int told = csv || npy || npz || idx;
    free(name);
    npz = npz || (!told && data_begins(file, "PK\3\4", 4));
    if (format->array != NULL && !npz)
        fail("%s: array=%s chooses from a .npz archive, which this is not", file->path, format->array);
    const int is_picture = !told && image_knows(file);
    if (format->background != BACKGROUND_AUTO && !format->background_of_model && !is_picture)
        fail("%s: background=%s is for pictures, and this is none", file->path,
             image_background_names[format->background - BACKGROUND_WHITE]);
    if (format->resize[0] > 0 && !is_picture)
        fail("%s: resize=%lld,%lld is for pictures, and this is none", file->path, (long long)format->resize[0],
             (long long)format->resize[1]);
    if (format->drop != NULL && !csv && !is_table(file))
        fail("%s: drop=%s leaves out columns of a text file, which this is not", file->path, format->drop);
    if (csv)
        data_load_csv(out, file, format);
    else if (npy || (!told && data_begins(file, "\x93NUMPY", 6)))
        data_load_npy(out, file);
    else if (npz)
        data_load_npz(out, file, format->array);
    else if (idx || data_is_idx(file))
        data_load_idx(out, file);
    else if (image_knows(file))
        data_load_picture(out, file, format);
    else if (cifar)
        data_load_cifar(out, file);
    else if (is_table(file))
        data_load_csv(out, file, format);
    else
        refuse(file);
}

/* Bytes of 0 and 1 alone are bits, not two shades of black. */
static void take_bits(dataset *data)
{
    double most = 0;
    for (size_t i = 0; i < data->count * data->dim && most <= 1; i++)
        most = data->values[i] > most ? data->values[i] : most;
    if (data->bounded && most == 1)
        data->maximum = 1;
}

void data_load(dataset *out, const char *path, const data_format *format)
{
    struct stat about;
    *out = (dataset){0};
    overwrite_spare(path);
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        data_load_folder(out, path, format);
    } else {
        data_file file;
        data_read(&file, path);
        load_file(out, &file, format);
        free(file.bytes);
    }
    data_measure(out);
    take_bits(out);
}
