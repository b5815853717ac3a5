//! Closures that the library calls. No panic goes through a frame of C: it waits, as an error does, until the call has
//! come back.

use std::any::Any;
use std::cell::Cell;
use std::os::raw::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::NonNull;
use std::slice;

use libdiffusion_sys as sys;

use crate::error::check;
use crate::{BoxError, Result};

/// How a callback ended that did not return `Ok`.
pub(crate) enum Failure {
    Error(BoxError),
    Panic(Box<dyn Any + Send>),
}

/// What callbacks return to C when they failed; the library hands it on unchanged. Its own codes are negative.
pub(crate) const STOPPED: i32 = 1;

thread_local! {
    /// Callbacks run on the thread that made the call, which takes this as soon as the call is back.
    static FAILURE: Cell<Option<Failure>> = const { Cell::new(None) };
}

pub(crate) fn take() -> Option<Failure> {
    FAILURE.with(Cell::take)
}

/// Runs a closure of the user's, and turns whatever comes of it into a status.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), BoxError>) -> i32 {
    // No state that the panic may have left behind is looked at: the panic goes on as soon as C is off the stack.
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return 0,
        Ok(Err(error)) => Failure::Error(error),
        Err(payload) => Failure::Panic(payload),
    };
    FAILURE.with(|slot| slot.set(Some(failure)));
    STOPPED
}

/// A box whose address C has as well, so that it is a pointer for as long as it lives.
pub(crate) struct Shared<T: ?Sized>(NonNull<T>);

impl<T: ?Sized> Shared<T> {
    pub fn new(value: Box<T>) -> Shared<T> {
        // SAFETY: a box is never NULL.
        Shared(unsafe { NonNull::new_unchecked(Box::into_raw(value)) })
    }

    pub fn user(&self) -> *mut c_void {
        self.0.as_ptr() as *mut c_void
    }
}

impl<T: ?Sized> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: see new(); the library has forgotten the address by then.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) })
    }
}

/// The closure that a handle of the library's calls, if it has one.
pub(crate) struct Slot<C>(Option<Shared<C>>);

impl<C> Slot<C> {
    pub const EMPTY: Slot<C> = Slot(None);

    /// `set` tells the library of the closure, which stays until another takes its place or the slot goes.
    pub fn put(&mut self, closure: C, set: impl FnOnce(*mut c_void) -> sys::diffusion_status) -> Result<()> {
        let closure = Shared::new(Box::new(closure));
        check(set(closure.user()))?;
        self.0 = Some(closure);
        Ok(())
    }

    /// `unset` has the library forget the closure, which goes.
    pub fn clear(&mut self, unset: impl FnOnce() -> sys::diffusion_status) -> Result<()> {
        check(unset())?;
        self.0 = None;
        Ok(())
    }
}

/// Whatever is kept alive without being looked at.
pub(crate) trait Keep {}
impl<T> Keep for T {}

pub(crate) type Progress<'a> = dyn FnMut(i64, i64) -> Result<(), BoxError> + Send + 'a;
pub(crate) type Noise<'a> = dyn FnMut(&mut [f64], i64, i32) -> Result<(), BoxError> + Send + 'a;
pub(crate) type Gradient<'a> = dyn FnMut(&[f64], f64, &mut [f64]) -> Result<(), BoxError> + Send + 'a;

/// # Safety
/// `user` is a `Box<Progress>` that nobody else uses meanwhile.
pub(crate) unsafe extern "C" fn progress(done: i64, total: i64, user: *mut c_void) -> i32 {
    guard(|| (*(user as *mut Box<Progress>))(done, total))
}

/// # Safety
/// `values` has room for `count`; `user` is a `Box<Noise>` that nobody else uses meanwhile.
pub(crate) unsafe extern "C" fn noise(
    values: *mut f64,
    count: usize,
    sample: i64,
    step: i32,
    user: *mut c_void,
) -> i32 {
    guard(|| (*(user as *mut Box<Noise>))(result(values, count), sample, step))
}

/// An array of C's, which may be NULL where it is empty.
///
/// # Safety
/// `values` holds `count` values for as long as the slice lives.
pub(crate) unsafe fn array<'a, T>(values: *const T, count: usize) -> &'a [T] {
    if count == 0 {
        return &[];
    }
    slice::from_raw_parts(values, count)
}

/// An array to fill: what is left out is refused as not finite.
///
/// # Safety
/// `values` has room for `count` values, which nobody else uses as long as the slice lives.
pub(crate) unsafe fn result<'a, T: Unset>(values: *mut T, count: usize) -> &'a mut [T] {
    if count == 0 {
        return &mut [];
    }
    for i in 0..count {
        values.add(i).write(T::UNSET);
    }
    slice::from_raw_parts_mut(values, count)
}

/// Numbers that can say that they have not been set.
pub(crate) trait Unset {
    const UNSET: Self;
}

impl Unset for f32 {
    const UNSET: f32 = f32::NAN;
}

impl Unset for f64 {
    const UNSET: f64 = f64::NAN;
}
