use std::borrow::Borrow;
use std::fmt;
use std::ptr;

use libdiffusion_sys as sys;

use crate::callback::{self, Keep, Noise, Progress, Slot};
use crate::condition::pointer;
use crate::error::check;
use crate::handle::Handle;
use crate::text::{from_c, rows, to_c, zeros};
use crate::{BoxError, Condition, Error, Model, Result, Schedule};

/// Measures models on data, and samples against data.
///
/// For one thread at a time: `Send`, not `Sync`. It borrows the model, or owns an `Arc` of it, and its closures may
/// borrow what outlives it.
pub struct Evaluator<'a> {
    handle: Handle<sys::diffusion_evaluator>,
    /// Of the model, or else of the reference; 0 as long as there is neither.
    dim: usize,
    /// Steps of the schedule; 0 without one.
    steps: usize,
    /// Samples of the last run.
    n: usize,
    noise: Slot<Box<Noise<'a>>>,
    progress: Slot<Box<Progress<'a>>>,
    _keep: Option<Box<dyn Keep + Send + 'a>>,
}

// SAFETY: evaluator.h: "For one thread at a time while it runs"; closures and what is kept are Send.
unsafe impl Send for Evaluator<'_> {}

impl<'a> Evaluator<'a> {
    /// Makes an evaluator of a model: "elbo draws=4 seed=1", "iwae samples=64", "flow rtol=1e-5", "moments rows=100" …
    /// [`help`](crate::help)("evaluator") lists all kinds and keys.
    pub fn new<M>(model: M, schedule: &Schedule, spec: &str) -> Result<Evaluator<'a>>
    where
        M: Borrow<Model> + Send + 'a,
    {
        let keep = Box::new(model);
        let (model, steps): (&Model, usize) = ((*keep).borrow(), schedule.steps());
        let (dim, model) = (model.dim(), model.handle.get());
        Ok(Evaluator { dim, steps, _keep: Some(keep), ..Evaluator::create(model, schedule.handle.get(), spec)? })
    }

    /// Makes an evaluator that compares rows with a reference, whoever made them: "parzen bandwidth=0.2",
    /// "sliced_wasserstein", "mmd", "two_sample" and "nearest".
    pub fn without_model(spec: &str) -> Result<Evaluator<'a>> {
        Evaluator::create(ptr::null(), ptr::null(), spec)
    }

    fn create(
        model: *const sys::diffusion_model,
        schedule: *const sys::diffusion_schedule,
        spec: &str,
    ) -> Result<Evaluator<'a>> {
        let spec = to_c("evaluator_create", "spec", spec)?;
        // SAFETY: the text outlives the call.
        let handle =
            Handle::create(|out| unsafe { sys::diffusion_evaluator_create(out, model, schedule, spec.as_ptr()) })?;
        Ok(Evaluator { handle, dim: 0, steps: 0, n: 0, noise: Slot::EMPTY, progress: Slot::EMPTY, _keep: None })
    }

    /// Sets what a run is measured against, `[m, dim]`: the model's samples ("parzen"), or the data that samples are
    /// compared with.
    pub fn set_reference(&mut self, samples: &[f32], dim: usize) -> Result<()> {
        let m = rows("evaluator_set_reference", "samples", samples.len(), dim)?;
        let evaluator = self.handle.get_mut();
        // SAFETY: m * dim values are there, and copied.
        check(unsafe { sys::diffusion_evaluator_set_reference(evaluator, samples.as_ptr(), m, dim) })?;
        self.dim = dim; // the model's, if there is one, as another is refused
        Ok(())
    }

    /// Measures data, `[n, dim]`, which the model should not have seen, or compares samples with the reference. The
    /// figures of the last run that succeeded stay if this one fails.
    pub fn run(&mut self, x0: &[f32], condition: Option<&Condition>) -> Result<()> {
        let function = "evaluator_run";
        if self.dim == 0 {
            let message = format!("{function}: no reference is set (call set_reference first)");
            return Err(Error::new(sys::DIFFUSION_E_STATE, message));
        }
        let n = rows(function, "x0", x0.len(), self.dim)?;
        let (evaluator, condition) = (self.handle.get_mut(), pointer(condition));
        // SAFETY: n * dim values are there.
        check(unsafe { sys::diffusion_evaluator_run(evaluator, x0.as_ptr(), condition, n) })?;
        self.n = n;
        Ok(())
    }

    /// The complete spec, defaults spelled out.
    pub fn spec(&self) -> String {
        // SAFETY: the text lives as long as the evaluator, and is copied.
        unsafe { from_c(sys::diffusion_evaluator_spec(self.handle.get())) }.unwrap_or_default()
    }
}

/// Figures of the last run.
impl Evaluator<'_> {
    /// One figure, the mean over samples, such as "k_bits" and "standard_error_bits".
    pub fn value(&self, quantity: &str) -> Result<f64> {
        let quantity = to_c("evaluator_value", "quantity", quantity)?;
        let mut value = 0.0;
        // SAFETY: the result has room for one number.
        check(unsafe { sys::diffusion_evaluator_value(self.handle.get(), quantity.as_ptr(), &mut value) })?;
        Ok(value)
    }

    /// The term of every step ("elbo"), `[T]`, in bits per sample, and its standard error over samples.
    pub fn terms(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let evaluator = self.handle.get();
        // SAFETY: T values have room in both results; what has no schedule has no terms.
        pair("evaluator_terms", self.steps, |bits, error| unsafe {
            sys::diffusion_evaluator_terms(evaluator, bits, error)
        })
    }

    /// The figure of every sample, `[n]`: K, the log density, or ("nearest") the distance; and its standard error over
    /// its draws.
    pub fn samples(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let (evaluator, n) = (self.handle.get(), self.n);
        // SAFETY: n values have room in both results, and another n than the run's is refused.
        pair("evaluator_samples", n, |bits, error| unsafe {
            sys::diffusion_evaluator_samples(evaluator, bits, error, n)
        })
    }

    /// Which row of the reference is nearest to every sample ("nearest"), `[n]`.
    pub fn neighbours(&self) -> Result<Vec<usize>> {
        let mut indices = zeros::<i64>("evaluator_neighbours", self.n, 1)?;
        let out = indices.as_mut_ptr();
        // SAFETY: n numbers have room, and another n than the run's is refused.
        check(unsafe { sys::diffusion_evaluator_neighbours(self.handle.get(), out, self.n) })?;
        Ok(indices.into_iter().map(|row| row as usize).collect())
    }

    /// The means of every step ("moments"), `[T]`: of the model's noise squared, and of its error squared. They are
    /// what
    /// [`Model::set_moments`] stores.
    pub fn moments(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let evaluator = self.handle.get();
        // SAFETY: T values have room in both results; what has no schedule has no moments.
        pair("evaluator_moments", self.steps, |noise, error| unsafe {
            sys::diffusion_evaluator_moments(evaluator, noise, error)
        })
    }
}

/// Closures. An error that one returns stops the run, and comes back out of it; so does a panic.
impl<'a> Evaluator<'a> {
    /// Sets a closure that hears of progress, `(done, total)`, and may stop the run.
    pub fn set_progress<F>(&mut self, progress: F) -> Result<()>
    where
        F: FnMut(i64, i64) -> Result<(), BoxError> + Send + 'a,
    {
        let evaluator = self.handle.get_mut();
        // SAFETY: the slot keeps the closure.
        self.progress.put(Box::new(progress), |user| unsafe {
            sys::diffusion_evaluator_set_progress(evaluator, Some(callback::progress), user)
        })
    }

    /// Removes that closure.
    pub fn clear_progress(&mut self) -> Result<()> {
        let evaluator = self.handle.get_mut();
        // SAFETY: NULL is none.
        self.progress.clear(|| unsafe { sys::diffusion_evaluator_set_progress(evaluator, None, ptr::null_mut()) })
    }

    /// Replaces the seeded generator, as `evaluator.h` says in which order.
    pub fn set_noise<F>(&mut self, noise: F) -> Result<()>
    where
        F: FnMut(&mut [f64], i64, i32) -> Result<(), BoxError> + Send + 'a,
    {
        let evaluator = self.handle.get_mut();
        // SAFETY: the slot keeps the closure.
        self.noise.put(Box::new(noise), |user| unsafe {
            sys::diffusion_evaluator_set_noise(evaluator, Some(callback::noise), user)
        })
    }

    /// Goes back to the seeded generator.
    pub fn clear_noise(&mut self) -> Result<()> {
        let evaluator = self.handle.get_mut();
        // SAFETY: NULL is none.
        self.noise.clear(|| unsafe { sys::diffusion_evaluator_set_noise(evaluator, None, ptr::null_mut()) })
    }
}

/// Two arrays of one length that C fills.
fn pair(
    function: &str,
    n: usize,
    call: impl FnOnce(*mut f64, *mut f64) -> sys::diffusion_status,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut first, mut second) = (zeros(function, n, 1)?, zeros(function, n, 1)?);
    check(call(first.as_mut_ptr(), second.as_mut_ptr()))?;
    Ok((first, second))
}

impl fmt::Debug for Evaluator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Evaluator").field(&self.spec()).finish()
    }
}
