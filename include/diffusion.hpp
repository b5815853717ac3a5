/**
 * libdiffusion from C++17 on: header only, over the C interface, whose headers are the reference (diffusion.h).
 *
 *     diffusion::schedule schedule("cosine steps=1000");
 *     diffusion::model model("mlp shape=2 width=128 depth=3 predict=v", 1);
 *     diffusion::trainer trainer(model, schedule, "objective=simple rate=1e-3 seed=1");
 *     for (int step = 0; step < 1000; step++)
 *         trainer.step(x0);
 *     diffusion::sampler sampler(trainer.model(), schedule, "ddim steps=20 seed=7");
 *     std::vector<float> samples = sampler.run(16);
 *
 * Objects own their handles: they are moved, not copied, and free what they hold (handle.hpp). One that has been moved
 * from is refused by every call. Classes that end in _ref borrow.
 *
 * Arrays are spans (std::span from C++20 on, diffusion::span before), which vectors, arrays and C arrays become by
 * themselves. Rows are counted by their length: one that does not fit is refused before anything is read.
 *
 * Errors are thrown: diffusion::error, a std::runtime_error with the library's sentence, its status() and name(). With
 * DIFFUSION_ERROR_CODES defined before the header is included, as always under -fno-exceptions, each function returns a
 * diffusion::result instead, which is true or has an error(); objects are then made by create():
 *
 *     auto schedule = diffusion::schedule::create("cosine steps=1000");
 *     if (!schedule)
 *         std::puts(schedule.error().what());
 *     auto values = schedule->values("beta");
 *
 * Callbacks are any function objects; what one throws comes out of the call that it was made in (callback.hpp). They
 * live as long as anything that may call them. Threads are as in diffusion.h.
 */
#ifndef DIFFUSION_HPP
#define DIFFUSION_HPP

#include <diffusion.h>
#include <diffusion/cpp/coder.hpp>
#include <diffusion/cpp/evaluator.hpp>
#include <diffusion/cpp/model.hpp>
#include <diffusion/cpp/process.hpp>
#include <diffusion/cpp/runtime.hpp>
#include <diffusion/cpp/sampler.hpp>
#include <diffusion/cpp/schedule.hpp>
#include <diffusion/cpp/trainer.hpp>

#endif
