#include "comparing/report.h"

#include "common/results.h"
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
        text_append(&text, ", but for %zu column%s constant there", of->constant,
                    of->constant == 1 ? " that is" : "s that are");
    return text;
}

static void put_sizes(results *to, const sets *of)
{
    char *unit = report_unit(of);
    char *some =
        of->given > of->count ? text_format(" (of %zu: as many as are held out)", of->given) : text_format("%s", "");
    char *part = of->given_held > of->count ? text_format(" (of %zu: as many as there are samples)", of->given_held)
                                            : text_format("%s", "");
    results_count(to, "samples", of->count, "%zu samples%s, %zu rows of data, %zu held out%s, of %zu value%s, %s\n",
                  of->count, some, of->data_count, of->count, part, of->dim, text_plural(of->dim), unit);
    results_count(to, "data", of->data_count, NULL);
    results_count(to, "held_out", of->count, NULL);
    results_count(to, "dimensions", of->dim, NULL);
    free(some);
    free(part);
    free(unit);
}

static char *estimate_text(const estimate *e)
{
    return isfinite(e->error) ? text_format("  %11.5g +- %-9.2g", e->value, e->error)
                              : text_format("  %11.5g%13s", e->value, "");
}

static void put_measure(results *to, const compare_measure *as, const estimate *samples, const estimate *floor_of)
{
    char *left = estimate_text(samples), *right = estimate_text(floor_of);
    results_line(to, "%-29s%s%s\n", as->name, left, right);
    results_object(to, as->key);
    results_number(to, "value", samples->value, NULL);
    results_number(to, "error", samples->error, NULL);
    results_number(to, "floor", floor_of->value, NULL);
    results_number(to, "floor_error", floor_of->error, NULL);
    results_close(to);
    free(left);
    free(right);
}

void report_print(const sets *of, const figures *f, int json)
{
    results to;
    char *list = differences(f), *verdict = report_verdict(of, f);
    results_begin(&to, stdout, json);
    put_sizes(&to, of);
    results_line(&to, "%-29s  %-24s  %s\n", "", "    samples", "    floor: data held out");
    for (int i = 0; i < COMPARE_COUNT; i++)
        put_measure(&to, &compare_measures[i], &f->samples[i], &f->floor[i]);
    results_line(&to, "verdict: %s\n", verdict);
    results_flag(&to, "told_from_data", *list != '\0');
    results_flag(&to, "memorised", memorised(f));
    results_end(&to);
    free(list);
    free(verdict);
}
