#include "measuring/terms.h"

#include "common/fail.h"
#include "common/memory.h"
#include "picture/figures.h"

#include <math.h>
#include <stdlib.h>

cairo_t *terms_sheet(const diffusion_evaluator *evaluator, size_t steps, double wide)
{
    double *bits = allocate(2 * steps, sizeof *bits);
    check(diffusion_evaluator_terms(evaluator, bits, bits + steps));
    for (size_t i = 0; i < steps; i++)
        bits[i] = bits[i] != 0 ? bits[i] : NAN; /* the chain does not come there */
    cairo_t *sheet = figure_terms(bits, bits + steps, steps, wide);
    free(bits);
    return sheet;
}
