/* What `diffusion compare` says. */
#ifndef COMPARING_REPORT_H
#define COMPARING_REPORT_H

#include "comparing/figures.h"

void report_text(const sets *of, const figures *f);
void report_json(const sets *of, const figures *f);

#endif
