/**
 * libdiffusion: train, sample and measure diffusion probabilistic models on an ordinary CPU.
 *
 * The exact mathematics of Sohl-Dickstein et al. 2015, "Deep Unsupervised Learning using Nonequilibrium
 * Thermodynamics" (arXiv:1503.03585, "the paper" below), and today's practice around it.
 *
 *     diffusion_schedule *schedule;   the forward process q
 *     diffusion_model    *model;      the reverse process p: a network and how its output is read
 *     diffusion_trainer  *trainer;    fits p to data
 *     diffusion_sampler  *sampler;    draws from p
 *     diffusion_evaluator *evaluator; measures p: the lower bound K on log p(data), and more
 *     diffusion_coder    *coder;      codes data by p, without loss
 *
 *     diffusion_schedule_create(&schedule, "cosine steps=1000");
 *     diffusion_model_create(&model, "mlp shape=2 width=128 depth=3 predict=epsilon", 1);
 *     diffusion_trainer_create(&trainer, model, schedule, "objective=simple rate=1e-3 seed=1");
 *     for (step = 0; step < 1000; step++)
 *         diffusion_trainer_step(trainer, x0, NULL, batch, &loss);
 *
 * Specs. Whatever has options is made from one line of text, a kind and then key=value pairs. An unknown key, a bad
 * value or a contradiction is an error that names it. diffusion_help() prints every kind, key, default and range.
 *
 * Arrays are row-major; data is float32 (images [n, height, width, channels]), mathematics is double. Steps count
 * t = 1..T, x_0 is data and x_T is noise. Information is in nats inside; names and comments say where it is bits.
 *
 * Errors. Every function that can fail returns a diffusion_status: 0, or a negative code (status.h), or the non-zero
 * value by which a callback stopped the call. On failure outputs are untouched, nothing is left to clean up, and
 * diffusion_last_error() holds one sentence. Pointers must not be NULL unless their comment says so; NULL is refused.
 * Texts and the names of files are UTF-8 on every system.
 *
 * Threads. Schedules are immutable. A model may be used by any number of threads as long as none changes it (trains
 * it, sets a parameter or metadata, frees it). Trainers and samplers belong to one thread at a time. Results do not
 * depend on the number of threads: same seed, same bits, on one machine with one BLAS kernel set. A thread must not be
 * cancelled (pthread_cancel()) within a call.
 *
 * Handles keep what they were made from alive: a schedule may be freed once a trainer or sampler has been made of it.
 *
 * Callbacks run on the thread that made the call, and may call the library: other handles freely; the sampler or
 * evaluator whose call is running may be read (diffusion_sampler_state(), diffusion_evaluator_value() and the like),
 * but to run or change it is DIFFUSION_E_STATE, and so is to change a condition that it reads. A handle that a callback
 * frees, model and condition in use too, goes when the call ends. Data that were given to the call must stay until
 * then. A callback may fork(): the call goes on in both. It must return: an exception or a longjmp() out of it leaks
 * what the call holds, and a sampler or evaluator refuses all calls from then on, its memory lost with it; nothing else
 * is harmed.
 *
 * The host. Nothing of it is changed and nothing printed: signals, locale, environment, working directory, umask,
 * OpenBLAS's thread counts, descriptors 0 to 2 and floating-point modes stay as they are. Numbers in specs, files and
 * sentences have points under any locale. The library's threads calculate in the caller's mode: under another rounding
 * mode, or where denormal numbers are flushed to zero, bits are others than under the usual ones (and still the same
 * for any number of threads). Calculations raise exception flags; a host that has them trap must mask them around
 * calls. What fork(), dlclose(), small stacks, and limits on memory and threads mean: diffusion_set_threads(); what is
 * otherwise on macOS and Windows: docs/platforms.md.
 */
#ifndef DIFFUSION_H
#define DIFFUSION_H

#include <diffusion/coder.h>
#include <diffusion/condition.h>
#include <diffusion/evaluator.h>
#include <diffusion/model.h>
#include <diffusion/moments.h>
#include <diffusion/process.h>
#include <diffusion/runtime.h>
#include <diffusion/sampler.h>
#include <diffusion/scaling.h>
#include <diffusion/schedule.h>
#include <diffusion/status.h>
#include <diffusion/trainer.h>
#include <diffusion/version.h>

#endif
