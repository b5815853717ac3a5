#include "comparing/report.h"

#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEW = 30 }; /* rows, of which errors say little */

static const struct {
    const char *name, *key;
} measures[COMPARE_COUNT] = {
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
            text_append(&list, "%s%s", *list != '\0' ? ", " : "", measures[i].name);
    return list;
}

static int memorised(const figures *f)
{
    return figures_differ(f, COMPARE_NEAREST) < 0 || figures_differ(f, COMPARE_COPIES) > 0;
}

static void print_verdict(const sets *of, const figures *f)
{
    char *list = differences(f);
    printf("verdict: ");
    if (*list != '\0')
        printf("the samples can be told from data by the %s", list);
    else
        printf("no measure tells the samples from data held out");
    printf("; %s", memorised(f) ? "they are nearer to DATA than data held out is: memorised, in part at least"
                                : "they are no nearer to DATA than data held out is");
    if (of->count < FEW)
        printf("; %zu rows are too few to be sure", of->count);
    printf("\n");
    free(list);
}

static void print_unit(const sets *of)
{
    if (of->scale.columns > 1)
        printf("in standard deviations of each column of DATA");
    else if (of->scale.of[0].scale != 1)
        printf("in standard deviations of DATA (%.6g)", of->scale.of[0].scale);
    else
        printf("in DATA's own unit");
    if (of->constant > 0)
        printf(", but for %zu columns that are constant there", of->constant);
    printf("\n");
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
    print_unit(of);
    printf("%-29s  %-24s  %s\n", "", "    samples", "    floor: data held out");
    for (int i = 0; i < COMPARE_COUNT; i++) {
        printf("%-29s", measures[i].name);
        print_estimate(&f->samples[i]);
        print_estimate(&f->floor[i]);
        printf("\n");
    }
    print_verdict(of, f);
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
        printf("  \"%s\": {", measures[i].key);
        print_number("value", f->samples[i].value, ", ");
        print_number("error", f->samples[i].error, ", ");
        print_number("floor", f->floor[i].value, ", ");
        print_number("floor_error", f->floor[i].error, "},\n");
    }
    printf("  \"told_from_data\": %s,\n  \"memorised\": %s\n}\n", *list != '\0' ? "true" : "false",
           memorised(f) ? "true" : "false");
    free(list);
}
