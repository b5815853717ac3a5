//! The paper's closed forms on plain arrays: forward steps and marginals, posteriors, divergences, entropies.
//!
//! For the binomial kernel means are rates, and bits are 0 or 1. NaN and infinity are refused.

use std::os::raw::c_char;
use std::ptr;

use libdiffusion_sys as sys;

use crate::error::check;
use crate::text::{expect, product, rows, to_c, zeros};
use crate::{Result, Schedule};

/// Draws x_t from q(x_t | x_0), `[n, dim]`, for steps t, `[n]`, of data `x0`, `[n, dim]`, and as many normal draws
/// (binomial: uniform ones in [0, 1)).
pub fn forward_sample(schedule: &Schedule, t: &[i32], x0: &[f32], noise: &[f32]) -> Result<Vec<f32>> {
    let (function, n) = ("forward_sample", t.len());
    let dim = rows(function, "x0", x0.len(), n)?;
    expect(function, "noise", noise.len(), n, dim)?;
    let mut xt = zeros(function, n, dim)?;
    let (schedule, x0, noise, out) = (schedule.handle.get(), x0.as_ptr(), noise.as_ptr(), xt.as_mut_ptr());
    // SAFETY: n steps and n * dim values are there, and have room in the result.
    check(unsafe { sys::diffusion_forward_sample(schedule, t.as_ptr(), x0, noise, n, dim, out) })?;
    Ok(xt)
}

/// Draws one step, x_t from q(x_t | x_{t-1}), of `previous`, `[n, dim]`, and as many draws.
pub fn forward_step(schedule: &Schedule, t: i32, previous: &[f32], noise: &[f32], dim: usize) -> Result<Vec<f32>> {
    let function = "forward_step";
    let n = rows(function, "previous", previous.len(), dim)?;
    expect(function, "noise", noise.len(), n, dim)?;
    let mut xt = zeros(function, n, dim)?;
    let (schedule, previous, noise) = (schedule.handle.get(), previous.as_ptr(), noise.as_ptr());
    // SAFETY: n * dim values are there, and have room in the result.
    check(unsafe { sys::diffusion_forward_step(schedule, t, previous, noise, n, dim, xt.as_mut_ptr()) })?;
    Ok(xt)
}

/// Draws a whole trajectory x_1..x_T, `[T, n, dim]`, of data, `[n, dim]`, and draws, `[T, n, dim]`.
pub fn forward_trajectory(schedule: &Schedule, x0: &[f32], noise: &[f32], dim: usize) -> Result<Vec<f32>> {
    let (function, steps) = ("forward_trajectory", schedule.steps());
    let n = rows(function, "x0", x0.len(), dim)?;
    expect(function, "noise", noise.len(), steps, product(function, n, dim)?)?;
    let mut x = zeros(function, steps, x0.len())?;
    let (schedule, x0, noise) = (schedule.handle.get(), x0.as_ptr(), noise.as_ptr());
    // SAFETY: n * dim values and T times as many draws are there, and as many have room in the result.
    check(unsafe { sys::diffusion_forward_trajectory(schedule, x0, noise, n, dim, x.as_mut_ptr()) })?;
    Ok(x)
}

/// Mean and variance of the marginal q(x_t | x_0).
pub fn marginal(schedule: &Schedule, t: i32, x0: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    let (function, count) = ("marginal", x0.len());
    let (mut mean, mut variance) = (zeros(function, count, 1)?, zeros(function, count, 1)?);
    let (schedule, m, v) = (schedule.handle.get(), mean.as_mut_ptr(), variance.as_mut_ptr());
    // SAFETY: `count` values are there, and have room in both results.
    check(unsafe { sys::diffusion_marginal(schedule, t, x0.as_ptr(), count, m, v) })?;
    Ok((mean, variance))
}

/// Mean and variance of the posterior q(x_{t-1} | x_t, x_0).
pub fn posterior(schedule: &Schedule, t: i32, x0: &[f64], xt: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    let (function, count) = ("posterior", x0.len());
    expect(function, "xt", xt.len(), count, 1)?;
    let (mut mean, mut variance) = (zeros(function, count, 1)?, zeros(function, count, 1)?);
    let (schedule, m, v) = (schedule.handle.get(), mean.as_mut_ptr(), variance.as_mut_ptr());
    // SAFETY: `count` values are there in both, and have room in both results.
    check(unsafe { sys::diffusion_posterior(schedule, t, x0.as_ptr(), xt.as_ptr(), count, m, v) })?;
    Ok((mean, variance))
}

/// KL(N(mean1, variance1) || N(mean2, variance2)) in nats, summed over independent components.
pub fn gaussian_kl(mean1: &[f64], variance1: &[f64], mean2: &[f64], variance2: &[f64]) -> Result<f64> {
    let (function, count) = ("gaussian_kl", mean1.len());
    for (name, values) in [("variance1", variance1), ("mean2", mean2), ("variance2", variance2)] {
        expect(function, name, values.len(), count, 1)?;
    }
    let mut nats = 0.0;
    let (m1, v1, m2, v2) = (mean1.as_ptr(), variance1.as_ptr(), mean2.as_ptr(), variance2.as_ptr());
    // SAFETY: `count` values are there in each array.
    check(unsafe { sys::diffusion_gaussian_kl(m1, v1, m2, v2, count, &mut nats) })?;
    Ok(nats)
}

/// KL(B(rate1) || B(rate2)) in nats, summed over independent bits.
pub fn bernoulli_kl(rate1: &[f64], rate2: &[f64]) -> Result<f64> {
    let (count, mut nats) = (rate1.len(), 0.0);
    expect("bernoulli_kl", "rate2", rate2.len(), count, 1)?;
    // SAFETY: `count` values are there in both arrays.
    check(unsafe { sys::diffusion_bernoulli_kl(rate1.as_ptr(), rate2.as_ptr(), count, &mut nats) })?;
    Ok(nats)
}

/// The log probability, in nats, of data on `levels` values spread over -1..1 under a Gaussian: the mass of each
/// value's bin. `cdf` is "normal", or "tanh", the approximation that published bits per dimension use.
pub fn discretized_log_likelihood(
    cdf: &str,
    x: &[f64],
    mean: &[f64],
    variance: &[f64],
    levels: i32,
) -> Result<Vec<f64>> {
    let (function, count) = ("discretized_log_likelihood", x.len());
    expect(function, "mean", mean.len(), count, 1)?;
    expect(function, "variance", variance.len(), count, 1)?;
    let (cdf, mut nats) = (to_c(function, "cdf", cdf)?, zeros(function, count, 1)?);
    let (cdf, x, m, v) = (cdf.as_ptr() as *const c_char, x.as_ptr(), mean.as_ptr(), variance.as_ptr());
    // SAFETY: `count` values are there in each array, and have room in the result.
    check(unsafe { sys::diffusion_discretized_log_likelihood(cdf, x, m, v, count, levels, nats.as_mut_ptr()) })?;
    Ok(nats)
}

/// The conditionals of the forward process whose entropy [`entropy`] gives.
#[derive(Clone, Copy, Debug)]
pub enum Conditional<'a> {
    /// q(x_t | x_{t-1}), of x_{t-1}.
    Step(&'a [f64]),
    /// q(x_t | x_0), of x_0.
    Marginal(&'a [f64]),
    /// q(x_{t-1} | x_t, x_0), of x_0 and x_t.
    Posterior(&'a [f64], &'a [f64]),
}

/// The entropy of a conditional of the forward process, in nats, summed over components.
pub fn entropy(schedule: &Schedule, t: i32, of: Conditional<'_>) -> Result<f64> {
    let (which, first, second) = match of {
        Conditional::Step(previous) => ("step", previous, None),
        Conditional::Marginal(x0) => ("marginal", x0, None),
        Conditional::Posterior(x0, xt) => ("posterior", x0, Some(xt)),
    };
    let (count, mut nats) = (first.len(), 0.0);
    if let Some(second) = second {
        expect("entropy", "xt", second.len(), count, 1)?;
    }
    let (which, schedule) = (to_c("entropy", "which", which)?, schedule.handle.get());
    let (first, second) = (first.as_ptr(), second.map_or(ptr::null(), <[f64]>::as_ptr));
    // SAFETY: `count` values are there in each array.
    check(unsafe { sys::diffusion_entropy(schedule, which.as_ptr(), t, first, second, count, &mut nats) })?;
    Ok(nats)
}

/// The bounds on the reverse conditional's entropy H(X_{t-1} | X_t), lower and upper, in nats per dimension.
pub fn entropy_bounds(schedule: &Schedule, t: i32) -> Result<(f64, f64)> {
    let (mut lower, mut upper) = (0.0, 0.0);
    // SAFETY: each result has room for one number.
    check(unsafe { sys::diffusion_entropy_bounds(schedule.handle.get(), t, &mut lower, &mut upper) })?;
    Ok((lower, upper))
}

/// Rewrites what one prediction says of x_t, at a time t, as another: `from` and `to` are names of `predict=` and keys
/// of models that they hang on, such as "velocity" and "edm sigma_data=1".
pub fn prediction_convert(
    schedule: &Schedule,
    t: f64,
    from: &str,
    to: &str,
    x: &[f64],
    output: &[f64],
) -> Result<Vec<f64>> {
    let (function, count) = ("prediction_convert", x.len());
    expect(function, "output", output.len(), count, 1)?;
    let (from, to) = (to_c(function, "from", from)?, to_c(function, "to", to)?);
    let mut out = zeros(function, count, 1)?;
    let (schedule, from, to) = (schedule.handle.get(), from.as_ptr(), to.as_ptr());
    let (x, output, result) = (x.as_ptr(), output.as_ptr(), out.as_mut_ptr());
    // SAFETY: `count` values are there in both arrays, and have room in the result.
    check(unsafe { sys::diffusion_prediction_convert(schedule, t, from, to, x, output, count, result) })?;
    Ok(out)
}
