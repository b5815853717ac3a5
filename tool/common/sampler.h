/* Samplers as commands choose them, where the user gives no spec or a part of one. */
#ifndef COMMON_SAMPLER_H
#define COMMON_SAMPLER_H

#include <diffusion/model.h>
#include <diffusion/sampler.h>
#include <diffusion/schedule.h>

/* The solver of U-Nets that have none of their own, on a schedule of more steps: of thirteen the nearest to data at 6
 * to 10 evaluations, and none is nearer at 20 by more than the errors (bench/RESULTS.md). */
#define SAMPLER_FAST "dpmsolver++ steps=20 spacing=karras sigma_max=80"

/* The ancestral sampler that stands where no other will do: 100 steps for a U-Net that learns its variance and has no
 * sampler of its own, else all. Freed by free(). */
char *sampler_ancestral(const diffusion_model *model, const diffusion_schedule *schedule);

/* The sampler `given`, else the model's own, else SAMPLER_FAST where that will do, else ancestral; freed by free().
 * What the model's own says of clipping and of the steps visited holds for the given one too, and all that it says for
 * one of its kind, unless that says otherwise.
 */
char *sampler_of(const diffusion_model *model, const diffusion_schedule *schedule, const char *given);

/* A sampler of that spec, which diffusion_sampler_free() frees. Says which where none was given, unless it is to be
 * quiet. */
diffusion_sampler *sampler_open(const diffusion_model *model, const diffusion_schedule *schedule, const char *path,
                                const char *given, int quiet);

#endif
