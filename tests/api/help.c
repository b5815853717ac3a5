#include "test.h"

static void the_help_of_schedules_names_kinds_and_keys(void **state)
{
    (void)state;
    static char text[65536];
    size_t needed = 0;
    assert_ok(diffusion_help("schedule", text, sizeof text, &needed));
    assert_int_equal(needed, strlen(text) + 1);
    assert_non_null(strstr(text, "cosine\n"));
    assert_non_null(strstr(text, "steps=a whole number 1..100000 (default 1000)"));
    assert_non_null(strstr(text, "kernel=gaussian|binomial (default gaussian)"));
}

static void a_short_buffer_gets_the_beginning_and_an_end(void **state)
{
    (void)state;
    static char whole[65536];
    char cut[10], one[1] = {'x'};
    size_t needed = 0, size = 0;
    assert_ok(diffusion_help("schedule", NULL, 0, &size));
    assert_ok(diffusion_help("schedule", whole, sizeof whole, NULL));
    assert_int_equal(size, strlen(whole) + 1);
    assert_ok(diffusion_help("schedule", cut, sizeof cut, &needed));
    assert_int_equal(needed, size);
    assert_int_equal(strlen(cut), 9);
    assert_memory_equal(cut, whole, 9);
    assert_ok(diffusion_help("schedule", one, 1, NULL));
    assert_int_equal(one[0], '\0');
}

static void what_cannot_be_helped_is_refused(void **state)
{
    (void)state;
    char text[4] = "abc";
    size_t needed = 7;
    assert_refused(diffusion_help("shedule", text, 4, &needed), DIFFUSION_E_NAME,
                   "help: unknown topic 'shedule', expected one of schedule");
    assert_refused(diffusion_help(NULL, text, 4, &needed), DIFFUSION_E_ARGUMENT, "help: topic is NULL");
    assert_refused(diffusion_help("schedule", NULL, 4, &needed), DIFFUSION_E_ARGUMENT, "help: text is NULL");
    assert_string_equal(text, "abc");
    assert_int_equal(needed, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_help_of_schedules_names_kinds_and_keys),
        cmocka_unit_test(a_short_buffer_gets_the_beginning_and_an_end),
        cmocka_unit_test(what_cannot_be_helped_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
