use std::fmt;

use libdiffusion_sys as sys;

use crate::callback::{Keep, Shared};
use crate::condition::pointer;
use crate::error::check;
use crate::handle::Handle;
use crate::text::{expect, from_c, to_c, zeros};
use crate::{Condition, Result, Schedule};

/// The reverse process p(x_{t-1} | x_t): a network, and how its output is read.
///
/// Any number of threads may use a model by reference. What changes it takes `&mut`, so nothing else uses it meanwhile:
/// samplers, evaluators and coders borrow the model they are made of (or own an `Arc` of it).
pub struct Model {
    pub(crate) handle: Handle<sys::diffusion_model>,
    /// The closure behind a callback model; freed after the handle, as fields are in their order.
    _network: Option<Shared<dyn Keep>>,
}

// SAFETY: diffusion.h: "A model may be used by any number of threads as long as none changes it", and what changes it
// takes &mut; the closures of callback models are Send and Sync.
unsafe impl Send for Model {}
unsafe impl Sync for Model {}

impl Model {
    pub(crate) fn from_handle(handle: Handle<sys::diffusion_model>) -> Model {
        Model { handle, _network: None }
    }

    pub(crate) fn with_network(handle: Handle<sys::diffusion_model>, network: Shared<dyn Keep>) -> Model {
        Model { handle, _network: Some(network) }
    }

    /// Makes a model with random parameters of a spec, such as "mlp shape=8,8,1 width=256 depth=4 predict=epsilon".
    /// [`help`](crate::help)("model") lists all kinds and keys.
    pub fn new(spec: &str, seed: u64) -> Result<Model> {
        let spec = to_c("model_create", "spec", spec)?;
        // SAFETY: the text outlives the call.
        let handle = Handle::create(|out| unsafe { sys::diffusion_model_create(out, spec.as_ptr(), seed) })?;
        Ok(Model::from_handle(handle))
    }

    /// The number of values in one sample, the product of the shape.
    pub fn dim(&self) -> usize {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_model_dim(self.handle.get()) }
    }

    /// The number of values that the network gives for one sample: dim, or twice that with a learned variance.
    pub fn outputs(&self) -> usize {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_model_outputs(self.handle.get()) }
    }

    /// The number of classes that labels may name; 0 where there are none.
    pub fn classes(&self) -> usize {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_model_classes(self.handle.get()) as usize }
    }

    /// The shape of one sample, such as 28, 28, 1.
    pub fn shape(&self) -> Result<Vec<usize>> {
        let model = self.handle.get();
        // SAFETY: `capacity` numbers have room.
        sizes(|shape, capacity, rank| unsafe { sys::diffusion_model_shape(model, shape, capacity, rank) })
    }

    /// The complete spec, defaults spelled out.
    pub fn spec(&self) -> String {
        // SAFETY: the text lives as long as the model, and is copied.
        unsafe { from_c(sys::diffusion_model_spec(self.handle.get())) }.unwrap_or_default()
    }

    /// The raw output of the network, `[n, outputs]`, of x, `[n, dim]`, and times, `[n]`, as the key `time=` has them.
    pub fn forward(&self, x: &[f32], time: &[f64], condition: Option<&Condition>) -> Result<Vec<f32>> {
        let (function, n) = ("model_forward", time.len());
        expect(function, "x", x.len(), n, self.dim())?;
        let mut out = zeros(function, n, self.outputs())?;
        let (model, condition) = (self.handle.get(), pointer(condition));
        // SAFETY: n * dim and n values are there, n * outputs have room.
        check(unsafe {
            sys::diffusion_model_forward(model, x.as_ptr(), time.as_ptr(), condition, n, out.as_mut_ptr())
        })?;
        Ok(out)
    }

    /// Mean and variance, `[n, dim]`, of p(x_{t-1} | x_t) for x, `[n, dim]`, and steps, `[n]`, each 1..T; or rate and
    /// its variance for the binomial kernel.
    pub fn predict(
        &self,
        schedule: &Schedule,
        x: &[f32],
        t: &[i32],
        condition: Option<&Condition>,
    ) -> Result<(Vec<f32>, Vec<f32>)> {
        let (function, n, dim) = ("model_predict", t.len(), self.dim());
        expect(function, "x", x.len(), n, dim)?;
        let (mut mean, mut variance) = (zeros(function, n, dim)?, zeros(function, n, dim)?);
        let (model, schedule) = (self.handle.get(), schedule.handle.get());
        let (x, t, condition) = (x.as_ptr(), t.as_ptr(), pointer(condition));
        let (m, v) = (mean.as_mut_ptr(), variance.as_mut_ptr());
        // SAFETY: n * dim and n values are there, n * dim have room in both results.
        check(unsafe { sys::diffusion_model_predict(model, schedule, x, t, condition, n, m, v) })?;
        Ok((mean, variance))
    }
}

/// Sizes that C writes: asked for their number first.
pub(crate) fn sizes(mut call: impl FnMut(*mut i64, usize, *mut usize) -> sys::diffusion_status) -> Result<Vec<usize>> {
    let mut rank = 0;
    check(call(std::ptr::null_mut(), 0, &mut rank))?;
    let mut shape = vec![0; rank];
    check(call(shape.as_mut_ptr(), rank, &mut rank))?;
    Ok(shape.into_iter().map(|size| size as usize).collect())
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Model").field(&self.spec()).finish()
    }
}
