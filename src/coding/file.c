/* The code as a file, little-endian: "diffcode", numbers, the spec and the machine as texts, the words of the stack,
 * and a hash of all that. */
#include "coding/coder.h"
#include "coding/fingerprint.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { VERSION = 1, MARK = 8, NUMBER = 8, WORD = 4, TEXT_MOST = 1024 };
static const char mark[MARK + 1] = "diffcode";

/* In the order of the file. */
enum {
    AT_VERSION,
    AT_SAMPLES,
    AT_DIM,
    AT_LABELLED,
    AT_MODEL,
    AT_PROBE,
    AT_DATA,
    AT_BORROWED,
    AT_OPERATIONS,
    AT_HEAD,
    AT_SPEC,
    AT_MACHINE,
    AT_WORDS,
    NUMBERS
};
enum { HEADER = MARK + NUMBERS * NUMBER };

static void put_number(unsigned char *to, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(number >> 8 * i);
}

static uint64_t number_at(const unsigned char *from, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number |= (uint64_t)from[i] << 8 * i;
    return number;
}

/* ---- writing ---- */

static size_t bytes_with(const struct diffusion_coder *self, size_t machine)
{
    return HEADER + strlen(self->spec) + machine + self->content.stack.count * WORD + NUMBER;
}

size_t coder_file_bytes(const struct diffusion_coder *self)
{
    char machine[FINGERPRINT_MACHINE];
    fingerprint_machine(machine);
    return bytes_with(self, strlen(machine));
}

static void fill(unsigned char *bytes, size_t size, const struct diffusion_coder *self, const fingerprint *by)
{
    const coded *content = &self->content;
    const size_t spec = strlen(self->spec), machine = strlen(by->machine);
    const uint64_t numbers[NUMBERS] = {
        [AT_VERSION] = VERSION,
        [AT_SAMPLES] = content->n,
        [AT_DIM] = self->model->dim,
        [AT_LABELLED] = (uint64_t)content->labelled,
        [AT_MODEL] = by->model,
        [AT_PROBE] = by->probe,
        [AT_DATA] = content->hash,
        [AT_BORROWED] = content->stack.borrowed,
        [AT_OPERATIONS] = content->stack.operations,
        [AT_HEAD] = content->stack.head,
        [AT_SPEC] = spec,
        [AT_MACHINE] = machine,
        [AT_WORDS] = content->stack.count,
    };
    memcpy(bytes, mark, MARK);
    for (size_t i = 0; i < NUMBERS; i++)
        put_number(bytes + MARK + i * NUMBER, numbers[i], NUMBER);
    memcpy(bytes + HEADER, self->spec, spec);
    memcpy(bytes + HEADER + spec, by->machine, machine);
    for (size_t i = 0; i < content->stack.count; i++)
        put_number(bytes + HEADER + spec + machine + i * WORD, content->stack.words[i], WORD);
    put_number(bytes + size - NUMBER, hash_bytes(HASH_START, bytes, size - NUMBER), NUMBER);
}

static diffusion_status write_file(const char *path, const unsigned char *bytes, size_t size)
{
    file_writer *file = NULL;
    diffusion_status status = file_create(&file, path);
    if (status != DIFFUSION_OK)
        return status;
    status = file_write(file, bytes, size);
    if (status == DIFFUSION_OK)
        return file_commit(file);
    file_abandon(file);
    return status;
}

diffusion_status coder_save(const struct diffusion_coder *self, const char *path)
{
    fingerprint by;
    if (self->content.n == 0)
        return error_set(DIFFUSION_E_STATE, "coder_save: nothing has been coded (call coder_encode first)");
    diffusion_status status = fingerprint_take(&by, self);
    if (status != DIFFUSION_OK)
        return status;
    const size_t size = bytes_with(self, strlen(by.machine));
    unsigned char *bytes = memory_allocate(size, 1);
    if (bytes == NULL)
        return DIFFUSION_E_MEMORY;
    fill(bytes, size, self, &by);
    status = write_file(path, bytes, size);
    memory_release(bytes);
    return status;
}

/* ---- reading ---- */

typedef struct parsed {
    const unsigned char *bytes;
    size_t size;
    uint64_t numbers[NUMBERS];
    char spec[TEXT_MOST + 1];
    fingerprint by;
} parsed;

static int sizes_fit(const parsed *from)
{
    const uint64_t *numbers = from->numbers, room = from->size - HEADER - NUMBER;
    if (numbers[AT_SPEC] > TEXT_MOST || numbers[AT_MACHINE] >= FINGERPRINT_MACHINE)
        return 0;
    const uint64_t texts = numbers[AT_SPEC] + numbers[AT_MACHINE];
    return texts <= room && (room - texts) % WORD == 0 && (room - texts) / WORD == numbers[AT_WORDS];
}

static diffusion_status parse(parsed *out, const char *path)
{
    const unsigned char *bytes = out->bytes;
    if (out->size < MARK || memcmp(bytes, mark, MARK) != 0)
        return error_set(DIFFUSION_E_FORMAT, "%s: not a file of coded data, which begins with \"%s\"", path, mark);
    if (out->size < HEADER + NUMBER)
        return error_set(DIFFUSION_E_FORMAT, "%s: cut off within its header", path);
    for (size_t i = 0; i < NUMBERS; i++)
        out->numbers[i] = number_at(bytes + MARK + i * NUMBER, NUMBER);
    if (out->numbers[AT_VERSION] != VERSION)
        return error_set(DIFFUSION_E_FORMAT, "%s: coded data of format %llu, expected %d", path,
                         (unsigned long long)out->numbers[AT_VERSION], VERSION);
    if (number_at(bytes + out->size - NUMBER, NUMBER) != hash_bytes(HASH_START, bytes, out->size - NUMBER) ||
        !sizes_fit(out))
        return error_set(DIFFUSION_E_FORMAT, "%s: damaged or cut off: it has not the checksum that it should end with",
                         path);
    const size_t spec = (size_t)out->numbers[AT_SPEC];
    memcpy(out->spec, bytes + HEADER, spec);
    memcpy(out->by.machine, bytes + HEADER + spec, (size_t)out->numbers[AT_MACHINE]);
    out->by.model = out->numbers[AT_MODEL];
    out->by.probe = out->numbers[AT_PROBE];
    return DIFFUSION_OK;
}

static diffusion_status check_content(const struct diffusion_coder *self, const parsed *from, const char *path)
{
    const uint64_t *numbers = from->numbers;
    if (numbers[AT_SAMPLES] == 0 || numbers[AT_SAMPLES] > SIZE_MAX || numbers[AT_HEAD] >> 32 == 0 ||
        numbers[AT_LABELLED] > 1 || (numbers[AT_LABELLED] == 1 && self->model->classes == 0) ||
        numbers[AT_DIM] != self->model->dim)
        return error_set(DIFFUSION_E_FORMAT, "%s: its numbers contradict one another", path);
    return DIFFUSION_OK;
}

static diffusion_status take_content(struct diffusion_coder *self, const parsed *from)
{
    const uint64_t *numbers = from->numbers;
    coded *content = &self->content;
    const size_t count = (size_t)numbers[AT_WORDS];
    const unsigned char *words = from->bytes + from->size - NUMBER - count * WORD;
    diffusion_status status = stack_reserve(&content->stack, count);
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        content->stack.words[i] = (uint32_t)number_at(words + i * WORD, WORD);
    content->stack.count = count;
    content->stack.head = numbers[AT_HEAD];
    content->stack.borrowed = numbers[AT_BORROWED];
    content->stack.operations = numbers[AT_OPERATIONS];
    content->n = (size_t)numbers[AT_SAMPLES];
    content->labelled = (int)numbers[AT_LABELLED];
    content->hash = numbers[AT_DATA];
    return DIFFUSION_OK;
}

static diffusion_status make(struct diffusion_coder **out, const struct diffusion_model *model,
                             const struct diffusion_schedule *schedule, const parsed *from, const char *path)
{
    struct diffusion_coder *self = NULL;
    fingerprint own;
    diffusion_status status = error_within(coder_create(&self, model, schedule, from->spec), path);
    if (status == DIFFUSION_OK)
        status = fingerprint_take(&own, self);
    if (status == DIFFUSION_OK)
        status = fingerprint_check(&from->by, &own, path);
    if (status == DIFFUSION_OK)
        status = check_content(self, from, path);
    if (status == DIFFUSION_OK)
        status = take_content(self, from);
    if (status == DIFFUSION_OK)
        *out = self;
    else
        coder_free(self);
    return status;
}

static diffusion_status read_file(unsigned char **out, size_t *size, const char *path)
{
    file_reader *file = NULL;
    diffusion_status status = file_open(&file, path);
    if (status != DIFFUSION_OK)
        return status;
    *size = (size_t)file_size(file);
    unsigned char *bytes = memory_allocate(*size, 1);
    status = bytes != NULL ? file_read(file, 0, bytes, *size) : DIFFUSION_E_MEMORY;
    file_close(file);
    if (status == DIFFUSION_OK)
        *out = bytes;
    else
        memory_release(bytes);
    return status;
}

diffusion_status coder_load(struct diffusion_coder **out, const struct diffusion_model *model,
                            const struct diffusion_schedule *schedule, const char *path)
{
    parsed from = {0};
    unsigned char *bytes = NULL;
    diffusion_status status = read_file(&bytes, &from.size, path);
    from.bytes = bytes;
    if (status == DIFFUSION_OK)
        status = parse(&from, path);
    if (status == DIFFUSION_OK)
        status = make(out, model, schedule, &from, path);
    memory_release(bytes);
    return status;
}
