//! Which library this is, its threads, and the help texts of specs.

use std::ptr;

use libdiffusion_sys as sys;

use crate::error::check;
use crate::text::{from_c, to_c, zeros};
use crate::Result;

/// The version of the loaded library, "major.minor.patch".
pub fn version() -> String {
    // SAFETY: the text is static.
    unsafe { from_c(sys::diffusion_version()) }.unwrap_or_default()
}

/// The OpenBLAS kernel set in use, such as "SkylakeX" or "Haswell".
pub fn blas_core() -> String {
    // SAFETY: the text is static.
    unsafe { from_c(sys::diffusion_blas_core()) }.unwrap_or_default()
}

/// How the loaded OpenBLAS makes threads: "serial", "pthreads" or "openmp".
pub fn blas_threading() -> String {
    // SAFETY: the text is static.
    unsafe { from_c(sys::diffusion_blas_threading()) }.unwrap_or_default()
}

/// Sets how many threads the calls made from this thread may use, 1..1024, or 0 for the default: OMP_NUM_THREADS, else
/// all processors. Results do not depend on it.
pub fn set_threads(threads: u32) -> Result<()> {
    // SAFETY: each thread has its own count.
    check(unsafe { sys::diffusion_set_threads(i32::try_from(threads).unwrap_or(i32::MAX)) })
}

/// The number of threads that a call made from this thread would use now.
pub fn threads() -> u32 {
    // SAFETY: each thread has its own count.
    unsafe { sys::diffusion_threads() as u32 }
}

/// Describes specs, to print: every kind and key with its values, default and meaning. The topic is "schedule",
/// "model", "trainer", "sampler", "evaluator" or "coder".
pub fn help(topic: &str) -> Result<String> {
    let (topic, mut needed) = (to_c("help", "topic", topic)?, 0);
    // SAFETY: a capacity of 0 asks for the size alone.
    check(unsafe { sys::diffusion_help(topic.as_ptr(), ptr::null_mut(), 0, &mut needed) })?;
    let mut text = zeros::<u8>("help", needed, 1)?;
    let start = text.as_mut_ptr().cast();
    // SAFETY: `needed` bytes have room, the terminator included.
    check(unsafe { sys::diffusion_help(topic.as_ptr(), start, needed, ptr::null_mut()) })?;
    text.pop();
    Ok(String::from_utf8_lossy(&text).into_owned())
}
