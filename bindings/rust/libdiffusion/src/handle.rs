//! A pointer of the library's that frees itself.

use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use libdiffusion_sys as sys;

use crate::error::check;
use crate::Result;

/// A type of C's that has a function to free it.
pub(crate) trait Free {
    /// # Safety
    /// `handle` came from a function that hands it to the caller, and is not used again.
    unsafe fn free(handle: *mut Self);
}

macro_rules! free {
    ($($handle:ty: $function:path;)*) => {
        $(impl Free for $handle {
            unsafe fn free(handle: *mut Self) {
                $function(handle)
            }
        })*
    };
}

free! {
    sys::diffusion_coder: sys::diffusion_coder_free;
    sys::diffusion_condition: sys::diffusion_condition_free;
    sys::diffusion_evaluator: sys::diffusion_evaluator_free;
    sys::diffusion_model: sys::diffusion_model_free;
    sys::diffusion_sampler: sys::diffusion_sampler_free;
    sys::diffusion_schedule: sys::diffusion_schedule_free;
    sys::diffusion_trainer: sys::diffusion_trainer_free;
}

pub(crate) struct Handle<T: Free>(NonNull<T>);

impl<T: Free> Handle<T> {
    /// What a function of C's writes to its first argument, if it succeeds.
    pub fn create(call: impl FnOnce(*mut *mut T) -> sys::diffusion_status) -> Result<Handle<T>> {
        let mut out = ptr::null_mut();
        check(call(&mut out))?;
        Ok(Handle(NonNull::new(out).expect("the library reported success, and made nothing")))
    }

    /// A handle that is another's, and is not freed.
    ///
    /// # Safety
    /// `handle` is not NULL and outlives what is returned.
    pub unsafe fn borrow(handle: *const T) -> ManuallyDrop<Handle<T>> {
        ManuallyDrop::new(Handle(NonNull::new_unchecked(handle as *mut T)))
    }

    pub fn get(&self) -> *const T {
        self.0.as_ptr()
    }

    pub fn get_mut(&mut self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T: Free> Drop for Handle<T> {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own, see create().
        unsafe { T::free(self.0.as_ptr()) }
    }
}
