#include "scoring/scores.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"
#include "data/write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED_MOST = 1024 };

static int is_listed(int32_t label, const int64_t *list, size_t listed)
{
    for (size_t i = 0; i < listed; i++)
        if (list[i] == label)
            return 1;
    return 0;
}

void scores_mark(scores *out, const dataset *data, const char *list, const char *path)
{
    int64_t labels[LISTED_MOST];
    const size_t listed = text_integers(labels, LISTED_MOST, list, DATA_CLASSES_MAX - 1);
    if (listed == 0)
        fail_usage("score: --anomalies %s, expected labels with commas between them, such as 1,7", list);
    if (data->labels == NULL)
        fail("%s: has no labels, which --anomalies needs; say where they are with --data labels=first|last|PATH", path);
    out->anomalous = allocate(data->count, sizeof *out->anomalous);
    for (size_t i = 0; i < data->count; i++)
        out->anomalies += (size_t)(out->anomalous[i] = is_listed(data->labels[i], labels, listed));
    if (out->anomalies == 0)
        fail("%s: no row has a label of --anomalies %s", path, list);
    if (out->anomalies == data->count)
        fail("%s: every row has a label of --anomalies %s, expected others to tell them from", path, list);
}

/* Room for `more` numbers behind `count`. */
static void *lengthen(void *old, size_t count, size_t more, size_t size)
{
    void *all = allocate(count + more, size);
    if (old != NULL)
        memcpy(all, old, count * size);
    free(old);
    return all;
}

static void set_marks(scores *out, size_t more, int mark)
{
    out->anomalous = lengthen(out->anomalous, out->count, more, sizeof *out->anomalous);
    for (size_t i = 0; i < more; i++)
        out->anomalous[out->count + i] = mark;
    out->anomalies += mark != 0 ? more : 0;
}

/* One run of the measure. */
typedef struct measuring {
    const subject *of;
    diffusion_evaluator *evaluator;
    const dataset *data;
    int labelled, quiet;
    double *bits, *error;  /* [data->count] */
    size_t infinite, last; /* rows for which the model's numbers overflow, and one of them */
} measuring;

/* Columns of their own scales have their noise of dequantisation in the data, drawn once: where a measure draws nothing
 * else, what that makes of a row's bits is not known. */
static double error_known(const measuring *m, double error)
{
    const scaling *scale = &m->of->scale;
    return error == 0 && scale->columns > 1 && scaling_dequantizes(scale) ? NAN : error;
}

/* Rows so far from anything the model has seen that its numbers overflow are found by halves. What this leaves in
 * diffusion_last_error() is why. */
static void measure_rows(measuring *m, size_t first, size_t count)
{
    const diffusion_status status = subject_run(m->evaluator, m->data, m->labelled, first, count, m->quiet);
    if (status == DIFFUSION_E_NONFINITE && count > 1) {
        measure_rows(m, first, count / 2);
        measure_rows(m, first + count / 2, count - count / 2);
        return;
    }
    if (status == DIFFUSION_E_NONFINITE) {
        m->bits[first] = INFINITY;
        m->error[first] = NAN;
        m->infinite++;
        m->last = first;
        return;
    }
    check(status);
    check(diffusion_evaluator_samples(m->evaluator, m->bits + first, m->error + first, count));
    for (size_t i = first; i < first + count; i++) {
        m->bits[i] = subject_code(m->of, m->bits[i]);
        m->error[i] = error_known(m, m->error[i]);
    }
}

static void tell_infinite(const measuring *m, const char *path)
{
    if (m->infinite == m->data->count)
        fail("%s: %s", path, diffusion_last_error());
    if (m->infinite > 0)
        note("%s: %zu of %zu rows are beyond the numbers of the model, and their bits infinite; "
             "such is row %zu (from 0): %s",
             path, m->infinite, m->data->count, m->last, diffusion_last_error());
}

void scores_add(scores *out, const subject *of, const dataset *data, const char *path, int mark, int quiet)
{
    out->labelled = data_uses_labels(data, of->model, path);
    out->bits = lengthen(out->bits, out->count, data->count, sizeof *out->bits);
    out->error = lengthen(out->error, out->count, data->count, sizeof *out->error);
    measuring m = {.of = of,
                   .evaluator = subject_evaluator(of),
                   .data = data,
                   .labelled = out->labelled,
                   .quiet = quiet,
                   .bits = out->bits + out->count,
                   .error = out->error + out->count};
    measure_rows(&m, 0, data->count);
    tell_infinite(&m, path);
    if (mark >= 0)
        set_marks(out, data->count, mark);
    out->count += data->count;
    out->dim = data->dim;
    diffusion_evaluator_free(m.evaluator);
}

double *scores_of(const scores *from, int mark, size_t *count)
{
    double *bits = allocate(from->count, sizeof *bits);
    *count = 0;
    for (size_t i = 0; i < from->count; i++)
        if (scores_has(from, i, mark))
            bits[(*count)++] = from->bits[i];
    return bits;
}

void scores_write(const scores *from, const char *path)
{
    enum { COLUMNS = 3 };
    double *rows = allocate(multiply(from->count, COLUMNS, path), sizeof *rows);
    for (size_t i = 0; i < from->count; i++) {
        rows[i * COLUMNS] = from->bits[i];
        rows[i * COLUMNS + 1] = from->bits[i] / (double)from->dim;
        rows[i * COLUMNS + 2] = from->error[i];
    }
    const table_rows as = {.values = rows,
                           .count = from->count,
                           .shape = (const int64_t[]){COLUMNS},
                           .rank = 1,
                           .names = "bits,bits_per_dimension,standard_error_bits",
                           .labels = from->anomalous,
                           .label = "anomaly"};
    table_write(path, &as);
    free(rows);
}

void scores_release(scores *of)
{
    free(of->bits);
    free(of->error);
    free(of->anomalous);
}
