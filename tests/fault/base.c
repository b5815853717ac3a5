#define _POSIX_C_SOURCE 200809L
#include "fault.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/spec.h"
#include "base/text.h"

#define OLD "old"

static diffusion_status copies_of_texts(void)
{
    char *first = memory_text("one");
    char *second = first != NULL ? memory_text("two") : NULL;
    diffusion_status status = second != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    memory_release(second);
    memory_release(first);
    return status;
}

/* Long enough to grow several times. */
static diffusion_status a_growing_text(void)
{
    text_buffer text = {0};
    for (int i = 0; i < 300; i++)
        text_append(&text, "%d ", i);
    char *finished = text_finish(&text);
    diffusion_status status = finished != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    memory_release(finished);
    return status;
}

typedef struct options {
    spec_reals rates, scales;
    spec_shape shape;
} options;

static const spec_key keys[] = {
    {"rates", SPEC_REALS, offsetof(options, rates), "1,2,3", 0, 10, NULL, "rates"},
    {"shape", SPEC_SHAPE, offsetof(options, shape), "2,3", 1, 10, NULL, "shape"},
    {"scales", SPEC_REALS, offsetof(options, scales), "", 0, 10, NULL, "scales"},
};
static const spec_kind kinds[] = {{"line", "a line", keys, SPEC_COUNT(keys)}};
static const spec_kind *kind_at(size_t index)
{
    return index < SPEC_COUNT(kinds) ? &kinds[index] : NULL;
}
static const spec_grammar grammar = {"thing", kind_at, NULL, 0};

static diffusion_status a_spec_with_lists(void)
{
    options parsed;
    size_t kind;
    diffusion_status status = spec_parse(&grammar, "line scales=4,5 shape=4", &parsed, &kind);
    if (status != DIFFUSION_OK)
        return status;
    char *text = spec_format(&grammar, kind, &parsed);
    char *help = text != NULL ? spec_help(&grammar) : NULL;
    status = help != NULL ? DIFFUSION_OK : DIFFUSION_E_MEMORY;
    memory_release(help);
    memory_release(text);
    spec_release(&grammar, kind, &parsed);
    return status;
}

static diffusion_status a_file_that_is_read(void)
{
    file_reader *file = NULL;
    diffusion_status status = file_open(&file, OLD);
    if (status != DIFFUSION_OK) {
        assert_null(file);
        return status;
    }
    char byte = 0;
    status = file_read(file, 2, &byte, 1);
    assert_int_equal(byte, 'd');
    file_close(file);
    return status;
}

static diffusion_status a_file_that_is_replaced(void)
{
    file_writer *file = NULL;
    diffusion_status status = file_create(&file, OLD);
    if (status != DIFFUSION_OK) {
        assert_null(file);
        return status;
    }
    status = file_write(file, "old", 3);
    return status == DIFFUSION_OK ? file_commit(file) : status;
}

static diffusion_status a_file_that_is_abandoned(void)
{
    file_writer *file = NULL;
    diffusion_status status = file_create(&file, OLD);
    if (status == DIFFUSION_OK)
        status = file_write(file, "new", 3);
    file_abandon(file);
    return status;
}

static int enter(void **state)
{
    int status = fault_enter(state);
    folder_write(OLD, "old", 3);
    return status;
}

static int leave(void **state)
{
    remove(OLD);
    return folder_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_SCENARIO(copies_of_texts),         FAULT_SCENARIO(a_growing_text),
        FAULT_SCENARIO(a_spec_with_lists),       FAULT_SCENARIO(a_file_that_is_read),
        FAULT_SCENARIO(a_file_that_is_replaced), FAULT_SCENARIO(a_file_that_is_abandoned),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
