//! Trains, samples and measures diffusion probabilistic models on an ordinary CPU: the safe layer on libdiffusion, a
//! C library.
//!
//! Whatever has options is made from one line of text, a kind and then `key=value` pairs, which [`help`] lists. Arrays
//! are row-major slices, `[n, dim]`; data is `f32`, mathematics is `f64`. Steps count t = 1..T, x_0 is data and x_T is
//! noise.
//!
//! ```
//! use libdiffusion::{Evaluator, Model, Sampler, Schedule, Trainer};
//!
//! # fn main() -> libdiffusion::Result<()> {
//! let corners = [-1.0, -1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0].repeat(16);
//! let schedule = Schedule::new("cosine steps=100")?;
//! let model = Model::new("mlp shape=2 width=64 depth=3 predict=perturbation variance=learned", 1)?;
//! let mut trainer = Trainer::new(model, &schedule, "objective=bound rate=5e-3 ema=0.99 seed=1")?;
//! for _ in 0..300 {
//!     trainer.step(&corners, None)?;
//! }
//! let x = Sampler::new(trainer.model(), &schedule, "ancestral seed=7")?.run(None, 16)?;
//! let mut evaluator = Evaluator::new(trainer.model(), &schedule, "elbo draws=4")?;
//! evaluator.run(&corners, None)?;
//! println!("a sample: {:.2} {:.2}; log2 p(data) >= {:.2} bits", x[0], x[1], evaluator.value("k_bits")?);
//! # Ok(())
//! # }
//! ```
//!
//! **Errors.** Every call that can fail returns [`Result`]: [`Error`] prints the library's sentence, which names the
//! argument, its value and what was expected. A closure's error stops the call, and is the `source` of what comes out
//! of it; its panic goes on from the call.
//!
//! **Threads.** [`Schedule`], [`Model`] and [`Condition`] are `Send` and `Sync`; what changes a model or a condition
//! takes `&mut`. [`Trainer`], [`Sampler`], [`Evaluator`] and [`Coder`] are `Send`, and for one thread at a time. A
//! [`Trainer`] borrows its model mutably or owns it, the others borrow theirs or own an `Arc` of it, so no thread
//! trains what another draws from. A call uses all processors, see [`set_threads`]; same seed, same bits, for any
//! number of threads.
//!
//! ```compile_fail,E0502
//! # use libdiffusion::*;
//! # fn draw_while_it_trains(trainer: &mut Trainer, schedule: &Schedule, x0: &[f32]) -> Result<()> {
//! let mut sampler = Sampler::new(trainer.model(), schedule, "ddim steps=20")?;
//! trainer.step(x0, None)?; // error: the sampler still has its model
//! sampler.run(None, 1)?;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod callback;
mod coder;
mod condition;
mod error;
mod evaluator;
mod given;
mod handle;
mod model;
mod model_file;
mod network;
pub mod process;
mod runtime;
mod sampler;
mod schedule;
mod text;
mod trainer;

pub use coder::Coder;
pub use condition::Condition;
pub use error::{BoxError, Error, ErrorKind, Result};
pub use evaluator::Evaluator;
pub use model::Model;
pub use model_file::Moments;
pub use runtime::{blas_core, blas_threading, help, set_threads, threads, version};
pub use sampler::Sampler;
pub use schedule::{Level, Schedule};
pub use trainer::Trainer;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
