use std::borrow::Borrow;
use std::fmt;
use std::path::Path;
use std::ptr;

use libdiffusion_sys as sys;

use crate::callback::{self, Keep, Progress, Slot};
use crate::condition::pointer;
use crate::error::check;
use crate::handle::Handle;
use crate::text::{from_c, path_to_c, rows, to_c, zeros};
use crate::{BoxError, Condition, Model, Result, Schedule};

/// Codes discrete data without loss, in as many bits as the bound K says that it has.
///
/// For one thread at a time: `Send`, not `Sync`. It borrows the model, or owns an `Arc` of it.
pub struct Coder<'a> {
    handle: Handle<sys::diffusion_coder>,
    dim: usize,
    progress: Slot<Box<Progress<'a>>>,
    _keep: Box<dyn Keep + Send + 'a>,
}

// SAFETY: coder.h: "For one thread at a time while it runs"; the closure and what is kept are Send.
unsafe impl Send for Coder<'_> {}

impl<'a> Coder<'a> {
    /// Makes a coder, such as "bits_back steps=100". [`help`](crate::help)("coder") lists all keys.
    pub fn new<M>(model: M, schedule: &Schedule, spec: &str) -> Result<Coder<'a>>
    where
        M: Borrow<Model> + Send + 'a,
    {
        let (spec, schedule) = (to_c("coder_create", "spec", spec)?, schedule.handle.get());
        // SAFETY: the text outlives the call.
        Coder::create(model, |out, model| unsafe { sys::diffusion_coder_create(out, model, schedule, spec.as_ptr()) })
    }

    /// Makes a coder of a file that [`save`](Coder::save) wrote, with the data that is coded in it. Model, schedule,
    /// version and arithmetic must be those that coded it.
    pub fn load<M>(model: M, schedule: &Schedule, path: impl AsRef<Path>) -> Result<Coder<'a>>
    where
        M: Borrow<Model> + Send + 'a,
    {
        let (path, schedule) = (path_to_c("coder_load", path.as_ref())?, schedule.handle.get());
        // SAFETY: the text outlives the call.
        Coder::create(model, |out, model| unsafe { sys::diffusion_coder_load(out, model, schedule, path.as_ptr()) })
    }

    fn create<M, F>(model: M, call: F) -> Result<Coder<'a>>
    where
        M: Borrow<Model> + Send + 'a,
        F: FnOnce(*mut *mut sys::diffusion_coder, *const sys::diffusion_model) -> sys::diffusion_status,
    {
        let keep = Box::new(model);
        let model: &Model = (*keep).borrow();
        let (dim, model) = (model.dim(), model.handle.get());
        let handle = Handle::create(|out| call(out, model))?;
        Ok(Coder { handle, dim, progress: Slot::EMPTY, _keep: keep })
    }

    /// Codes data, `[n, dim]`, in place of what was coded before: the middles of `levels` bins over -1..1, or bits.
    /// Labels are coded with it.
    pub fn encode(&mut self, x0: &[f32], condition: Option<&Condition>) -> Result<()> {
        let n = rows("coder_encode", "x0", x0.len(), self.dim)?;
        let (coder, condition) = (self.handle.get_mut(), pointer(condition));
        // SAFETY: n * dim values are there.
        check(unsafe { sys::diffusion_coder_encode(coder, x0.as_ptr(), condition, n) })
    }

    /// Gives back what has been coded, which stays: the data, `[n, dim]`, and the labels, `[n]`, -1 for none.
    pub fn decode(&mut self) -> Result<(Vec<f32>, Vec<i32>)> {
        let (function, n) = ("coder_decode", self.value("samples")? as usize);
        let (mut x0, mut labels) = (zeros(function, n, self.dim)?, zeros(function, n, 1)?);
        let (x, l) = (x0.as_mut_ptr(), labels.as_mut_ptr());
        // SAFETY: n * dim values and n labels have room, and another n than was coded is refused.
        check(unsafe { sys::diffusion_coder_decode(self.handle.get_mut(), x, l, n) })?;
        Ok((x0, labels))
    }

    /// One figure of what has been coded, such as "bytes", "code_bits" and "k_bits".
    pub fn value(&self, quantity: &str) -> Result<f64> {
        let quantity = to_c("coder_value", "quantity", quantity)?;
        let mut value = 0.0;
        // SAFETY: the result has room for one number.
        check(unsafe { sys::diffusion_coder_value(self.handle.get(), quantity.as_ptr(), &mut value) })?;
        Ok(value)
    }

    /// Writes the code to a file, whole or not at all.
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = path_to_c("coder_save", path.as_ref())?;
        // SAFETY: the text outlives the call.
        check(unsafe { sys::diffusion_coder_save(self.handle.get_mut(), path.as_ptr()) })
    }

    /// The complete spec, defaults spelled out.
    pub fn spec(&self) -> String {
        // SAFETY: the text lives as long as the coder, and is copied.
        unsafe { from_c(sys::diffusion_coder_spec(self.handle.get())) }.unwrap_or_default()
    }

    /// Sets a closure that hears how many of how many samples times steps are `(done, total)`, and may stop the run by
    /// an error, which comes back out of it; so does a panic.
    pub fn set_progress<F>(&mut self, progress: F) -> Result<()>
    where
        F: FnMut(i64, i64) -> Result<(), BoxError> + Send + 'a,
    {
        let coder = self.handle.get_mut();
        // SAFETY: the slot keeps the closure.
        self.progress.put(Box::new(progress), |user| unsafe {
            sys::diffusion_coder_set_progress(coder, Some(callback::progress), user)
        })
    }

    /// Removes that closure.
    pub fn clear_progress(&mut self) -> Result<()> {
        let coder = self.handle.get_mut();
        // SAFETY: NULL is none.
        self.progress.clear(|| unsafe { sys::diffusion_coder_set_progress(coder, None, ptr::null_mut()) })
    }
}

impl fmt::Debug for Coder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Coder").field(&self.spec()).finish()
    }
}
