//! What a sampler's chains are given: a first state, known values, an observation.

use std::ptr;

use libdiffusion_sys as sys;

use crate::error::check;
use crate::text::{expect, rows};
use crate::{Error, Result, Sampler};

/// The n of what is given, at least 1: C takes 0 for nothing.
fn given_rows(function: &str, name: &str, length: usize, dim: usize) -> Result<usize> {
    if length == 0 {
        let message = format!("{function}: {name} is empty, expected a multiple of {dim} values");
        return Err(Error::new(sys::DIFFUSION_E_SHAPE, message));
    }
    rows(function, name, length, dim)
}

/// What chains begun afterwards are given, `[n, dim]`, copied. A run draws a multiple of n samples, and sample i takes
/// row i mod n. A chain that has begun is over.
impl Sampler<'_> {
    /// Gives the chain its first state: the x_T of a solver without noise of its own, or, for "ddim_inverse" and
    /// "heun_inverse", which go upwards, the data.
    pub fn set_start(&mut self, x: &[f32]) -> Result<()> {
        let n = given_rows("sampler_set_start", "x", x.len(), self.dim)?;
        // SAFETY: n * dim values are there, and copied.
        check(unsafe { sys::diffusion_sampler_set_start(self.handle.get_mut(), x.as_ptr(), n) })
    }

    /// [`set_start`](Sampler::set_start) in the chain's own precision.
    pub fn set_start_double(&mut self, x: &[f64]) -> Result<()> {
        let n = given_rows("sampler_set_start_double", "x", x.len(), self.dim)?;
        // SAFETY: n * dim values are there, and copied.
        check(unsafe { sys::diffusion_sampler_set_start_double(self.handle.get_mut(), x.as_ptr(), n) })
    }

    /// Draws first states again.
    pub fn clear_start(&mut self) -> Result<()> {
        // SAFETY: n of 0 forgets it.
        check(unsafe { sys::diffusion_sampler_set_start(self.handle.get_mut(), ptr::null(), 0) })
    }

    /// Inpainting: the values that `mask` says are known come out as they were given, the others are drawn.
    pub fn set_known(&mut self, x0: &[f32], mask: &[bool]) -> Result<()> {
        let function = "sampler_set_known";
        let n = given_rows(function, "x0", x0.len(), self.dim)?;
        expect(function, "mask", mask.len(), n, self.dim)?;
        let mask = mask.as_ptr() as *const u8;
        // SAFETY: n * dim values are there in both arrays, a bool being a byte, 0 or 1, and copied.
        check(unsafe { sys::diffusion_sampler_set_known(self.handle.get_mut(), x0.as_ptr(), mask, n) })
    }

    /// Forgets what was known.
    pub fn clear_known(&mut self) -> Result<()> {
        // SAFETY: n of 0 forgets it.
        check(unsafe { sys::diffusion_sampler_set_known(self.handle.get_mut(), ptr::null(), ptr::null(), 0) })
    }

    /// Denoising: `y` is x_0 with independent noise of a variance (binomial kernel: bits flipped with a probability).
    pub fn set_observed(&mut self, y: &[f32], noise: f64) -> Result<()> {
        let n = given_rows("sampler_set_observed", "y", y.len(), self.dim)?;
        // SAFETY: n * dim values are there, and copied.
        check(unsafe { sys::diffusion_sampler_set_observed(self.handle.get_mut(), y.as_ptr(), noise, n) })
    }

    /// Forgets the observation.
    pub fn clear_observed(&mut self) -> Result<()> {
        // SAFETY: n of 0 forgets it.
        check(unsafe { sys::diffusion_sampler_set_observed(self.handle.get_mut(), ptr::null(), 1.0, 0) })
    }
}
