/* NumPy's archives: a zip file of .npy files, packed or not. */
#include "data/dataset.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

static zip_t *open_archive(const data_file *file)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(file->bytes, file->size, 0, &error);
    zip_t *archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (archive == NULL)
        fail("%s: damaged .npz archive (%s)", file->path, zip_error_strerror(&error));
    zip_error_fini(&error);
    return archive;
}

/* The name of array i: that of the member without its ending; NULL if it is none. Freed by free(). */
static char *array_name(zip_t *archive, zip_uint64_t i)
{
    const char *name = zip_get_name(archive, i, ZIP_FL_ENC_GUESS);
    return name != NULL && text_ends_with(name, ".npy") ? text_without(name, ".npy") : NULL;
}

/* Its index, and its name in *name; `wanted` NULL: the only one. */
static zip_uint64_t find_array(zip_t *archive, const data_file *file, const char *wanted, char **name)
{
    zip_int64_t entries = zip_get_num_entries(archive, 0);
    zip_uint64_t found = 0;
    size_t count = 0, matches = 0;
    char *names = text_format("%s", "");
    *name = NULL;
    for (zip_int64_t i = 0; i < entries; i++) {
        char *own = array_name(archive, (zip_uint64_t)i);
        if (own == NULL)
            continue;
        text_append(&names, "%s%s", count++ > 0 ? ", " : "", own);
        if (wanted == NULL || strcmp(own, wanted) == 0) {
            matches++;
            found = (zip_uint64_t)i;
            free(*name);
            *name = own;
        } else {
            free(own);
        }
    }
    if (count == 0)
        fail("%s: a zip archive that holds no .npy arrays", file->path);
    if (matches == 0)
        fail("%s: holds no array '%s', but %s", file->path, wanted, names);
    if (matches > 1 && wanted == NULL)
        fail("%s: holds %zu arrays, %s: say which is the data by --data array=NAME (and labels=array:NAME)", file->path,
             count, names);
    if (matches > 1)
        fail("%s: holds %zu arrays of the name '%s'", file->path, matches, wanted);
    free(names);
    return found;
}

static void unpack(data_file *out, zip_t *archive, zip_uint64_t index)
{
    size_t capacity = 0;
    zip_int64_t got = -1;
    zip_file_t *member = zip_fopen_index(archive, index, 0);
    if (member == NULL)
        fail("%s: cannot be unpacked: %s", out->path, zip_strerror(archive));
    do {
        out->bytes = grow(out->bytes, &capacity, out->size + (1 << 18) + 1, 1);
        got = zip_fread(member, out->bytes + out->size, 1 << 18);
        out->size += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    if (got < 0)
        fail("%s: damaged (%s)", out->path, zip_error_strerror(zip_file_get_error(member)));
    zip_fclose(member);
    out->bytes[out->size] = '\0';
}

void data_load_npz(dataset *out, const data_file *file, const char *array)
{
    char *name;
    zip_t *archive = open_archive(file);
    zip_uint64_t index = find_array(archive, file, array, &name);
    char *path = text_format("%s: array %s", file->path, name);
    data_file member = {.path = path};
    unpack(&member, archive, index);
    data_load_npy(out, &member);
    zip_discard(archive);
    free(member.bytes);
    free(path);
    free(name);
}
