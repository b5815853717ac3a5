/* For targets that read safetensors files. */
#include "fuzz.h"

#include <string.h>

enum { PREFIX = 8 };

static uint64_t header_length(const uint8_t *data, size_t size)
{
    uint64_t length = 0;
    for (size_t i = 0; i < PREFIX && i < size; i++)
        length |= (uint64_t)data[i] << (8 * i);
    return length;
}

/* Three times of four only the header or only the data changes, and the length still tells where one ends. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint64_t length = header_length(data, size);
    if (seed % 4 == 0 || size < PREFIX || length > size - PREFIX || length == 0 || max_size < size)
        return LLVMFuzzerMutate(data, size, max_size);
    uint8_t *header = data + PREFIX;
    size_t rest = size - PREFIX - (size_t)length, room = max_size - size;
    if (seed % 4 == 1)
        return size - rest + LLVMFuzzerMutate(header + length, rest, rest + room);
    uint8_t *data_part = malloc(rest + 1);
    FUZZ_CHECK(data_part != NULL);
    memcpy(data_part, header + length, rest);
    size_t changed = LLVMFuzzerMutate(header, (size_t)length, (size_t)length + room);
    memcpy(header + changed, data_part, rest);
    free(data_part);
    for (size_t i = 0; i < PREFIX; i++)
        data[i] = (uint8_t)((uint64_t)changed >> (8 * i));
    return PREFIX + changed + rest;
}
