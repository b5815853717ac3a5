/* Measures as commands take them: the kind is the command's, the keys are the user's. */
#ifndef COMMON_EVALUATOR_H
#define COMMON_EVALUATOR_H

#include <diffusion/evaluator.h>

/* The spec of a kind with the user's keys, which may begin with the kind itself or be NULL; freed by free(). */
char *evaluator_spec(const char *kind, const char *keys);

/* A figure of the last run. */
double evaluator_figure(const diffusion_evaluator *evaluator, const char *quantity);

#endif
