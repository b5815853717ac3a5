use std::fmt;

use libdiffusion_sys as sys;

use crate::error::check;
use crate::handle::Handle;
use crate::text::{from_c, to_c, zeros};
use crate::{Error, Result};

/// The forward process q: its kernel, and how much it diffuses at each of the steps t = 1..T.
///
/// Immutable, and shared by any number of threads. What is made of a schedule keeps what it needs of it.
pub struct Schedule {
    pub(crate) handle: Handle<sys::diffusion_schedule>,
}

// SAFETY: diffusion.h: "Schedules are immutable", "shared by any number of threads".
unsafe impl Send for Schedule {}
unsafe impl Sync for Schedule {}

/// The noise level at a time: x_t = signal x_0 + sigma epsilon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The factor of the data.
    pub signal: f64,
    /// The standard deviation of the noise.
    pub sigma: f64,
    /// 2 ln(signal / sigma): infinite at the data, and negatively so where nothing is left of it.
    pub log_snr: f64,
}

impl Schedule {
    /// Makes a schedule of a spec, such as "cosine steps=1000" or "constant_rate steps=2000 kernel=binomial rate=0.2".
    /// [`help`](crate::help)("schedule") lists all kinds and keys.
    pub fn new(spec: &str) -> Result<Schedule> {
        let spec = to_c("schedule_create", "spec", spec)?;
        // SAFETY: the text outlives the call.
        let handle = Handle::create(|out| unsafe { sys::diffusion_schedule_create(out, spec.as_ptr()) })?;
        Ok(Schedule { handle })
    }

    /// Makes a schedule of given betas, each in (0, 1]. The spec holds keys of the kernel alone, "" for the Gaussian
    /// one.
    pub fn from_betas(betas: &[f64], spec: &str) -> Result<Schedule> {
        let function = "schedule_create_from_betas";
        let spec = to_c(function, "spec", spec)?;
        let steps = i32::try_from(betas.len()).map_err(|_| {
            Error::new(sys::DIFFUSION_E_ARGUMENT, format!("{function}: {} betas, expected at most 100000", betas.len()))
        })?;
        // SAFETY: `steps` betas are there, and copied.
        let handle = Handle::create(|out| unsafe {
            sys::diffusion_schedule_create_from_betas(out, betas.as_ptr(), steps, spec.as_ptr())
        })?;
        Ok(Schedule { handle })
    }

    /// The number of steps T.
    pub fn steps(&self) -> usize {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_schedule_steps(self.handle.get()) as usize }
    }

    /// The complete spec: made again from it, a schedule has the same bits.
    pub fn spec(&self) -> String {
        // SAFETY: the text lives as long as the schedule, and is copied.
        unsafe { from_c(sys::diffusion_schedule_spec(self.handle.get())) }.unwrap_or_default()
    }

    /// One quantity for all steps, element t - 1 that of step t: "beta", "alpha_bar", "log_snr", "posterior_variance" …
    pub fn values(&self, quantity: &str) -> Result<Vec<f64>> {
        let quantity = to_c("schedule_values", "quantity", quantity)?;
        let mut out = zeros("schedule_values", self.steps(), 1)?;
        // SAFETY: T values have room.
        check(unsafe { sys::diffusion_schedule_values(self.handle.get(), quantity.as_ptr(), out.as_mut_ptr()) })?;
        Ok(out)
    }

    /// The noise level at a time from 0, the data, to T, whole or not.
    pub fn level(&self, t: f64) -> Result<Level> {
        let mut level = Level { signal: 0.0, sigma: 0.0, log_snr: 0.0 };
        // SAFETY: each result has room for one number.
        check(unsafe {
            let (signal, sigma, log_snr) = (&mut level.signal, &mut level.sigma, &mut level.log_snr);
            sys::diffusion_schedule_level(self.handle.get(), t, signal, sigma, log_snr)
        })?;
        Ok(level)
    }

    /// The time at which the log SNR has come down to a value: the inverse of [`level`](Schedule::level).
    pub fn time(&self, log_snr: f64) -> Result<f64> {
        let mut t = 0.0;
        // SAFETY: the result has room for one number.
        check(unsafe { sys::diffusion_schedule_time(self.handle.get(), log_snr, &mut t) })?;
        Ok(t)
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schedule").field(&self.spec()).finish()
    }
}
