use std::borrow::Borrow;
use std::fmt;
use std::os::raw::c_void;
use std::ptr;

use libdiffusion_sys as sys;

use crate::callback::{self, array, guard, result, Gradient, Keep, Noise, Progress, Slot};
use crate::condition::pointer;
use crate::error::check;
use crate::handle::Handle;
use crate::text::{from_c, rows, to_c, zeros};
use crate::{BoxError, Condition, Model, Result, Schedule};

/// Draws from the reverse process, from x_T down to x_0.
///
/// For one thread at a time: `Send`, not `Sync`; threads that draw at once have a sampler each, of one model. It
/// borrows the model, or owns an `Arc` of it, and its closures may borrow what outlives it.
pub struct Sampler<'a> {
    pub(crate) handle: Handle<sys::diffusion_sampler>,
    pub(crate) dim: usize,
    /// Samples of the chain that was begun last.
    n: usize,
    noise: Slot<Box<Noise<'a>>>,
    progress: Slot<Box<Progress<'a>>>,
    guidance: Slot<Guidance<'a>>,
    _keep: Box<dyn Keep + Send + 'a>,
}

// SAFETY: diffusion.h: "Trainers and samplers belong to one thread at a time"; closures and what is kept are Send.
unsafe impl Send for Sampler<'_> {}

struct Guidance<'a> {
    function: Box<Gradient<'a>>,
    dim: usize,
}

/// # Safety
/// The arrays are those of `diffusion_guidance_fn`; `user` is a `Guidance` that nobody else uses meanwhile.
unsafe extern "C" fn guide(x: *const f64, t: f64, n: usize, gradient: *mut f64, user: *mut c_void) -> i32 {
    let guidance = &mut *(user as *mut Guidance);
    let count = n * guidance.dim;
    guard(|| (guidance.function)(array(x, count), t, result(gradient, count)))
}

impl<'a> Sampler<'a> {
    /// Makes a sampler, such as "ancestral steps=100 seed=7" or "dpmsolver++ steps=20 spacing=karras seed=7".
    /// [`help`](crate::help)("sampler") lists all kinds and keys.
    pub fn new<M>(model: M, schedule: &Schedule, spec: &str) -> Result<Sampler<'a>>
    where
        M: Borrow<Model> + Send + 'a,
    {
        let spec = to_c("sampler_create", "spec", spec)?;
        let keep = Box::new(model);
        let model: &Model = (*keep).borrow();
        let (dim, model, schedule) = (model.dim(), model.handle.get(), schedule.handle.get());
        // SAFETY: the text outlives the call, and nobody changes the model as long as it is kept.
        let handle =
            Handle::create(|out| unsafe { sys::diffusion_sampler_create(out, model, schedule, spec.as_ptr()) })?;
        Ok(Sampler { handle, dim, n: 0, noise: Slot::EMPTY, progress: Slot::EMPTY, guidance: Slot::EMPTY, _keep: keep })
    }

    /// Draws n samples, `[n, dim]`.
    pub fn run(&mut self, condition: Option<&Condition>, n: usize) -> Result<Vec<f32>> {
        let mut x0 = zeros("sampler_run", n, self.dim)?;
        self.run_into(condition, &mut x0)?;
        Ok(x0)
    }

    /// Draws as many samples as have room in `x0`, `[n, dim]`, which stays as it is if that fails.
    pub fn run_into(&mut self, condition: Option<&Condition>, x0: &mut [f32]) -> Result<()> {
        let n = rows("sampler_run", "x0", x0.len(), self.dim)?;
        // SAFETY: n * dim values have room.
        check(unsafe { sys::diffusion_sampler_run(self.handle.get_mut(), pointer(condition), n, x0.as_mut_ptr()) })?;
        self.n = n;
        Ok(())
    }

    /// Begins n samples step by step: draws the first state. [`run`](Sampler::run) is this, and steps until t is 0.
    pub fn begin(&mut self, condition: Option<&Condition>, n: usize) -> Result<()> {
        // SAFETY: no array is handed over but the condition's own.
        check(unsafe { sys::diffusion_sampler_begin(self.handle.get_mut(), pointer(condition), n) })?;
        self.n = n;
        Ok(())
    }

    /// Takes one step along the chain.
    pub fn step(&mut self) -> Result<()> {
        // SAFETY: the handle lives.
        check(unsafe { sys::diffusion_sampler_step(self.handle.get_mut()) })
    }

    /// x_t, `[n, dim]`, of the chain that was begun last.
    pub fn state(&self) -> Result<Vec<f32>> {
        self.evaluations()?; // refused where the chain is not of n samples, after a beginning that failed
        let mut x = zeros("sampler_state", self.n, self.dim)?;
        // SAFETY: the chain is of n samples, and n * dim values have room.
        check(unsafe { sys::diffusion_sampler_state(self.handle.get(), x.as_mut_ptr(), ptr::null_mut()) })?;
        Ok(x)
    }

    /// The time t at which the chain stands, T..0; 0 when finished.
    pub fn time(&self) -> Result<f64> {
        let mut t = 0.0;
        // SAFETY: the state is not asked for.
        check(unsafe { sys::diffusion_sampler_state(self.handle.get(), ptr::null_mut(), &mut t) })?;
        Ok(t)
    }

    /// How often the model has been asked about each sample, `[n]`, since its chain began.
    pub fn evaluations(&self) -> Result<Vec<i64>> {
        let mut evaluations = zeros("sampler_evaluations", self.n, 1)?;
        let out = evaluations.as_mut_ptr();
        // SAFETY: n numbers have room, and another n than the chain's is refused.
        check(unsafe { sys::diffusion_sampler_evaluations(self.handle.get(), out, self.n) })?;
        Ok(evaluations)
    }

    /// The complete spec, defaults spelled out.
    pub fn spec(&self) -> String {
        // SAFETY: the text lives as long as the sampler, and is copied.
        unsafe { from_c(sys::diffusion_sampler_spec(self.handle.get())) }.unwrap_or_default()
    }
}

/// Closures. An error that one returns stops the call, and comes back out of it; so does a panic.
impl<'a> Sampler<'a> {
    /// Sets a closure that hears how many of how many samples times steps are `(done, total)`, and may stop the run.
    pub fn set_progress<F>(&mut self, progress: F) -> Result<()>
    where
        F: FnMut(i64, i64) -> Result<(), BoxError> + Send + 'a,
    {
        let sampler = self.handle.get_mut();
        // SAFETY: the slot keeps the closure.
        self.progress.put(Box::new(progress), |user| unsafe {
            sys::diffusion_sampler_set_progress(sampler, Some(callback::progress), user)
        })
    }

    /// Removes that closure.
    pub fn clear_progress(&mut self) -> Result<()> {
        let sampler = self.handle.get_mut();
        // SAFETY: NULL is none.
        self.progress.clear(|| unsafe { sys::diffusion_sampler_set_progress(sampler, None, ptr::null_mut()) })
    }

    /// Replaces the seeded generator: fills `values` with standard normal draws (binomial kernel: uniform ones in [0,
    /// 1)) for the sample of an index and the step t, in the order that `sampler.h` lists.
    pub fn set_noise<F>(&mut self, noise: F) -> Result<()>
    where
        F: FnMut(&mut [f64], i64, i32) -> Result<(), BoxError> + Send + 'a,
    {
        let sampler = self.handle.get_mut();
        // SAFETY: the slot keeps the closure.
        self.noise.put(Box::new(noise), |user| unsafe {
            sys::diffusion_sampler_set_noise(sampler, Some(callback::noise), user)
        })
    }

    /// Goes back to the seeded generator.
    pub fn clear_noise(&mut self) -> Result<()> {
        let sampler = self.handle.get_mut();
        // SAFETY: NULL is none.
        self.noise.clear(|| unsafe { sys::diffusion_sampler_set_noise(sampler, None, ptr::null_mut()) })
    }

    /// Guidance by any smooth r(x): fills the gradient of log r, `[n, dim]`, at the states `x`, `[n, dim]`, of a time
    /// t.
    pub fn set_guidance<F>(&mut self, gradient: F) -> Result<()>
    where
        F: FnMut(&[f64], f64, &mut [f64]) -> Result<(), BoxError> + Send + 'a,
    {
        let (guidance, sampler) = (Guidance { function: Box::new(gradient), dim: self.dim }, self.handle.get_mut());
        // SAFETY: the slot keeps the closure.
        self.guidance.put(guidance, |user| unsafe { sys::diffusion_sampler_set_guidance(sampler, Some(guide), user) })
    }

    /// Draws without guidance again.
    pub fn clear_guidance(&mut self) -> Result<()> {
        let sampler = self.handle.get_mut();
        // SAFETY: NULL is none.
        self.guidance.clear(|| unsafe { sys::diffusion_sampler_set_guidance(sampler, None, ptr::null_mut()) })
    }
}

impl fmt::Debug for Sampler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampler").field("dim", &self.dim).field("n", &self.n).finish_non_exhaustive()
    }
}
