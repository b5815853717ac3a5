use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr;

use libdiffusion_sys as sys;

use crate::callback::array;
use crate::error::check;
use crate::handle::Handle;
use crate::text::expect;
use crate::Result;

/// What each sample of a batch is conditioned on: a class, a vector, which of its values are observed.
///
/// Any number of threads may read one; to change it takes `&mut`.
pub struct Condition {
    pub(crate) handle: Handle<sys::diffusion_condition>,
    /// Values to a sample of `observed`, which C does not tell.
    dim: usize,
}

// SAFETY: condition.h: "Any number of threads may read one that none changes."
unsafe impl Send for Condition {}
unsafe impl Sync for Condition {}

impl Condition {
    /// Makes the conditions of n samples, with nothing set.
    pub fn new(n: usize) -> Result<Condition> {
        // SAFETY: the result has room for a pointer.
        let handle = Handle::create(|out| unsafe { sys::diffusion_condition_create(out, n) })?;
        Ok(Condition { handle, dim: 0 })
    }

    /// Makes the conditions of as many samples as there are labels, each 0..classes-1 of the model, or -1 for none.
    pub fn from_labels(labels: &[i32]) -> Result<Condition> {
        let mut condition = Condition::new(labels.len())?;
        condition.set_labels(labels)?;
        Ok(condition)
    }

    /// The condition that C hands to a callback whose samples have `dim` values.
    ///
    /// # Safety
    /// `handle` is not NULL and outlives what is returned.
    pub(crate) unsafe fn borrow(handle: *const sys::diffusion_condition, dim: usize) -> ManuallyDrop<Condition> {
        let handle = ManuallyDrop::into_inner(Handle::borrow(handle));
        ManuallyDrop::new(Condition { handle, dim })
    }

    /// The number of samples.
    pub fn count(&self) -> usize {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_condition_count(self.handle.get()) }
    }

    /// Sets each sample's class: 0..classes-1 of the model, or -1 for a sample without one.
    pub fn set_labels(&mut self, labels: &[i32]) -> Result<()> {
        expect("condition_set_labels", "labels", labels.len(), self.count(), 1)?;
        // SAFETY: n labels are there, and copied.
        check(unsafe { sys::diffusion_condition_set_labels(self.handle.get_mut(), labels.as_ptr()) })
    }

    /// Removes the labels.
    pub fn clear_labels(&mut self) -> Result<()> {
        // SAFETY: NULL removes them.
        check(unsafe { sys::diffusion_condition_set_labels(self.handle.get_mut(), ptr::null()) })
    }

    /// The labels, where they are set.
    pub fn labels(&self) -> Option<&[i32]> {
        // SAFETY: n labels, which live until they are set again, and that takes &mut.
        unsafe {
            let labels = sys::diffusion_condition_labels(self.handle.get());
            (!labels.is_null()).then(|| array(labels, self.count()))
        }
    }

    /// Sets a vector for each sample, `[n, width]`, for models with the key `condition=width`.
    pub fn set_vectors(&mut self, vectors: &[f32], width: usize) -> Result<()> {
        expect("condition_set_vectors", "vectors", vectors.len(), self.count(), width)?;
        // SAFETY: n * width values are there, and copied.
        check(unsafe { sys::diffusion_condition_set_vectors(self.handle.get_mut(), vectors.as_ptr(), width) })
    }

    /// Removes the vectors.
    pub fn clear_vectors(&mut self) -> Result<()> {
        // SAFETY: NULL removes them.
        check(unsafe { sys::diffusion_condition_set_vectors(self.handle.get_mut(), ptr::null(), 0) })
    }

    /// The vectors, `[n, width]`, and their width, where they are set.
    pub fn vectors(&self) -> Option<(&[f32], usize)> {
        let mut width = 0;
        // SAFETY: n * width values, which live until they are set again, and that takes &mut.
        unsafe {
            let vectors = sys::diffusion_condition_vectors(self.handle.get(), &mut width);
            (!vectors.is_null()).then(|| (array(vectors, self.count() * width), width))
        }
    }

    /// Sets which values of each sample are observed, `[n, dim]`. A trainer leaves the others out of its loss, and a
    /// network behind a callback is told; to draw what is missing see
    /// [`Sampler::set_known`](crate::Sampler::set_known).
    pub fn set_observed(&mut self, observed: &[bool], dim: usize) -> Result<()> {
        expect("condition_set_observed", "observed", observed.len(), self.count(), dim)?;
        let bytes = observed.as_ptr() as *const u8;
        // SAFETY: n * dim bytes are there, as a bool is one, 0 or 1, and copied.
        check(unsafe { sys::diffusion_condition_set_observed(self.handle.get_mut(), bytes, dim) })?;
        self.dim = dim;
        Ok(())
    }

    /// Takes all values for observed again.
    pub fn clear_observed(&mut self) -> Result<()> {
        // SAFETY: NULL removes it.
        check(unsafe { sys::diffusion_condition_set_observed(self.handle.get_mut(), ptr::null(), 0) })
    }

    /// Which values are observed, `[n, dim]`, 1 or 0, where it is set.
    pub fn observed(&self) -> Option<&[u8]> {
        // SAFETY: n * dim bytes, which live until they are set again, and that takes &mut.
        unsafe {
            let observed = sys::diffusion_condition_observed(self.handle.get());
            (!observed.is_null()).then(|| array(observed, self.count() * self.dim))
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Condition");
        text.field("count", &self.count()).field("labels", &self.labels().is_some());
        text.field("vectors", &self.vectors().map(|(_, width)| width));
        text.field("observed", &self.observed().is_some()).finish()
    }
}

/// What C takes for a condition that may be missing.
pub(crate) fn pointer(condition: Option<&Condition>) -> *const sys::diffusion_condition {
    condition.map_or(ptr::null(), |condition| condition.handle.get())
}
