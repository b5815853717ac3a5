/* Opening a file, on disk or in memory, asking for what it holds, and reading tensors. Data is copied, never mapped: a
 * mapped file that somebody cuts short is a SIGBUS in the host's process. */
#include "format/safetensors.h"

#include "base/error.h"
#include "base/memory.h"
#include "format/convert.h"
#include "format/foreign.h"
#include "format/header.h"
#include "format/source.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512 }; /* elements converted at a time */

struct safetensors {
    source source;
    char *path; /* begins every sentence */
    safetensors_header header;
    uint64_t data; /* where the data part begins in the file */
};

/* What is known to be something else is called by its name. Every header begins with a brace. */
static diffusion_status check_kind(safetensors *file)
{
    unsigned char head[FOREIGN_HEAD];
    size_t size = file->source.size < sizeof head ? (size_t)file->source.size : sizeof head;
    diffusion_status status = source_read(&file->source, 0, head, size);
    if (status != DIFFUSION_OK || (size > HEADER_PREFIX && head[HEADER_PREFIX] == '{'))
        return status;
    const char *kind = foreign_kind(head, size);
    if (kind == NULL)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_FORMAT, "%s: %s; expected a safetensors file", file->path, kind);
}

/* The header's length, which must fit the file before anything of its size is allocated. */
static diffusion_status read_length(safetensors *file, size_t *length)
{
    uint64_t size = file->source.size;
    if (size < HEADER_PREFIX)
        return error_set(DIFFUSION_E_FORMAT, "%s: %llu bytes are too few for a safetensors file, expected at least %d",
                         file->path, (unsigned long long)size, HEADER_PREFIX);
    unsigned char bytes[HEADER_PREFIX];
    diffusion_status status = check_kind(file);
    if (status == DIFFUSION_OK)
        status = source_read(&file->source, 0, bytes, HEADER_PREFIX);
    if (status != DIFFUSION_OK)
        return status;
    uint64_t claimed = convert_load(bytes, HEADER_PREFIX);
    if (claimed > HEADER_BYTES)
        return error_set(DIFFUSION_E_FORMAT, "%s: header of %llu bytes, expected at most %llu: not a safetensors file?",
                         file->path, (unsigned long long)claimed, (unsigned long long)HEADER_BYTES);
    if (claimed > size - HEADER_PREFIX)
        return error_set(DIFFUSION_E_FORMAT, "%s: header of %llu bytes in a file of %llu: the file is cut short",
                         file->path, (unsigned long long)claimed, (unsigned long long)size);
    *length = (size_t)claimed;
    return DIFFUSION_OK;
}

/* The bytes are needed only while they are parsed; the parsed texts live on in the header. */
static diffusion_status read_header(safetensors *file)
{
    size_t length = 0;
    diffusion_status status = read_length(file, &length);
    if (status != DIFFUSION_OK)
        return status;
    char *text = memory_allocate(length, 1);
    if (text == NULL)
        return DIFFUSION_E_MEMORY;
    file->data = HEADER_PREFIX + (uint64_t)length;
    status = source_read(&file->source, HEADER_PREFIX, text, length);
    if (status == DIFFUSION_OK)
        status = header_parse(&file->header, file->path, text, length, file->source.size - file->data);
    memory_release(text);
    return status;
}

/* The source is closed with the file, also where this fails. */
static diffusion_status open_source(safetensors **out, const char *path, source from)
{
    safetensors *file = memory_allocate(1, sizeof *file);
    if (file == NULL) {
        source_close(&from);
        return DIFFUSION_E_MEMORY;
    }
    file->source = from;
    file->path = memory_text(path);
    diffusion_status status = file->path != NULL ? read_header(file) : DIFFUSION_E_MEMORY;
    if (status == DIFFUSION_OK)
        *out = file;
    else
        safetensors_close(file);
    return status;
}

diffusion_status safetensors_open(safetensors **out, const char *path)
{
    source from;
    diffusion_status status = source_open(&from, path);
    return status == DIFFUSION_OK ? open_source(out, path, from) : status;
}

diffusion_status safetensors_open_memory(safetensors **out, const void *bytes, size_t size)
{
    return open_source(out, SAFETENSORS_MEMORY, source_of_memory(bytes, size));
}

void safetensors_close(safetensors *file)
{
    if (file == NULL)
        return;
    header_release(&file->header);
    source_close(&file->source);
    memory_release(file->path);
    memory_release(file);
}

size_t safetensors_count(const safetensors *file)
{
    return file->header.count;
}

const safetensors_entry *safetensors_at(const safetensors *file, size_t index)
{
    return &file->header.entries[index];
}

/* Entries are never moved after the header was checked, so pointers to them hold. */
static int compare_name(const void *name, const void *element)
{
    return strcmp(name, (*(const safetensors_entry *const *)element)->name);
}

const safetensors_entry *safetensors_find(const safetensors *file, const char *name)
{
    const safetensors_header *names = &file->header;
    const safetensors_entry **found = bsearch(name, names->by_name, names->count, sizeof *names->by_name, compare_name);
    return found != NULL ? *found : NULL;
}

size_t safetensors_metadata_count(const safetensors *file)
{
    return file->header.pair_count;
}

safetensors_pair safetensors_metadata_at(const safetensors *file, size_t index)
{
    return file->header.pairs[index];
}

const char *safetensors_metadata(const safetensors *file, const char *key)
{
    return json_string(json_get(json_get(file->header.json, HEADER_METADATA), key));
}

/* Reading whole numbers as floats would lose digits silently: that is the caller's mistake, or the file's content. */
static diffusion_status check_request(const safetensors *file, const safetensors_entry *entry, size_t count)
{
    if (!convert_is_real(entry->type))
        return error_set(DIFFUSION_E_CONTENT, "%s: tensor '%s' is of type %s, expected F16, BF16, F32 or F64",
                         file->path, entry->name, safetensors_type_name(entry->type));
    if (count != entry->count)
        return error_set(DIFFUSION_E_SHAPE, "%s: tensor '%s' has %zu elements, expected %zu", file->path, entry->name,
                         entry->count, count);
    return DIFFUSION_OK;
}

/* At most CHUNK elements from `first` on. The data may begin at any byte, so it is copied, never cast. */
static diffusion_status read_chunk(safetensors *file, const safetensors_entry *entry, size_t first, double *out,
                                   size_t count)
{
    unsigned char bytes[CHUNK * sizeof(double)];
    size_t size = safetensors_type_size(entry->type);
    diffusion_status status = source_read(&file->source, file->data + entry->begin + first * size, bytes, count * size);
    if (status == DIFFUSION_OK)
        convert_to_double(out, bytes, count, entry->type);
    return status;
}

diffusion_status safetensors_read_double(safetensors *file, const safetensors_entry *entry, double *out, size_t count)
{
    diffusion_status status = check_request(file, entry, count);
    for (size_t done = 0, some; status == DIFFUSION_OK && done < count; done += some) {
        some = count - done < CHUNK ? count - done : CHUNK;
        status = read_chunk(file, entry, done, out + done, some);
    }
    return status;
}

/* Half precision and double pass through double, which holds either exactly, so that there is one rounding at most. */
static diffusion_status read_converted(safetensors *file, const safetensors_entry *entry, float *out, size_t count)
{
    double values[CHUNK];
    diffusion_status status = DIFFUSION_OK;
    for (size_t done = 0, some; status == DIFFUSION_OK && done < count; done += some) {
        some = count - done < CHUNK ? count - done : CHUNK;
        status = read_chunk(file, entry, done, values, some);
        for (size_t i = 0; status == DIFFUSION_OK && i < some; i++)
            out[done + i] = (float)values[i];
    }
    return status;
}

/* Most weights are F32: they go straight into `out`, which a failing disk may leave partly filled. */
diffusion_status safetensors_read_float(safetensors *file, const safetensors_entry *entry, float *out, size_t count)
{
    diffusion_status status = check_request(file, entry, count);
    if (status != DIFFUSION_OK)
        return status;
    if (entry->type != SAFETENSORS_F32)
        return read_converted(file, entry, out, count);
    status = source_read(&file->source, file->data + entry->begin, out, count * sizeof *out);
    if (status == DIFFUSION_OK)
        convert_in_place(out, count);
    return status;
}
