#include "scoring/report.h"

#include "scoring/complexity.h"

#include "common/results.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct moment {
    size_t count;
    double mean, error; /* of the mean, NaN for one row */
    double row_error;   /* the root mean square of the rows' own errors */
} moment;

static moment moment_of(const scores *from, int mark)
{
    moment out = {.error = NAN};
    double sum = 0, squares = 0, errors = 0;
    for (size_t i = 0; i < from->count; i++)
        if (scores_has(from, i, mark)) {
            out.count++;
            sum += from->bits[i];
            errors += from->error[i] * from->error[i];
        }
    const double count = (double)out.count;
    out.mean = sum / count;
    out.row_error = sqrt(errors / count);
    for (size_t i = 0; i < from->count; i++)
        if (scores_has(from, i, mark))
            squares += (from->bits[i] - out.mean) * (from->bits[i] - out.mean);
    if (out.count > 1)
        out.error = sqrt(squares / (count - 1) / count);
    return out;
}

typedef struct row_keys {
    const char *count, *bits, *error, *row_error;
} row_keys;

static char *error_text(double error)
{
    return isfinite(error) ? text_format("  +- %-10.4f", error) : text_format("  %-13s", "");
}

static void put_rows(results *to, const char *name, const row_keys *keys, const moment *of, size_t dim)
{
    char *error = error_text(of->error), *row_error = error_text(of->row_error);
    results_count(to, keys->count, of->count, "%-12s %10zu %14.4f%s %14.4f%s\n", name, of->count, text_bits(of->mean),
                  error, text_bits(of->mean / (double)dim), row_error);
    results_number(to, keys->bits, of->mean, NULL);
    results_number(to, keys->error, of->error, NULL);
    results_number(to, keys->row_error, of->row_error, NULL);
    free(error);
    free(row_error);
}

static void put_curve(results *to, const roc *curve, const char *remark)
{
    char *error = isfinite(curve->error) ? text_format(" +- %.4f", curve->error) : text_format("%s", "");
    results_number(to, "auc", curve->area,
                   "\narea under the ROC curve %.4f%s: the chance that an anomaly has more bits than one of the rest\n",
                   curve->area, error);
    results_number(to, "auc_standard_error", curve->error, NULL);
    if (remark != NULL)
        results_line(to, "%s\n", remark);
    free(error);
}

static const double hardly = 0.2; /* bits a value, by which a model that knows little is better */

/* A likelihood counts texture, so that simple pictures have few bits by any model that has learnt its data: one that
 * needs clearly fewer bits for it than if no value told of another. */
static void explain(char **remark, const subject *of, const scores *from, const dataset *const *sets, size_t count)
{
    const double bits = moment_of(from, 0).mean / (double)from->dim;
    const complexity rest = complexity_of(of, from, sets, count, 0), odd = complexity_of(of, from, sets, count, 1);
    if (!(bits < rest.normal - hardly))
        text_append(remark,
                    " The model has hardly learnt the data: it needs %.2f bits a value, and a normal law of each value "
                    "%.2f.",
                    bits, rest.normal);
    else if (odd.deflate < rest.deflate)
        text_append(remark,
                    " They are simpler: deflate, which knows no model, needs %.2f bits a value for them and %.2f for "
                    "the data. Simple pictures are likely to any model of pictures, see man diffusion.",
                    odd.deflate, rest.deflate);
}

char *scores_remark(const subject *of, const scores *from, const roc *curve, const dataset *const *sets, size_t count)
{
    if (!(curve->area + 2 * curve->error < 0.5)) /* NaN: of a single row */
        return NULL;
    char *remark = text_format("Below 0.5: the anomalies are likelier than the data.");
    if (data_is_image(sets[0]->shape, sets[0]->rank) && complexity_is_known(of))
        explain(&remark, of, from, sets, count);
    return remark;
}

void scores_print(FILE *stream, const subject *of, const scores *from, const roc *curve, const char *remark, int json)
{
    static const row_keys data = {"rows", "bits", "standard_error_bits", "row_error_bits"},
                          anomalous = {"anomalies", "anomaly_bits", "anomaly_standard_error_bits",
                                       "anomaly_row_error_bits"};
    const moment rest = moment_of(from, curve != NULL ? 0 : -1);
    results to;
    results_begin(&to, stream, json);
    results_count(&to, "dimensions", from->dim, "%zu row%s of %zu value%s; bits are -log2 %s by %.*s, %s\n\n",
                  from->count, text_plural(from->count), from->dim, text_plural(from->dim),
                  from->labelled ? "p(x | label)" : "p(x)", (int)strcspn(of->spec, " "), of->spec,
                  subject_is_discrete(of) ? "code lengths" : "of a density");
    results_line(&to, "%-12s %10s %14s  %-13s %14s  %s\n", "", "rows", "bits/row", "std. error", "bits/dim",
                 "error of one row's bits");
    put_rows(&to, "data", &data, &rest, from->dim);
    results_number(&to, "bits_per_dimension", rest.mean / (double)from->dim, NULL);
    if (curve != NULL) {
        const moment anomalies = moment_of(from, 1);
        put_rows(&to, "anomalies", &anomalous, &anomalies, from->dim);
        put_curve(&to, curve, remark);
    }
    results_flag(&to, "given_labels", from->labelled);
    results_end(&to);
}
