#include "test.h"

#include "base/memory.h"
#include "base/spec.h"

#include <stdlib.h>

typedef struct options {
    int64_t steps;
    double rate;
    uint64_t seed;
    int32_t kernel;
    spec_reals rates;
    spec_shape shape;
} options;

static const spec_key own_keys[] = {
    {"steps", SPEC_INTEGER, offsetof(options, steps), "1000", 1, 100000, NULL, "number of steps"},
    {"rate", SPEC_REAL, offsetof(options, rate), "0.5", 0, 1, NULL, "learning rate"},
};
static const spec_key common_keys[] = {
    {"seed", SPEC_UNSIGNED, offsetof(options, seed), "0", 0, 0, NULL, "seed"},
    {"kernel", SPEC_CHOICE, offsetof(options, kernel), "gaussian", 0, 0, "gaussian|binomial", "kernel"},
    {"rates", SPEC_REALS, offsetof(options, rates), "", 0, 1, NULL, "rates"},
    {"shape", SPEC_SHAPE, offsetof(options, shape), "2", 1, 4096, NULL, "shape"},
};
static const spec_kind kinds[] = {{"linear", "a line", own_keys, 2}, {"cosine", "a cosine", own_keys, 2}};
static const spec_kind *kind_at(size_t index)
{
    return index < 2 ? &kinds[index] : NULL;
}
static const spec_grammar grammar = {"schedule", kind_at, common_keys, 4};

static void defaults_fill_what_is_not_given(void **state)
{
    (void)state;
    options o;
    size_t kind;
    assert_ok(spec_parse(&grammar, "  cosine\trate=0.25 ", &o, &kind));
    assert_int_equal(kind, 1);
    assert_int_equal(o.steps, 1000);
    assert_close(o.rate, 0.25, 0, 0);
    assert_int_equal(o.kernel, 0);
    assert_int_equal(o.rates.count, 0);
    assert_int_equal(o.shape.rank, 1);
    spec_release(&grammar, kind, &o);
}

static void the_formatted_text_reads_back_to_the_same_options(void **state)
{
    (void)state;
    options a, b;
    size_t kind;
    assert_ok(spec_parse(&grammar,
                         "linear rate=0.1 seed=18446744073709551615 rates=0.3,1e-7,1 shape=28,28,1 kernel=binomial", &a,
                         &kind));
    char *text = spec_format(&grammar, kind, &a);
    assert_string_equal(text, "linear steps=1000 rate=0.1 seed=18446744073709551615 kernel=binomial rates=0.3,1e-07,1 "
                              "shape=28,28,1");
    assert_ok(spec_parse(&grammar, text, &b, &kind));
    assert_true(a.rate == b.rate && a.seed == b.seed && a.kernel == b.kernel && b.rates.count == 3);
    assert_memory_equal(a.rates.values, b.rates.values, 3 * sizeof(double));
    assert_memory_equal(&a.shape, &b.shape, sizeof a.shape);
    memory_release(text);
    spec_release(&grammar, kind, &a);
    spec_release(&grammar, kind, &b);
}

static void a_wrong_spec_is_refused_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "the spec is empty"},
        {"cosin", "unknown kind 'cosin', did you mean 'cosine'?"},
        {"zebra", "unknown kind 'zebra', expected one of linear, cosine"},
        {"linear step=3", "unknown key 'step', did you mean 'steps'?"},
        {"linear steps=0", "steps=0, expected a whole number 1..100000"},
        {"linear steps=1.5", "steps=1.5, expected a whole number"},
        {"linear steps=", "steps=, expected"},
        {"linear steps", "'steps' is not of the form key=value"},
        {"linear steps=3 steps=4", "key 'steps' is given twice"},
        {"linear rate=nan", "rate=nan, expected a number 0..1"},
        {"linear rate=0x", "rate=0x, expected"},
        {"linear seed=-1", "seed=-1, expected a whole number 0..2^64-1"},
        {"linear kernel=gauss", "kernel=gauss, expected gaussian|binomial"},
        {"linear rates=0.5,,1", "rates=, expected comma-separated numbers"},
        {"linear rates=0.5,2", "rates=2, expected comma-separated numbers, each 0..1"},
        {"linear shape=1,2,3,4,5,6,7,8,9", "shape=1,2,3,4,5,6,7,8,9, expected 1 to 8 comma-separated sizes"},
    };
    for (size_t i = 0; i < SPEC_COUNT(cases); i++) {
        options o;
        size_t kind;
        assert_refused(spec_parse(&grammar, cases[i].text, &o, &kind), DIFFUSION_E_SPEC, cases[i].sentence);
    }
}

typedef struct needs {
    int32_t spacing;
    double rho, churn, noise;
} needs;

static const spec_key need_keys[] = {
    {"spacing", SPEC_CHOICE, offsetof(needs, spacing), "even", 0, 0, "even|karras|poly", "levels"},
    {"rho", SPEC_REAL, offsetof(needs, rho), "7", 0, 10, NULL, "spacing=karras|poly: the power"},
    {"noise", SPEC_REAL, offsetof(needs, noise), "1", 0, 10, NULL, "churn: its deviation"},
    {"churn", SPEC_REAL, offsetof(needs, churn), "0", 0, 10, NULL, "spacing karras: no need of it, nor is"},
};
static const spec_grammar need_grammar = {"sampler", NULL, need_keys, SPEC_COUNT(need_keys)};

static void a_key_without_a_part_is_refused_but_of_a_file(void **state)
{
    (void)state;
    static const char *const good[] = {"",        "rho=5 spacing=karras",  "spacing=poly rho=5", "rho=7.0",
                                       "churn=2", "noise=0.5 churn=0.001", "noise=1e0"};
    static const char *const bad[][2] = {
        {"rho=5", "sampler: rho=5 plays no part with spacing=even, expected spacing=karras|poly"},
        {"spacing=even rho=7.1", "rho=7.1 plays no part with spacing=even"},
        {"noise=0.5", "sampler: noise=0.5 plays no part with churn=0"},
        {"churn=0.0 noise=0.5", "noise=0.5 plays no part with churn=0.0"},
    };
    needs o;
    for (size_t i = 0; i < SPEC_COUNT(good); i++)
        assert_ok(spec_parse(&need_grammar, good[i], &o, NULL));
    for (size_t i = 0; i < SPEC_COUNT(bad); i++) {
        assert_refused(spec_parse(&need_grammar, bad[i][0], &o, NULL), DIFFUSION_E_SPEC, bad[i][1]);
        assert_ok(spec_parse_stored(&need_grammar, bad[i][0], &o, NULL));
    }
}

static void a_value_is_found_under_its_whole_key(void **state)
{
    (void)state;
    static const char text[] = "cosine steps=10\tbeta_steps=3 empty= last=a=b";
    const char *value = NULL;
    size_t length = 9;
    assert_true(spec_find(text, "steps", &value, &length));
    assert_true(length == 2 && memcmp(value, "10", 2) == 0);
    assert_true(spec_find(text, "beta_steps", &value, &length) && length == 1 && *value == '3');
    assert_true(spec_find(text, "empty", &value, &length) && length == 0);
    assert_true(spec_find(text, "last", &value, &length) && length == 3 && memcmp(value, "a=b", 3) == 0);
    assert_false(spec_find(text, "step", &value, &length) || spec_find(text, "cosine", &value, &length));
    assert_false(spec_find("", "steps", &value, &length));
}

static void the_help_names_every_kind_and_key(void **state)
{
    (void)state;
    char *help = spec_help(&grammar);
    assert_non_null(strstr(help, "cosine\n"));
    assert_non_null(strstr(help, "steps=a whole number 1..100000 (default 1000)"));
    assert_non_null(strstr(help, "kernel=gaussian|binomial (default gaussian)"));
    memory_release(help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_fill_what_is_not_given),
        cmocka_unit_test(the_formatted_text_reads_back_to_the_same_options),
        cmocka_unit_test(a_wrong_spec_is_refused_in_one_sentence),
        cmocka_unit_test(a_key_without_a_part_is_refused_but_of_a_file),
        cmocka_unit_test(a_value_is_found_under_its_whole_key),
        cmocka_unit_test(the_help_names_every_kind_and_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
