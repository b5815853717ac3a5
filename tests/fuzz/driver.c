/* Stands in for libFuzzer in plain builds: driver MUTATIONS FILE… tries each file, then seeded mutations of them. */
#include "fuzz.h"

#include <string.h>

enum { MAX_SIZE = 16384 };

typedef struct sample {
    uint8_t bytes[MAX_SIZE];
    size_t size;
} sample;

/* splitmix64 (Steele, Lea, Flood 2014): the same mutations on every machine. */
static uint64_t state;

static size_t below(size_t count)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % count);
}

/* What means something in JSON, specs, tables and command lines, and numbers where arithmetic may go wrong. */
static const char *const words[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\xff",
    "\xc3\xa9",
    " ",
    "-",
    "0",
    "1",
    "4",
    "8",
    ".0",
    "e9",
    "[]",
    "{}",
    "null",
    "true",
    "\"shape\":",
    "\"dtype\":",
    "\"F16\"",
    "\"F64\"",
    "\"BF16\"",
    "\"I64\"",
    "\"U8\"",
    "4294967296",
    "2147483648",
    "9223372036854775807",
    "18446744073709551615",
    "\"\":",
    "4611686018427387905",
    "\"data_offsets\":",
    "\"__metadata__\":",
    "\"w\":",
    "=",
    ",,",
    "\n",
    "\r\n",
    ";",
    "\t",
    "nan",
    "-inf",
    "1e308",
    "1e-320",
    "0x10",
    "--",
    "(0, ",
    "<f8",
    ">u2",
};

/* Replaces data[at..at+removed) by `length` bytes; nothing if they do not fit. */
static size_t splice(uint8_t *data, size_t size, size_t max_size, size_t at, size_t removed, const void *bytes,
                     size_t length)
{
    if (size - removed + length > max_size)
        return size;
    memmove(data + at + length, data + at + removed, size - at - removed);
    memcpy(data + at, bytes, length);
    return size - removed + length;
}

static size_t mutate_once(uint8_t *data, size_t size, size_t max_size)
{
    size_t at = below(size + 1), left = size - at;
    size_t length = left > 0 ? 1 + below(left < 16 ? left : 16) : 0;
    uint8_t copy[16], byte = (uint8_t)below(256);
    const char *word = words[below(sizeof words / sizeof words[0])];
    switch (below(6)) {
    case 0: /* one bit */
        if (left > 0)
            data[at] ^= (uint8_t)(1u << below(8));
        return size;
    case 1: /* one byte more */
        return splice(data, size, max_size, at, 0, &byte, 1);
    case 2: /* a stretch less */
        return splice(data, size, max_size, at, length, "", 0);
    case 3: /* a stretch copied elsewhere */
        memcpy(copy, data + at, length);
        return splice(data, size, max_size, below(size + 1), 0, copy, length);
    case 4: /* a word put in */
        return splice(data, size, max_size, at, 0, word, strlen(word));
    default: /* a word in place of what was there */
        return splice(data, size, max_size, at, length, word, strlen(word));
    }
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    for (size_t times = 1 + below(3); times > 0; times--)
        size = mutate_once(data, size, max_size);
    return size;
}

static void load(sample *to, const char *path)
{
    FILE *file = fopen(path, "rb");
    FUZZ_CHECK(file != NULL);
    to->size = fread(to->bytes, 1, MAX_SIZE, file);
    FUZZ_CHECK(feof(file));
    fclose(file);
}

int main(int argc, char **argv)
{
    FUZZ_CHECK(argc > 2);
    size_t count = (size_t)argc - 2;
    long mutations = strtol(argv[1], NULL, 10);
    sample *samples = calloc(count, sizeof *samples), trial;
    FUZZ_CHECK(samples != NULL);
    for (size_t i = 0; i < count; i++) {
        load(&samples[i], argv[i + 2]);
        LLVMFuzzerTestOneInput(samples[i].bytes, samples[i].size);
    }
    for (long i = 0; i < mutations; i++) {
        state = (uint64_t)i;
        trial = samples[below(count)];
        unsigned seed = (unsigned)below(1u << 30);
        if (LLVMFuzzerCustomMutator != NULL)
            trial.size = LLVMFuzzerCustomMutator(trial.bytes, trial.size, MAX_SIZE, seed);
        else
            trial.size = LLVMFuzzerMutate(trial.bytes, trial.size, MAX_SIZE);
        LLVMFuzzerTestOneInput(trial.bytes, trial.size);
    }
    printf("%zu files and %ld mutations\n", count, mutations);
    free(samples);
    return 0;
}
