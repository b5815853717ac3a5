/* The bound, term by term, for the eye. */
#ifndef MEASURING_TERMS_H
#define MEASURING_TERMS_H

#include <cairo.h>
#include <diffusion/evaluator.h>

/* The KL of every step that an elbo of so many has measured, in a picture so wide. */
cairo_t *terms_sheet(const diffusion_evaluator *evaluator, size_t steps, double wide);

#endif
