/* The parts of a report's page. */
#ifndef REPORTING_SECTIONS_H
#define REPORTING_SECTIONS_H

#include "reporting/job.h"

#include <stdio.h>

/* The whole page. */
void report_write(FILE *to, report_job *job);

/* What the model is and how it was trained. */
void section_model(FILE *to, const report_job *job);
void section_training(FILE *to, const report_job *job);

/* What it draws, and the way there. */
void section_samples(FILE *to, const report_job *job);
void section_way(FILE *to, report_job *job);

/* Columns of tables: histograms, pairs, quantiles. */
void section_columns(FILE *to, const report_job *job);

/* Figures that need data. */
void section_bound(FILE *to, const report_job *job);
void section_comparison(FILE *to, const report_job *job);

#endif
