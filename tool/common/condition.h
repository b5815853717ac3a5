/* What samples are conditioned on, as far as commands offer it: their classes. */
#ifndef COMMON_CONDITION_H
#define COMMON_CONDITION_H

#include <diffusion/condition.h>
#include <diffusion/model.h>

/* The conditions of n samples with these labels, [n]; NULL without labels. Freed by diffusion_condition_free(). */
diffusion_condition *condition_of(const int32_t *labels, size_t n);

/* Labels of n samples: those of the list, [listed], over and over; NULL if there are none. Freed by free(). */
int32_t *labels_in_turn(const int32_t *list, size_t listed, size_t n);

/* The classes that the model was trained on, where its metadata tells, else all; freed by free(). *count is 0 of a
 * model that takes no labels. */
int32_t *classes_seen(const diffusion_model *model, size_t *count);

/* The same of those classes. */
int32_t *labels_of_all(const diffusion_model *model, size_t n);

/* Says on stderr how many of n labels, those of `what`, are of classes that the model was not
 * trained on. */
void classes_note_unseen(const diffusion_model *model, const int32_t *labels, size_t n, const char *what);

/* Says so if `what` ("--labels none") asks for samples without labels of a model that was trained with them always. */
void classes_note_without(const diffusion_model *model, const char *what);

/* The same of a sampler whose guidance goes by what the model says without labels. */
void classes_note_guidance(const diffusion_model *model, const char *sampler_spec);

#endif
