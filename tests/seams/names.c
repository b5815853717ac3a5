/* Names beside tables: those of a text "a|b" are its rows' names in their order, and no spec has one name twice. */
#include "test.h"

#include "evaluate/evaluator.h"
#include "model/parameterization.h"
#include "model/variance.h"
#include "network/table.h"
#include "process/schedule.h"
#include "sample/options.h"
#include "train/objective.h"

typedef const char *row_name_fn(size_t index); /* NULL past the last */

static void agree(const char *names, row_name_fn *name_at)
{
    char joined[256] = "";
    for (size_t i = 0; name_at(i) != NULL; i++) {
        assert_true(strlen(joined) + strlen(name_at(i)) + 2 < sizeof joined);
        strcat(strcat(joined, i > 0 ? "|" : ""), name_at(i));
    }
    assert_string_equal(names, joined);
}

static const char *kernel_name(size_t i)
{
    return kernel_class_at(i) != NULL ? kernel_class_at(i)->name : NULL;
}

static const char *prediction_name(size_t i)
{
    return prediction_at(i) != NULL ? prediction_at(i)->name : NULL;
}

static const char *objective_name(size_t i)
{
    return objective_class_at(i) != NULL ? objective_class_at(i)->name : NULL;
}

static const char *weight_name(size_t i)
{
    return weight_class_at(i) != NULL ? weight_class_at(i)->name : NULL;
}

static const char *law_name(size_t i)
{
    return times_class_at(i) != NULL ? times_class_at(i)->name : NULL;
}

static const char *variance_kind_name(size_t i)
{
    return i <= VARIANCE_RAW ? variance_name((variance_kind)i) : NULL;
}

static void names_beside_tables_are_those_of_their_rows(void **state)
{
    (void)state;
    agree(kernel_names, kernel_name);
    agree(prediction_names, prediction_name);
    agree(objective_names, objective_name);
    agree(weight_names, weight_name);
    agree(times_names, law_name);
    agree(variance_names, variance_kind_name);
}

/* ---- specs ---- */

static void one_key_only(const char *kind, const spec_key *keys, size_t count, const spec_key *others, size_t more)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (strcmp(keys[i].name, keys[j].name) == 0)
                fail_msg("%s has the key %s twice", kind, keys[i].name);
        for (size_t j = 0; j < more; j++)
            if (strcmp(keys[i].name, others[j].name) == 0)
                fail_msg("%s has the key %s, which all kinds have", kind, keys[i].name);
    }
}

static void kinds_of(spec_kind_at_fn *kind_at, const spec_key *keys, size_t key_count)
{
    const spec_kind *kind;
    for (size_t i = 0; (kind = kind_at(i)) != NULL; i++) {
        one_key_only(kind->name, kind->keys, kind->key_count, keys, key_count);
        for (size_t j = 0; j < i; j++)
            if (strcmp(kind->name, kind_at(j)->name) == 0)
                fail_msg("two kinds are named %s", kind->name);
    }
    one_key_only("every kind", keys, key_count, NULL, 0);
}

static const spec_kind *curve_kind(size_t i)
{
    return curve_at(i) != NULL ? &curve_at(i)->spec : NULL;
}

static const spec_kind *measure_kind(size_t i)
{
    return measure_at(i) != NULL ? &measure_at(i)->spec : NULL;
}

static void no_spec_has_a_name_twice(void **state)
{
    (void)state;
    const spec_grammar *const grammars[] = {model_grammar(), sampler_grammar()};
    for (size_t i = 0; i < SPEC_COUNT(grammars); i++)
        kinds_of(grammars[i]->kind_at, grammars[i]->keys, grammars[i]->key_count);
    kinds_of(curve_kind, NULL, 0);
    kinds_of(measure_kind, NULL, 0);
    one_key_only("the trainer", trainer_grammar()->keys, trainer_grammar()->key_count, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_beside_tables_are_those_of_their_rows),
        cmocka_unit_test(no_spec_has_a_name_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
