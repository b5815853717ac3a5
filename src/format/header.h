/* The JSON header of a safetensors file, checked. Shared by the reader and the writer. */
#ifndef FORMAT_HEADER_H
#define FORMAT_HEADER_H

#include "format/json.h"
#include "format/safetensors.h"

#define HEADER_BYTES UINT64_C(100000000) /* what the format allows */
#define HEADER_METADATA "__metadata__"
enum { HEADER_PREFIX = 8 }; /* bytes of the header's length */

typedef struct safetensors_header {
    json_value *json;                  /* owns every text below */
    safetensors_entry *entries;        /* [count], by their data */
    const safetensors_entry **by_name; /* [count] */
    size_t count;
    safetensors_pair *pairs; /* [pair_count], in the file's order */
    size_t pair_count;
} safetensors_header;

/* Reads and checks the `length` bytes of `text`; `path` begins every sentence. On failure nothing is left to release.
 */
diffusion_status header_parse(safetensors_header *out, const char *path, const char *text, size_t length,
                              uint64_t data_size);
void header_release(safetensors_header *from);

/* What a file begins with: the header's length, its JSON, and spaces. */
typedef struct header_text {
    unsigned char *bytes; /* memory_release() releases it; NULL after a failure */
    size_t size;
    uint64_t data_size; /* bytes of the data part */
} header_text;

/* Checks what is to be written, and makes the header; `path` begins every sentence. */
diffusion_status header_make(header_text *out, const char *path, const safetensors_tensor *tensors, size_t tensor_count,
                             const safetensors_pair *metadata, size_t metadata_count);

/* Sorts the entries and checks that they fill the data part without hole or overlap, each with its shape's bytes. */
diffusion_status header_check_layout(safetensors_header *of, const char *path, uint64_t data_size);

/* The product of a shape, each size within JSON's integers; false on overflow. */
int header_elements(size_t *count, const uint64_t *shape, size_t rank);

const char *safetensors_type_name(safetensors_type type);
size_t safetensors_type_size(safetensors_type type); /* bytes of one element */
diffusion_status safetensors_type_parse(safetensors_type *type, const char *path, const char *tensor,
                                        const json_value *name);

#endif
