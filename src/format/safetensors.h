/* The safetensors file format: bytes and names, not models. The reader trusts nothing that a file says. */
#ifndef FORMAT_SAFETENSORS_H
#define FORMAT_SAFETENSORS_H

#include "base/file.h"

enum { SAFETENSORS_RANK = 8, SAFETENSORS_TENSORS = 65536, SAFETENSORS_NAME = 512 };

typedef enum safetensors_type {
    SAFETENSORS_BOOL,
    SAFETENSORS_U8,
    SAFETENSORS_I8,
    SAFETENSORS_U16,
    SAFETENSORS_I16,
    SAFETENSORS_F16,
    SAFETENSORS_BF16,
    SAFETENSORS_U32,
    SAFETENSORS_I32,
    SAFETENSORS_F32,
    SAFETENSORS_U64,
    SAFETENSORS_I64,
    SAFETENSORS_F64,
} safetensors_type;

/* An open file whose header has passed every check. */
typedef struct safetensors safetensors;

typedef struct safetensors_entry {
    const char *name;
    safetensors_type type;
    size_t rank;
    uint64_t shape[SAFETENSORS_RANK];
    size_t count;        /* elements: the product of the shape */
    uint64_t begin, end; /* bytes in the data part */
} safetensors_entry;

/* One "__metadata__" pair. */
typedef struct safetensors_pair {
    const char *key, *value;
} safetensors_pair;

/* Opens a file and checks its header against every rule of the format. */
diffusion_status safetensors_open(safetensors **out, const char *path);

/* The same for a file that lies in memory, by the same rules. The bytes must stay as they are until it is closed. */
diffusion_status safetensors_open_memory(safetensors **out, const void *bytes, size_t size);
#define SAFETENSORS_MEMORY "memory" /* what stands in place of the path in sentences about it */

void safetensors_close(safetensors *file); /* NULL is allowed */

/* Entries stand in the order of their data; all texts live as long as the file is open. */
size_t safetensors_count(const safetensors *file);
const safetensors_entry *safetensors_at(const safetensors *file, size_t index);
const safetensors_entry *safetensors_find(const safetensors *file, const char *name); /* NULL if it is not there */
size_t safetensors_metadata_count(const safetensors *file);
safetensors_pair safetensors_metadata_at(const safetensors *file, size_t index);
const char *safetensors_metadata(const safetensors *file, const char *key); /* NULL if it is not there */

/* Reads all elements of a floating-point tensor (F64, F32, F16, BF16), converted; count must be entry->count. */
diffusion_status safetensors_read_float(safetensors *file, const safetensors_entry *entry, float *out, size_t count);
diffusion_status safetensors_read_double(safetensors *file, const safetensors_entry *entry, double *out, size_t count);

/* What safetensors_save() writes, row-major: F32, or F64 where `doubles` are given in place of values. */
typedef struct safetensors_tensor {
    const char *name;
    size_t rank;
    uint64_t shape[SAFETENSORS_RANK];
    const float *values;
    const double *doubles;
} safetensors_tensor;

/* Writes a file atomically: tensors in the order given, metadata in the order given. */
diffusion_status safetensors_save(const char *path, const safetensors_tensor *tensors, size_t tensor_count,
                                  const safetensors_pair *metadata, size_t metadata_count);

/* The same up to the commit, which is the caller's to make, as in base/file.h. */
diffusion_status safetensors_write(file_writer **out, const char *path, const safetensors_tensor *tensors,
                                   size_t tensor_count, const safetensors_pair *metadata, size_t metadata_count);

/* Writes the same bytes to memory. *needed (may be NULL) receives their number, also where `capacity` is 0 and nothing
 * is written (`bytes` may be NULL then). DIFFUSION_E_SHAPE where they are more than a capacity above 0. */
diffusion_status safetensors_save_memory(void *bytes, size_t capacity, size_t *needed,
                                         const safetensors_tensor *tensors, size_t tensor_count,
                                         const safetensors_pair *metadata, size_t metadata_count);

#endif
