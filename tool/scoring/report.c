#include "scoring/report.h"

#include <math.h>
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

static void print_error(FILE *stream, double error)
{
    if (isfinite(error))
        fprintf(stream, "  +- %-10.4f", error);
    else
        fprintf(stream, "  %-13s", "");
}

static void print_line(FILE *stream, const char *name, const moment *of, size_t dim)
{
    fprintf(stream, "%-12s %10zu %14.4f", name, of->count, of->mean);
    print_error(stream, of->error);
    fprintf(stream, " %14.4f", of->mean / (double)dim);
    print_error(stream, of->row_error);
    putc('\n', stream);
}

static void print_curve(FILE *stream, const roc *curve)
{
    fprintf(stream, "\narea under the ROC curve %.4f", curve->area);
    if (isfinite(curve->error))
        fprintf(stream, " +- %.4f", curve->error);
    fputs(": the chance that an anomaly has more bits than one of the rest\n", stream);
    if (curve->area < 0.5)
        fputs("Below 0.5: the anomalies are likelier than the data. Simple images are likely to any model of images, "
              "see man diffusion.\n",
              stream);
}

void scores_print(FILE *stream, const subject *of, const scores *from, const roc *curve)
{
    fprintf(stream, "%zu rows of %zu values; bits are -log2 %s by %.*s, %s\n\n", from->count, from->dim,
            from->labelled ? "p(x | label)" : "p(x)", (int)strcspn(of->spec, " "), of->spec,
            subject_is_discrete(of) ? "code lengths" : "of a density");
    fprintf(stream, "%-12s %10s %14s  %-13s %14s  %s\n", "", "rows", "bits/row", "std. error", "bits/dim",
            "error of one row's bits");
    const moment rest = moment_of(from, curve != NULL ? 0 : -1);
    print_line(stream, "data", &rest, from->dim);
    if (curve == NULL)
        return;
    const moment anomalies = moment_of(from, 1);
    print_line(stream, "anomalies", &anomalies, from->dim);
    print_curve(stream, curve);
}

/* JSON has no NaN and no infinity. */
static void print_number(FILE *stream, const char *name, double value)
{
    if (isfinite(value))
        fprintf(stream, "  \"%s\": %.17g,\n", name, value);
    else
        fprintf(stream, "  \"%s\": null,\n", name);
}

void scores_print_json(FILE *stream, const scores *from, const roc *curve)
{
    const moment rest = moment_of(from, curve != NULL ? 0 : -1);
    fprintf(stream, "{\n  \"rows\": %zu,\n  \"dimensions\": %zu,\n", rest.count, from->dim);
    print_number(stream, "bits", rest.mean);
    print_number(stream, "standard_error_bits", rest.error);
    print_number(stream, "bits_per_dimension", rest.mean / (double)from->dim);
    print_number(stream, "row_error_bits", rest.row_error);
    if (curve != NULL) {
        const moment anomalies = moment_of(from, 1);
        fprintf(stream, "  \"anomalies\": %zu,\n", anomalies.count);
        print_number(stream, "anomaly_bits", anomalies.mean);
        print_number(stream, "anomaly_standard_error_bits", anomalies.error);
        print_number(stream, "anomaly_row_error_bits", anomalies.row_error);
        print_number(stream, "auc", curve->area);
        print_number(stream, "auc_standard_error", curve->error);
    }
    fprintf(stream, "  \"given_labels\": %s\n}\n", from->labelled ? "true" : "false");
}
