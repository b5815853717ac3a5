/**
 * The moments of a model: how large the noise is that it sees in x_t, and how far from the true one, in the mean over
 * data and step by step. From them follow, between any two steps, the variance of p(x_s | x_t) that is best for the
 * model's mean (Bao et al. 2022, arXiv:2201.06503 "Analytic-DPM", arXiv:2206.07309 for means that are not the true
 * ones) and the KL that a jump costs, so which steps a chain of few should visit. Samplers and evaluators read them
 * where their spec says variance=analytic, analytic_ideal or spacing=optimal.
 *
 *     diffusion_evaluator_create(&evaluator, model, schedule, "moments seed=1");
 *     diffusion_evaluator_run(evaluator, x0, NULL, n);
 *     diffusion_evaluator_moments(evaluator, noise, error);
 *     diffusion_evaluator_value(evaluator, "data_variance", &data_variance);
 *     diffusion_model_set_moments(model, schedule, noise, error, data_variance);
 *     diffusion_sampler_create(&sampler, model, schedule, "ancestral steps=25 variance=analytic spacing=optimal");
 *
 * They are saved and loaded with the model (but not exported to folders of diffusers), belong to one schedule, and are
 * forgotten as soon as a parameter changes.
 */
#ifndef DIFFUSION_MOMENTS_H
#define DIFFUSION_MOMENTS_H

#include <diffusion/model.h>

DIFFUSION_BEGIN

/**
 * Stores moments with a model, in place of those it had.
 *
 * @param schedule       Of T steps; samplers and evaluators are to be made with the same levels.
 * @param noise          E|epsilon(x_t)|^2 / dim, epsilon being the model's, [T], element t - 1 that of step t; >= 0.
 *                       NULL forgets what was stored, and the rest is not looked at.
 * @param error          E|epsilon - epsilon(x_t)|^2 / dim, [T], >= 0; NULL for 1 - noise where that is above 0, what it
 *                       is for a model that knows the mean: variance=analytic is analytic_ideal then.
 * @param data_variance  Of x_0, the mean over its values, which no variance of x_0 given x_t exceeds: 1 for data scaled
 *                       to it or within -1..1, as in published code.
 * @return 0, DIFFUSION_E_ARGUMENT, DIFFUSION_E_NONFINITE, DIFFUSION_E_KERNEL (bits have none) or DIFFUSION_E_MEMORY.
 * Not while another thread uses the model. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_set_moments(diffusion_model *model, const diffusion_schedule *schedule,
                                                           const double *noise, const double *error,
                                                           double data_variance);

/**
 * The moments that are stored with a model.
 *
 * @param noise, error   Results, [T] as above; both may be NULL if capacity is 0.
 * @param data_variance  Receives that of x_0; may be NULL.
 * @param capacity       Room in both: T, or 0 to ask for `steps` alone.
 * @param steps          Receives T of their schedule, 0 where there are none.
 * @return 0, DIFFUSION_E_ARGUMENT or DIFFUSION_E_SHAPE (a capacity other than 0 and T). Thread-safe, as long as no
 *         thread changes the model. Since 0.1.
 */
DIFFUSION_API diffusion_status diffusion_model_moments(const diffusion_model *model, double *noise, double *error,
                                                       double *data_variance, size_t capacity, size_t *steps);

DIFFUSION_END

#endif
