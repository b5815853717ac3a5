/* Any bytes as a safetensors file, on disk and in memory: refused in one sentence, or read whole, in bounds, and
 * written back the same. */
#define _POSIX_C_SOURCE 200809L
#include "scratch.h"

#include "format/safetensors.h"

#include <math.h>
#include <string.h>

enum { PREFIX = 8 };

static uint64_t product(const safetensors_entry *entry)
{
    uint64_t count = 1;
    for (size_t i = 0; i < entry->rank; i++)
        count *= entry->shape[i];
    return count;
}

static int is_real(safetensors_type type)
{
    return type == SAFETENSORS_F16 || type == SAFETENSORS_BF16 || type == SAFETENSORS_F32 || type == SAFETENSORS_F64;
}

/* Reads a tensor both ways, which must agree; the floats are the caller's to free. */
static float *read_both(safetensors *file, const safetensors_entry *entry)
{
    float *floats = malloc(entry->count * sizeof *floats + 1);
    double *doubles = malloc(entry->count * sizeof *doubles + 1);
    FUZZ_CHECK(floats != NULL && doubles != NULL);
    FUZZ_CHECK(safetensors_read_float(file, entry, floats, entry->count) == DIFFUSION_OK);
    FUZZ_CHECK(safetensors_read_double(file, entry, doubles, entry->count) == DIFFUSION_OK);
    for (size_t i = 0; i < entry->count; i++)
        FUZZ_CHECK(isnan(doubles[i]) ? isnan(floats[i]) : floats[i] == (float)doubles[i]);
    free(doubles);
    return floats;
}

/* The promises of safetensors.h about an accepted file of `size` bytes. */
static void check_entries(const safetensors *file, uint64_t size)
{
    uint64_t end = 0;
    for (size_t i = 0; i < safetensors_count(file); i++) {
        const safetensors_entry *entry = safetensors_at(file, i);
        FUZZ_CHECK(entry->begin == end && entry->end >= entry->begin && entry->end <= size - PREFIX);
        FUZZ_CHECK(entry->rank <= SAFETENSORS_RANK && product(entry) == entry->count);
        FUZZ_CHECK(entry->count <= size && strlen(entry->name) <= SAFETENSORS_NAME);
        FUZZ_CHECK(entry->count > 0 || entry->end == entry->begin);
        FUZZ_CHECK(safetensors_find(file, entry->name) == entry);
        end = entry->end;
    }
    for (size_t i = 0; i < safetensors_metadata_count(file); i++) {
        safetensors_pair pair = safetensors_metadata_at(file, i);
        FUZZ_CHECK(safetensors_metadata(file, pair.key) == pair.value && strlen(pair.value) < size);
    }
}

/* Saved to a file and to memory alike. The bytes, of which there are *size, are the caller's to free. */
static uint8_t *save_both(const safetensors_tensor *tensors, size_t count, const safetensors_pair *pairs,
                          size_t pair_count, size_t *size)
{
    char path[SCRATCH_PATH];
    scratch_path(path, ".saved");
    FUZZ_CHECK(safetensors_save_memory(NULL, 0, size, tensors, count, pairs, pair_count) == DIFFUSION_OK);
    uint8_t *bytes = malloc(*size);
    FUZZ_CHECK(bytes != NULL);
    FUZZ_CHECK(safetensors_save_memory(bytes, *size, NULL, tensors, count, pairs, pair_count) == DIFFUSION_OK);
    FUZZ_CHECK(safetensors_save(path, tensors, count, pairs, pair_count) == DIFFUSION_OK);
    uint8_t *written = scratch_read(path, *size);
    FUZZ_CHECK(memcmp(written, bytes, *size) == 0);
    unlink(path);
    free(written);
    return bytes;
}

/* Every tensor of real numbers and all metadata, saved and opened again, are what they were. */
static void check_round_trip(safetensors *file)
{
    size_t total = safetensors_count(file), count = 0, pair_count = safetensors_metadata_count(file);
    safetensors_tensor *tensors = calloc(total + 1, sizeof *tensors);
    safetensors_pair *pairs = calloc(pair_count + 1, sizeof *pairs);
    FUZZ_CHECK(tensors != NULL && pairs != NULL);
    for (size_t i = 0; i < pair_count; i++)
        pairs[i] = safetensors_metadata_at(file, i);
    for (size_t i = 0; i < total; i++) {
        const safetensors_entry *entry = safetensors_at(file, i);
        if (!is_real(entry->type))
            continue;
        tensors[count] =
            (safetensors_tensor){.name = entry->name, .rank = entry->rank, .values = read_both(file, entry)};
        memcpy(tensors[count++].shape, entry->shape, sizeof entry->shape);
    }
    safetensors *again = NULL;
    size_t size;
    uint8_t *bytes = save_both(tensors, count, pairs, pair_count, &size);
    FUZZ_CHECK(safetensors_open_memory(&again, bytes, size) == DIFFUSION_OK);
    FUZZ_CHECK(safetensors_count(again) == count && safetensors_metadata_count(again) == pair_count);
    for (size_t i = 0; i < count; i++) {
        const safetensors_entry *entry = safetensors_find(again, tensors[i].name);
        FUZZ_CHECK(entry != NULL && entry->type == SAFETENSORS_F32 && entry->rank == tensors[i].rank);
        FUZZ_CHECK(memcmp(entry->shape, tensors[i].shape, entry->rank * sizeof *entry->shape) == 0);
        float *values = read_both(again, entry);
        FUZZ_CHECK(memcmp(values, tensors[i].values, entry->count * sizeof *values) == 0);
        free(values);
        free((void *)tensors[i].values);
    }
    for (size_t i = 0; i < pair_count; i++) {
        FUZZ_CHECK(strcmp(safetensors_metadata_at(again, i).key, pairs[i].key) == 0);
        FUZZ_CHECK(strcmp(safetensors_metadata_at(again, i).value, pairs[i].value) == 0);
    }
    safetensors_close(again);
    free(bytes);
    free(pairs);
    free(tensors);
}

/* Refused in one sentence that begins with `place`; `said` receives the rest of it. */
static void check_refusal(diffusion_status status, const safetensors *file, const char *place, char said[1024])
{
    const char *sentence = diffusion_last_error();
    FUZZ_CHECK(status == DIFFUSION_E_FORMAT && file == NULL);
    FUZZ_CHECK(strncmp(sentence, place, strlen(place)) == 0 && strchr(sentence, '\n') == NULL);
    snprintf(said, 1024, "%s", sentence + strlen(place));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char said[1024], said_of_memory[1024];
    char path[SCRATCH_PATH];
    scratch_path(path, "");
    scratch_write(path, data, size);
    uint8_t *bytes = scratch_read(path, size);
    safetensors *file = NULL, *memory = NULL;
    diffusion_status status = safetensors_open(&file, path);
    if (status != DIFFUSION_OK)
        check_refusal(status, file, path, said);
    diffusion_status again = safetensors_open_memory(&memory, bytes, size);
    FUZZ_CHECK(again == status);
    if (status == DIFFUSION_OK) {
        check_entries(file, size);
        check_round_trip(file);
        check_entries(memory, size);
        check_round_trip(memory);
    } else {
        check_refusal(again, memory, SAFETENSORS_MEMORY, said_of_memory);
        FUZZ_CHECK(strcmp(said, said_of_memory) == 0);
    }
    safetensors_close(memory);
    safetensors_close(file);
    free(bytes);
    unlink(path);
    return 0;
}
