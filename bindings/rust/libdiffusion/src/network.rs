//! A network that is a closure of the program's.

use std::os::raw::c_void;

use libdiffusion_sys as sys;

use crate::callback::{array, guard, result, Keep, Shared, Unset};
use crate::condition::Condition;
use crate::handle::Handle;
use crate::text::to_c;
use crate::{BoxError, Model, Result};

type Function<T> = dyn Fn(&[T], &[f64], Option<&Condition>, &mut [T]) -> Result<(), BoxError> + Send + Sync;
type Predict<T> = unsafe extern "C" fn(
    x: *const T,
    time: *const f64,
    condition: *const sys::diffusion_condition,
    n: usize,
    out: *mut T,
    user: *mut c_void,
) -> i32;
type Create<T> = unsafe extern "C" fn(
    out: *mut *mut sys::diffusion_model,
    spec: *const std::os::raw::c_char,
    predict: Option<Predict<T>>,
    user: *mut c_void,
) -> sys::diffusion_status;

/// The closure, and how many values a sample has before it and behind it.
struct Network<T> {
    function: Box<Function<T>>,
    dim: usize,
    outputs: usize,
}

/// # Safety
/// The arrays are those of `diffusion_predict_fn`; `user` is a `Network<T>`, which nobody changes.
unsafe extern "C" fn predict<T: Unset>(
    x: *const T,
    time: *const f64,
    condition: *const sys::diffusion_condition,
    n: usize,
    out: *mut T,
    user: *mut c_void,
) -> i32 {
    let network = &*(user as *const Network<T>);
    guard(|| {
        let condition = (!condition.is_null()).then(|| Condition::borrow(condition, network.dim));
        let (x, time) = (array(x, n * network.dim), array(time, n));
        (network.function)(x, time, condition.as_deref(), result(out, n * network.outputs))
    })
}

fn create<T: Unset + 'static>(create: Create<T>, spec: &str, function: Box<Function<T>>) -> Result<Model> {
    let spec = to_c("model_create_callback", "spec", spec)?;
    let network = Box::into_raw(Box::new(Network { function, dim: 0, outputs: 0 }));
    // SAFETY: the pointer came from a box; the model asks the network nothing before it is used.
    unsafe {
        let keep: Shared<dyn Keep> = Shared::new(Box::from_raw(network) as Box<dyn Keep>);
        let handle = Handle::create(|out| create(out, spec.as_ptr(), Some(predict::<T>), network as *mut c_void))?;
        (*network).dim = sys::diffusion_model_dim(handle.get());
        (*network).outputs = sys::diffusion_model_outputs(handle.get());
        Ok(Model::with_network(handle, keep))
    }
}

/// Networks in any runtime.
impl Model {
    /// Makes a model of a closure, which fills `out`, `[n, outputs]`, of `x`, `[n, dim]`, and
    /// `time`, `[n]`: steps t or what else the key `time=` says. It works with samplers and evaluators, and cannot be
    /// trained or saved.
    ///
    /// The spec says how the output is read, "shape=2 predict=epsilon variance=fixed_small" say. The closure is called
    /// on the thread that calls the library, 1024 samples at a time at most; the error that it returns comes back out
    /// of the call, and so does its panic.
    pub fn from_callback<F>(spec: &str, network: F) -> Result<Model>
    where
        F: Fn(&[f32], &[f64], Option<&Condition>, &mut [f32]) -> Result<(), BoxError> + Send + Sync + 'static,
    {
        create(sys::diffusion_model_create_callback, spec, Box::new(network))
    }

    /// The same with a network in double: neither `x` nor its output is rounded to f32.
    pub fn from_callback_double<F>(spec: &str, network: F) -> Result<Model>
    where
        F: Fn(&[f64], &[f64], Option<&Condition>, &mut [f64]) -> Result<(), BoxError> + Send + Sync + 'static,
    {
        create(sys::diffusion_model_create_callback_double, spec, Box::new(network))
    }
}
