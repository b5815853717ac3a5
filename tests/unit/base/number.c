#define _POSIX_C_SOURCE 200809L /* setenv */

#include "comma.h"

#include "base/number.h"
#include "base/rng.h"

#include <float.h>

/* Ends, halves, powers of ten, and 10000 random bit patterns. */
static void check_round_trips(void)
{
    static const double chosen[] = {
        0,      -0.0,    1,       -1,  0.1,     1.0 / 3,           1e-4, 0.02, 100000, 999999999, 1e9, 1e22, 1e23,
        5e-324, DBL_MIN, DBL_MAX, 0.5, 0x1p-53, 123456789012345680};
    char text[NUMBER_SIZE];
    double uniform[2], back;
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
        number_format_real(text, chosen[i]);
        assert_true(strlen(text) < NUMBER_SIZE && number_parse_real(&back, text, strlen(text)));
        assert_memory_equal(&back, &chosen[i], sizeof back);
    }
    for (uint64_t i = 0; i < 10000; i++) {
        rng_uniform(uniform, 2, (rng_stream){1, RNG_NOISE, 0, i});
        double value = ldexp(uniform[0] - 0.5, (int)(uniform[1] * 2000) - 1000);
        number_format_real(text, value);
        assert_true(number_parse_real(&back, text, strlen(text)));
        assert_memory_equal(&back, &value, sizeof back);
    }
}

static void reals_read_back_to_the_same_bits(void **state)
{
    (void)state;
    check_round_trips();
}

static void reals_are_written_as_short_as_can_be(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"}, {100000, "100000"}, {1e-4, "0.0001"}, {1e-7, "1e-07"}, {2.5, "2.5"}, {1e22, "1e+22"}};
    char text[NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        number_format_real(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_decimal_comma_changes_nothing(void **state)
{
    (void)state;
    char text[NUMBER_SIZE];
    double value;
    comma_enter();
    check_round_trips();
    number_format_real(text, 0.5);
    assert_string_equal(text, "0.5");
    assert_false(number_parse_real(&value, "0,5", 3));
    comma_leave();
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const reals[] = {"", " 1", "1 ", "x", "1x", "nan", "inf", "1e999", "1,5", "--1", "0x", "\n1"};
    static const char *const integers[] = {"", " 1", "1.0", "1e3", "x", "9223372036854775808", "-9223372036854775809"};
    static const char *const naturals[] = {"", "-1", "+1", "1.5", "18446744073709551616"};
    double real = 7;
    int64_t integer = 7;
    uint64_t natural = 7;
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++)
        if (number_parse_real(&real, reals[i], strlen(reals[i])))
            fail_msg("'%s' was read as %g", reals[i], real);
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
        assert_false(number_parse_integer(&integer, integers[i], strlen(integers[i])));
    for (size_t i = 0; i < sizeof naturals / sizeof naturals[0]; i++)
        assert_false(number_parse_unsigned(&natural, naturals[i], strlen(naturals[i])));
    assert_true(real == 7 && integer == 7 && natural == 7);
}

static void only_the_given_length_is_read(void **state)
{
    (void)state;
    double real;
    int64_t integer;
    uint64_t natural;
    assert_true(number_parse_real(&real, "1.25e1 tail", 6) && real == 12.5);
    assert_true(number_parse_integer(&integer, "-9223372036854775808,", 20) && integer == INT64_MIN);
    assert_true(number_parse_unsigned(&natural, "18446744073709551615", 20) && natural == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reals_read_back_to_the_same_bits), cmocka_unit_test(reals_are_written_as_short_as_can_be),
        cmocka_unit_test(a_decimal_comma_changes_nothing),  cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(only_the_given_length_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
