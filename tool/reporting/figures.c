/* What is measured of a model with data: the bound, and how its samples compare. */
#include "reporting/sections.h"

#include "reporting/page.h"

#include "common/evaluator.h"
#include "common/specs.h"
#include "common/text.h"
#include "comparing/picture.h"
#include "comparing/report.h"
#include "measuring/terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLOT_WIDTH = 440, NEIGHBOURS = 25 };

/* "12.34", "12.34 ± 0.05" */
static char *with_error(double value, double error)
{
    const double shown = text_bits(value);
    return isfinite(error) ? text_format("%.4f \u00b1 %.4f", shown, error) : text_format("%.4f", shown);
}

static void put_figure(FILE *to, const char *name, double bits, double error, size_t dim)
{
    char *sample = with_error(bits, error), *each = with_error(bits / (double)dim, error / (double)dim);
    page_row(to, (const char *const[]){name, sample, each, NULL});
    free(sample);
    free(each);
}

static void put_bound_table(FILE *to, const report_job *job)
{
    static const char *const head[] = {"", "bits a sample", "bits a dimension", NULL};
    static const struct {
        const char *name, *value, *error;
        double sign;
    } rows[] = {
        {"K, the bound on log2 p", "k_bits", "standard_error_bits", 1},
        {"L_null, without a model", "null_bits", "null_standard_error_bits", 1},
        {"K \u2212 L_null", "k_minus_null_bits", "k_minus_null_standard_error_bits", 1},
        {"edge, E[log2 p(x\u2080|x\u2081)]", "edge_bits", NULL, 1},
        {"\u2212 KLs of steps 2..T", "kl_bits", NULL, -1},
        {"\u2212 KL of the prior at T", "prior_bits", NULL, -1},
    };
    page_table_begin(to, head);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        put_figure(to, rows[i].name, rows[i].sign * evaluator_figure(job->bound, rows[i].value),
                   rows[i].error != NULL ? evaluator_figure(job->bound, rows[i].error) : NAN, job->drawn.dim);
    page_table_end(to);
}

static void put_code_length(FILE *to, const report_job *job)
{
    const double dim = (double)job->drawn.dim, k = evaluator_figure(job->bound, "k_bits");
    char *text = with_error(subject_code(&job->of, k) / dim, evaluator_figure(job->bound, "standard_error_bits") / dim);
    if (subject_is_discrete(&job->of))
        page_text(to, "%s bits per dimension: the code length of the data, at most.", text);
    else
        page_text(to, "Minus K, in the data's own units, is %s bits per dimension: of a density, which may be below 0.",
                  text);
    free(text);
}

void section_bound(FILE *to, const report_job *job)
{
    page_section(to, "How well it knows the data");
    if (job->data_path == NULL) {
        page_text(to, "Without DATA nothing is measured: diffusion report MODEL DATA.");
        return;
    }
    if (job->bound == NULL) {
        page_text(to, "The bound K is not measured: %s.", job->no_bound);
        return;
    }
    page_text(to, "The lower bound K on log2 p(data), of %zu rows %s.", job->rows.count,
              job->given_held > 0 ? "that are held out"
                                  : "of the data; if the model was trained on these, K is not that of others");
    if (!spec_is(diffusion_evaluator_spec(job->bound), "terms", "all", "all"))
        page_text(to, "Some KLs are measured for each row, at random; the errors include that.");
    put_bound_table(to, job);
    put_code_length(to, job);
    page_figure(to, terms_sheet(job->bound, (size_t)diffusion_schedule_steps(job->of.schedule), PLOT_WIDTH), PAGE_PLOT,
                "The KL of every step",
                "What each step of the chain costs: the KLs that K is made of, with their standard errors.");
}

/* ---- against data ---- */

static char *estimate_text(const estimate *of)
{
    return isfinite(of->error) ? text_format("%.4g \u00b1 %.2g", of->value, of->error) : text_format("%.4g", of->value);
}

static void put_measures(FILE *to, const figures *f)
{
    static const char *const head[] = {"", "samples", "floor: data held out", NULL};
    page_table_begin(to, head);
    for (size_t i = 0; i < COMPARE_COUNT; i++) {
        char *samples = estimate_text(&f->samples[i]), *floor_text = estimate_text(&f->floor[i]);
        page_row(to, (const char *const[]){compare_measures[i].name, samples, floor_text, NULL});
        free(samples);
        free(floor_text);
    }
    page_table_end(to);
}

void section_comparison(FILE *to, const report_job *job)
{
    if (!job->has_figures)
        return;
    char *unit = report_unit(&job->all), *verdict = report_verdict(&job->all, &job->compared);
    page_section(to, "Samples against data");
    page_text(to, "%zu samples and as many rows %s, each against %zu rows of the data, %s.", job->all.count,
              job->given_held > 0 ? "held out" : "taken out of it at random", job->all.data_count, unit);
    put_measures(to, &job->compared);
    page_text(to, "By three standard errors, %s.", verdict);
    if (job->is_image)
        page_figure(to, picture_images(&job->all, job->compared.nearest, NEIGHBOURS, REPORT_WIDEST), PAGE_IMAGE,
                    "Samples beside the data nearest to them",
                    "Each sample, to the right, and at the same place to the left the image of the data that is "
                    "nearest to it.");
    free(unit);
    free(verdict);
}
