#include "comparing/report.h"

#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEW = 30 }; /* rows, of which errors say little */

const compare_measure compare_measures[COMPARE_COUNT] = {
    {"sliced Wasserstein distance", "sliced_wasserstein"},
    {"squared MMD", "mmd_squared"},
    {"nearest-neighbour accuracy", "two_sample_accuracy"},
    {"distance to the nearest data", "nearest_distance"},
    {"share of near copies", "near_copies"},
};

static void print_estimate(const estimate *e)
{
    printf("  %11.5g", e->value);
    if (isfinite(e->error))
        printf(" +- %-9.2g", e->error);
    else
        printf("%13s", "");
}

/* What tells the samples from data, by name; "" if nothing does. Freed by free(). */
static char *differences(const figures *f)
{
    char *list = text_format("%s", "");
    for (int i = COMPARE_SLICED; i <= COMPARE_TWO_SAMPLE; i++)
        if (figures_differ(f, i) > 0)
            text_append(&list, "%s%s", *list != '\0' ? ", " : "", compare_measures[i].name);
    return list;
}

static int memorised(const figures *f)
{
    return figures_differ(f, COMPARE_NEAREST) < 0 || figures_differ(f, COMPARE_COPIES) > 0;
}

char *report_verdict(const sets *of, const figures *f)
{
    char *list = differences(f);
    char *text = *list != '\0' ? text_format("the samples can be told from data by the %s", list)
                               : text_format("no measure tells the samples from data held out");
    text_append(&text, "; %s",
                memorised(f) ? "they are nearer to DATA than data held out is: memorised, in part at least"
                             : "they are no nearer to DATA than data held out is");
    if (of->count < FEW)
        text_append(&text, "; %zu rows are too few to be sure", of->count);
    free(list);
    return text;
}

char *report_unit(const sets *of)
{
    char *text = of->scale.columns > 1 ? text_format("in standard deviations of each column of DATA")
                 : of->scale.of[0].scale != 1
                     ? text_format("in standard deviations of DATA (%.6g)", of->scale.of[0].scale)
                     : text_format("in DATA's own unit");
    if (of->constant > 0)
        text_append(&text, ", but for %zu columns that are constant there", of->constant);
    return text;
}

void report_text(const sets *of, const figures *f)
{
    printf("%zu samples", of->count);
    if (of->given > of->count)
        printf(" (of %zu: as many as are held out)", of->given);
    printf(", %zu rows of data, %zu held out", of->data_count, of->count);
    if (of->given_held > of->count)
        printf(" (of %zu: as many as there are samples)", of->given_held);
    printf(", of %zu value%s, ", of->dim, of->dim == 1 ? "" : "s");
    char *unit = report_unit(of), *verdict = report_verdict(of, f);
    printf("%s\n", unit);
    printf("%-29s  %-24s  %s\n", "", "    samples", "    floor: data held out");
    for (int i = 0; i < COMPARE_COUNT; i++) {
        printf("%-29s", compare_measures[i].name);
        print_estimate(&f->samples[i]);
        print_estimate(&f->floor[i]);
        printf("\n");
    }
    printf("verdict: %s\n", verdict);
    free(unit);
    free(verdict);
}

static void print_number(const char *key, double value, const char *after)
{
    if (isfinite(value))
        printf("\"%s\": %.17g%s", key, value, after);
    else
        printf("\"%s\": null%s", key, after);
}

void report_json(const sets *of, const figures *f)
{
    char *list = differences(f);
    printf("{\n  \"samples\": %zu,\n  \"data\": %zu,\n  \"held_out\": %zu,\n  \"dimensions\": %zu,\n", of->count,
           of->data_count, of->count, of->dim);
    for (int i = 0; i < COMPARE_COUNT; i++) {
        printf("  \"%s\": {", compare_measures[i].key);
        print_number("value", f->samples[i].value, ", ");
        print_number("error", f->samples[i].error, ", ");
        print_number("floor", f->floor[i].value, ", ");
        print_number("floor_error", f->floor[i].error, "},\n");
    }
    printf("  \"told_from_data\": %s,\n  \"memorised\": %s\n}\n", *list != '\0' ? "true" : "false",
           memorised(f) ? "true" : "false");
    free(list);
}
