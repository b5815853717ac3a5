/* What a sound file gives: order, texts, numbers, exact conversions. */
#define _POSIX_C_SOURCE 200809L
#include "hand_made.h"

static void entries_stand_by_their_data_and_empty_ones_by_name(void **state)
{
    (void)state;
    char header[400];
    snprintf(header, sizeof header,
             "{\"z\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[1,5]},"
             "\"f\":{\"dtype\":\"U8\",\"shape\":[7,0],\"data_offsets\":[1,1]},"
             "\"s\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[0,1]},"
             "\"e\":{\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[1,1]},"
             "\"last\":{\"dtype\":\"I64\",\"shape\":[0,%zu],\"data_offsets\":[5,5]}}",
             SIZE_MAX / 2);
    hand_make(header, NULL, 5);
    safetensors *file = hand_made_open();
    static const char *const order[] = {"s", "e", "f", "z", "last"};
    static const size_t counts[] = {1, 0, 0, 4, 0};
    assert_int_equal(safetensors_count(file), 5);
    for (size_t i = 0; i < 5; i++) {
        const safetensors_entry *entry = safetensors_at(file, i);
        assert_string_equal(entry->name, order[i]);
        assert_int_equal(entry->count, counts[i]);
        assert_ptr_equal(safetensors_find(file, order[i]), entry);
    }
    assert_int_equal(safetensors_at(file, 0)->rank, 0);
    assert_int_equal(safetensors_at(file, 3)->shape[1], 2);
    assert_int_equal(safetensors_metadata_count(file), 0);
    assert_null(safetensors_metadata(file, "any"));
    safetensors_close(file);
}

static void white_space_may_stand_on_either_side_of_the_header(void **state)
{
    (void)state;
    static const char *const headers[] = {"{}", " {}", "{}   ", "\t\r\n {\n} \n"};
    for (size_t i = 0; i < 4; i++) {
        hand_make(headers[i], NULL, 0);
        safetensors *file = hand_made_open();
        assert_int_equal(safetensors_count(file), 0);
        safetensors_close(file);
    }
}

static void metadata_keeps_its_order_and_its_text(void **state)
{
    (void)state;
    hand_make("{\"__metadata__\":{\"z\":\"line\\nquote\\\"\",\"\\u00e9\":\"\\ud83d\\ude00\",\"a\":\"\"}}", NULL, 0);
    safetensors *file = hand_made_open();
    assert_int_equal(safetensors_metadata_count(file), 3);
    assert_string_equal(safetensors_metadata_at(file, 0).key, "z");
    assert_string_equal(safetensors_metadata_at(file, 0).value, "line\nquote\"");
    assert_string_equal(safetensors_metadata_at(file, 1).key, "\xc3\xa9");
    assert_string_equal(safetensors_metadata(file, "\xc3\xa9"), "\xf0\x9f\x98\x80");
    assert_string_equal(safetensors_metadata(file, "a"), "");
    safetensors_close(file);
}

/* The value of a sign, an exponent and a fraction by their definition in IEEE 754, section 3.4. */
static double ieee(unsigned bits, int exponent_bits, int fraction_bits)
{
    int bias = (1 << (exponent_bits - 1)) - 1;
    int exponent = (int)(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
    double fraction = ldexp(bits & ((1u << fraction_bits) - 1), -fraction_bits);
    double magnitude = exponent == 0 ? ldexp(fraction, 1 - bias) : ldexp(1 + fraction, exponent - bias);
    if (exponent == (1 << exponent_bits) - 1)
        magnitude = fraction == 0 ? INFINITY : NAN;
    return bits >> (exponent_bits + fraction_bits) ? -magnitude : magnitude;
}

static void assert_same_number(unsigned bits, double got, double truth)
{
    if (isnan(truth) ? !isnan(got) : got != truth || !signbit(got) != !signbit(truth))
        fail_msg("bits %04x: got %a, truth %a", bits, got, truth);
}

/* All 65536 values, after one odd byte, so that none lies aligned. */
static void assert_all_values(const char *type, int exponent_bits, int fraction_bits)
{
    enum { COUNT = 65536 };
    static unsigned char data[1 + 2 * COUNT];
    static double doubles[COUNT];
    static float floats[COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        data[1 + 2 * i] = (unsigned char)i;
        data[2 + 2 * i] = (unsigned char)(i >> 8);
    }
    char header[200];
    snprintf(header, sizeof header,
             "{\"odd\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
             "\"all\":{\"dtype\":\"%s\",\"shape\":[65536],\"data_offsets\":[1,131073]}}",
             type);
    hand_make(header, data, sizeof data);
    safetensors *file = hand_made_open();
    const safetensors_entry *entry = safetensors_find(file, "all");
    assert_ok(safetensors_read_double(file, entry, doubles, COUNT));
    assert_ok(safetensors_read_float(file, entry, floats, COUNT));
    for (unsigned i = 0; i < COUNT; i++) {
        double truth = ieee(i, exponent_bits, fraction_bits);
        assert_same_number(i, doubles[i], truth);
        assert_same_number(i, floats[i], truth);
    }
    safetensors_close(file);
}

static void every_half_is_read_exactly(void **state)
{
    (void)state;
    assert_all_values("F16", 5, 10);
}

static void every_bfloat_is_read_exactly(void **state)
{
    (void)state;
    assert_all_values("BF16", 8, 7);
}

/* Little-endian bytes written by hand: 1, -2, the double nearest 0.1, 2^-1074, 2^1023, -0 */
static void doubles_are_read_exactly_and_rounded_once_to_float(void **state)
{
    (void)state;
    static const unsigned char data[] = {
        0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0x00, 0xc0, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f,
        1, 0, 0, 0, 0, 0, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0xe0, 0x7f, 0,    0,    0,    0,    0,    0,    0x00, 0x80,
    };
    const double truth[] = {1, -2, 0.1, 0x1p-1074, 0x1p1023, -0.0};
    const float rounded[] = {1, -2, 0.1f, 0, INFINITY, -0.0f};
    double doubles[6];
    float floats[6];
    hand_make("{\"w\":{\"dtype\":\"F64\",\"shape\":[3,2],\"data_offsets\":[0,48]}}", data, sizeof data);
    safetensors *file = hand_made_open();
    assert_ok(safetensors_read_double(file, safetensors_at(file, 0), doubles, 6));
    assert_ok(safetensors_read_float(file, safetensors_at(file, 0), floats, 6));
    assert_memory_equal(doubles, truth, sizeof truth);
    assert_memory_equal(floats, rounded, sizeof rounded);
    safetensors_close(file);
}

static void floats_are_read_bit_for_bit_wherever_they_begin(void **state)
{
    (void)state;
    static const unsigned char data[] = {0x77, 0, 0, 0x80, 0x3f, 0xcd, 0xcc, 0xcc, 0xbd, 0x01, 0, 0xa0, 0x7f};
    const uint32_t truth[] = {0x3f800000, 0xbdcccccd, 0x7fa00001}; /* 1, -0.1, a signalling NaN */
    float floats[3];
    double doubles[3];
    hand_make("{\"odd\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]},"
              "\"w\":{\"dtype\":\"F32\",\"shape\":[1,1,1,3,1,1,1,1],\"data_offsets\":[1,13]}} ",
              data, sizeof data);
    safetensors *file = hand_made_open();
    assert_int_equal(safetensors_at(file, 1)->rank, 8);
    assert_ok(safetensors_read_float(file, safetensors_at(file, 1), floats, 3));
    assert_memory_equal(floats, truth, sizeof truth);
    assert_ok(safetensors_read_double(file, safetensors_at(file, 1), doubles, 3));
    assert_true(doubles[0] == 1 && doubles[1] == -0.1f && isnan(doubles[2]));
    safetensors_close(file);
}

static void whole_numbers_and_wrong_counts_are_not_read(void **state)
{
    (void)state;
    static const char *const types[] = {"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"};
    static const int sizes[] = {1, 1, 1, 2, 2, 4, 4, 8, 8};
    char header[100], sentence[100];
    for (size_t i = 0; i < 9; i++) {
        float value = 7;
        snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%d]}}", types[i],
                 sizes[i]);
        snprintf(sentence, sizeof sentence, "tensor 'w' is of type %s, expected F16, BF16, F32 or F64", types[i]);
        hand_make(header, NULL, (size_t)sizes[i]);
        safetensors *file = hand_made_open();
        assert_refused(safetensors_read_float(file, safetensors_at(file, 0), &value, 1), DIFFUSION_E_CONTENT, sentence);
        assert_true(value == 7);
        safetensors_close(file);
    }
    double value = 7;
    hand_make("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", NULL, 8);
    safetensors *file = hand_made_open();
    assert_refused(safetensors_read_double(file, safetensors_at(file, 0), &value, 1), DIFFUSION_E_SHAPE,
                   "tensor 'w' has 2 elements, expected 1");
    assert_true(value == 7);
    safetensors_close(file);
}

static void a_file_cut_short_after_it_was_opened_is_an_io_error(void **state)
{
    (void)state;
    double values[2];
    float floats[2];
    hand_make("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", NULL, 8);
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, HAND_MADE));
    assert_int_equal(truncate(HAND_MADE, 60), 0);
    assert_refused(safetensors_read_double(file, safetensors_at(file, 0), values, 2), DIFFUSION_E_IO, "ends before");
    assert_refused(safetensors_read_float(file, safetensors_at(file, 0), floats, 2), DIFFUSION_E_IO, "ends before");
    safetensors_close(file);
    remove(HAND_MADE);
}

static void what_is_no_file_is_an_io_error(void **state)
{
    (void)state;
    safetensors *file = NULL;
    assert_refused(safetensors_open(&file, "absent.safetensors"), DIFFUSION_E_IO, "absent.safetensors: cannot open");
    assert_refused(safetensors_open(&file, "."), DIFFUSION_E_IO, "not a regular file");
    assert_null(file);
    safetensors_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_stand_by_their_data_and_empty_ones_by_name),
        cmocka_unit_test(white_space_may_stand_on_either_side_of_the_header),
        cmocka_unit_test(metadata_keeps_its_order_and_its_text),
        cmocka_unit_test(every_half_is_read_exactly),
        cmocka_unit_test(every_bfloat_is_read_exactly),
        cmocka_unit_test(doubles_are_read_exactly_and_rounded_once_to_float),
        cmocka_unit_test(floats_are_read_bit_for_bit_wherever_they_begin),
        cmocka_unit_test(whole_numbers_and_wrong_counts_are_not_read),
        cmocka_unit_test(a_file_cut_short_after_it_was_opened_is_an_io_error),
        cmocka_unit_test(what_is_no_file_is_an_io_error),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
