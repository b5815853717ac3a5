/* NumPy's array files, versions 1 to 3: the first axis counts samples, the others are a sample's shape. */
#include "data/dataset.h"
#include "data/number.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct npy_header {
    number_type type;
    int64_t shape[DATA_RANK + 1];
    size_t rank;
    int fortran; /* the first axis runs fastest */
    const unsigned char *data;
} npy_header;

/* What stands behind 'key': in the header's dictionary, which may have either kind of quotes. */
static const char *header_value(const char *path, const char *header, const char *key)
{
    size_t length = strlen(key), found = 0;
    const char *value = NULL;
    for (const char *at = strstr(header, key); at != NULL; at = strstr(at + 1, key)) {
        if (at > header && strchr("'\"", at[-1]) != NULL && at[length] == at[-1]) {
            value = at + length + 1;
            found++;
        }
    }
    if (found != 1)
        fail("%s: damaged .npy header, '%s' is %s", path, key, found == 0 ? "missing" : "there twice");
    return value + strspn(value, " \t:");
}

/* Such as '<f4': byte order, kind, size. */
static number_type find_type(const char *path, const char *descr)
{
    char quote = *descr, order = descr[0] != '\0' ? descr[1] : '\0';
    number_type type = {'\0', 0, order == '>'};
    if ((quote == '\'' || quote == '"') && order != '\0' && strchr("<>|=", order) != NULL && descr[2] != '\0' &&
        descr[3] >= '1' && descr[3] <= '8' && descr[4] == quote) {
        type.kind = descr[2];
        type.size = (size_t)(descr[3] - '0');
    }
    if (!number_is_known(&type))
        fail("%s: holds values of type %.*s, expected real or whole numbers of at most 8 bytes, such as '<f4', '|u1' "
             "or '>i8'",
             path, (int)(strcspn(descr, ",}") < 60 ? strcspn(descr, ",}") : 60), descr);
    return type;
}

static int read_truth(const char *path, const char *text)
{
    int is_true = strncmp(text, "True", 4) == 0;
    if (!is_true && strncmp(text, "False", 5) != 0)
        fail("%s: damaged .npy header, fortran_order is neither True nor False", path);
    return is_true;
}

/* "(100, 8, 8)" */
static size_t read_shape(const char *path, const char *text, int64_t *shape)
{
    size_t rank = 0;
    if (*text++ != '(')
        fail("%s: damaged .npy header, the shape is no tuple", path);
    for (text += strspn(text, " "); *text != ')'; text += strspn(text, ", ")) {
        char *end;
        long long size = strtoll(text, &end, 10);
        if (end == text || size < 0)
            fail("%s: damaged .npy header, the shape is no tuple of sizes", path);
        if (rank == DATA_RANK + 1)
            fail("%s: has more than %d axes", path, DATA_RANK + 1);
        shape[rank++] = size;
        text = end + (*end == 'L'); /* as Python 2 wrote long integers */
    }
    return rank;
}

/* Magic, version, length of the header (2 bytes in version 1, 4 later), the header itself. */
static char *header_text(const char *path, const unsigned char *bytes, size_t size, size_t *data_offset)
{
    if (size < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        fail("%s: not a .npy file%s", path, size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0 ? " but a zip archive" : "");
    size_t start = bytes[6] == 1 ? 10 : 12;
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        fail("%s: .npy version %d.%d, expected 1.0, 2.0 or 3.0", path, bytes[6], bytes[7]);
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    if (start == 12 && size >= start)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (size < start || length > size - start)
        fail("%s: cut off within its header", path);
    char *text = allocate(length + 1, 1);
    memcpy(text, bytes + start, length);
    *data_offset = start + length;
    return text;
}

static void read_header(npy_header *out, const char *path, const unsigned char *bytes, size_t size)
{
    size_t offset;
    char *text = header_text(path, bytes, size, &offset);
    out->type = find_type(path, header_value(path, text, "descr"));
    out->fortran = read_truth(path, header_value(path, text, "fortran_order"));
    out->rank = read_shape(path, header_value(path, text, "shape"), out->shape);
    out->data = bytes + offset;
    free(text);
    if (out->rank == 0)
        fail("%s: holds a single number, expected an axis of samples", path);
    size_t wanted = out->type.size;
    for (size_t i = 0; i < out->rank; i++)
        wanted = multiply(wanted, (size_t)out->shape[i], path);
    if (wanted != size - offset)
        fail("%s: holds %zu bytes of values, its header promises %zu", path, size - offset, wanted);
}

/* Where value i of the array in C order stands in the file. */
static size_t place_of(const npy_header *header, size_t i)
{
    if (!header->fortran)
        return i;
    size_t place = 0, stride[DATA_RANK + 1] = {1};
    for (size_t axis = 1; axis < header->rank; axis++)
        stride[axis] = stride[axis - 1] * (size_t)header->shape[axis - 1];
    for (size_t axis = header->rank; axis-- > 0; i /= (size_t)header->shape[axis])
        place += i % (size_t)header->shape[axis] * stride[axis];
    return place;
}

static void read_values(dataset *out, const char *path, const npy_header *header)
{
    size_t rounded = 0;
    for (size_t i = 0; i < out->count * out->dim; i++) {
        out->values[i] = number_read(&header->type, header->data + place_of(header, i) * header->type.size);
        if (!isfinite(out->values[i]))
            fail("%s: value %zu of sample %zu (from 0) is not a finite number", path, i % out->dim, i / out->dim);
        rounded += (size_t)number_is_rounded(&header->type, out->values[i]);
    }
    if (rounded > 0)
        note("%s: %zu whole numbers beyond 2^53 are rounded to double", path, rounded);
}

void data_load_npy(dataset *out, const data_file *file)
{
    static const int64_t single = 1;
    const char *path = file->path;
    npy_header header;
    read_header(&header, path, (const unsigned char *)file->bytes, file->size);
    if (header.rank == 1)
        data_reserve(out, path, (size_t)header.shape[0], &single, 1);
    else
        data_reserve(out, path, (size_t)header.shape[0], header.shape + 1, header.rank - 1);
    read_values(out, path, &header);
    out->discrete = header.type.kind != 'f';
    out->bounded = header.type.kind == 'u' && header.type.size == 1;
    out->maximum = 255;
}
