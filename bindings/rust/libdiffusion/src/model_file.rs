//! Models in files and in memory, their parameters, texts and moments, and the units of their data.

use std::path::Path;
use std::ptr;

use libdiffusion_sys as sys;

use crate::error::check;
use crate::handle::Handle;
use crate::model::sizes;
use crate::text::{expect, from_c, path_to_c, rows, to_c, zeros};
use crate::{Model, Result, Schedule};

/// Files.
impl Model {
    /// Loads a model that was saved, the averaged weights of a trainer's checkpoint, or a folder of diffusers.
    pub fn load(path: impl AsRef<Path>) -> Result<Model> {
        let path = path_to_c("model_load", path.as_ref())?;
        // SAFETY: the text outlives the call.
        let handle = Handle::create(|out| unsafe { sys::diffusion_model_load(out, path.as_ptr()) })?;
        Ok(Model::from_handle(handle))
    }

    /// Writes parameters, spec and texts as one safetensors file, whole or not at all.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path_to_c("model_save", path.as_ref())?;
        // SAFETY: the text outlives the call.
        check(unsafe { sys::diffusion_model_save(self.handle.get(), path.as_ptr()) })
    }

    /// Loads a model from the bytes of a file.
    pub fn load_memory(bytes: &[u8]) -> Result<Model> {
        let (start, size) = (bytes.as_ptr().cast(), bytes.len());
        // SAFETY: `size` bytes are there, and nothing is kept of them.
        let handle = Handle::create(|out| unsafe { sys::diffusion_model_load_memory(out, start, size) })?;
        Ok(Model::from_handle(handle))
    }

    /// The bytes that [`save`](Model::save) writes. A copy of a trainer's model that outlives the trainer:
    /// `Model::load_memory(&trainer.model().save_memory()?)`.
    pub fn save_memory(&self) -> Result<Vec<u8>> {
        let (model, mut needed) = (self.handle.get(), 0);
        // SAFETY: a capacity of 0 asks for the number alone.
        check(unsafe { sys::diffusion_model_save_memory(model, ptr::null_mut(), 0, &mut needed) })?;
        let mut bytes = zeros::<u8>("model_save_memory", needed, 1)?;
        let start = bytes.as_mut_ptr().cast();
        // SAFETY: `needed` bytes have room.
        check(unsafe { sys::diffusion_model_save_memory(model, start, needed, ptr::null_mut()) })?;
        Ok(bytes)
    }

    /// Writes a "unet" as a folder that diffusers' `DDPMPipeline.from_pretrained()` reads.
    pub fn save_diffusers(&self, schedule: &Schedule, path: impl AsRef<Path>) -> Result<()> {
        let path = path_to_c("model_save_diffusers", path.as_ref())?;
        let (model, schedule) = (self.handle.get(), schedule.handle.get());
        // SAFETY: the text outlives the call.
        check(unsafe { sys::diffusion_model_save_diffusers(model, schedule, path.as_ptr()) })
    }
}

/// Parameters.
impl Model {
    /// The names of the parameter tensors, in the order of [`Trainer::gradient`](crate::Trainer::gradient); none for a
    /// callback model.
    pub fn parameter_names(&self) -> Vec<String> {
        let model = self.handle.get();
        // SAFETY: the names live as long as the model, and are copied.
        let name = |index| unsafe { from_c(sys::diffusion_model_parameter_name(model, index)) };
        let count = unsafe { sys::diffusion_model_parameter_count(model) };
        (0..count).filter_map(name).collect()
    }

    /// The shape of a parameter tensor.
    pub fn parameter_shape(&self, name: &str) -> Result<Vec<usize>> {
        let name = to_c("model_parameter_shape", "name", name)?;
        let (model, name) = (self.handle.get(), name.as_ptr());
        // SAFETY: `capacity` numbers have room.
        sizes(|shape, capacity, rank| unsafe {
            sys::diffusion_model_parameter_shape(model, name, shape, capacity, rank)
        })
    }

    /// A copy of a parameter tensor, row-major.
    pub fn parameter(&self, name: &str) -> Result<Vec<f32>> {
        let count = self.parameter_shape(name)?.iter().product();
        let name = to_c("model_parameter", "name", name)?;
        let mut values = zeros("model_parameter", count, 1)?;
        let out = values.as_mut_ptr();
        // SAFETY: `count` values have room.
        check(unsafe { sys::diffusion_model_parameter(self.handle.get(), name.as_ptr(), out, count) })?;
        Ok(values)
    }

    /// Sets a parameter tensor, row-major.
    pub fn set_parameter(&mut self, name: &str, values: &[f32]) -> Result<()> {
        let name = to_c("model_set_parameter", "name", name)?;
        let (model, count) = (self.handle.get_mut(), values.len());
        // SAFETY: `count` values are there; another count than the tensor's is refused.
        check(unsafe { sys::diffusion_model_set_parameter(model, name.as_ptr(), values.as_ptr(), count) })
    }
}

/// Texts that are stored with the model, such as how its data was scaled.
impl Model {
    /// The text of a key, if there is one.
    pub fn metadata(&self, key: &str) -> Option<String> {
        let key = to_c("model_metadata", "key", key).ok()?;
        // SAFETY: the text lives until the key is set again, which takes &mut, and is copied.
        unsafe { from_c(sys::diffusion_model_metadata(self.handle.get(), key.as_ptr())) }
    }

    /// Stores a text.
    pub fn set_metadata(&mut self, key: &str, value: &str) -> Result<()> {
        let key = to_c("model_set_metadata", "key", key)?;
        let value = to_c("model_set_metadata", "value", value)?;
        // SAFETY: the texts outlive the call.
        check(unsafe { sys::diffusion_model_set_metadata(self.handle.get_mut(), key.as_ptr(), value.as_ptr()) })
    }

    /// Removes a text.
    pub fn remove_metadata(&mut self, key: &str) -> Result<()> {
        let key = to_c("model_set_metadata", "key", key)?;
        // SAFETY: NULL removes the key.
        check(unsafe { sys::diffusion_model_set_metadata(self.handle.get_mut(), key.as_ptr(), ptr::null()) })
    }
}

/// How large the noise is that a model sees, step by step, which `variance=analytic` and `spacing=optimal` go by: see
/// the evaluator of the kind "moments".
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// E|epsilon(x_t)|^2 / dim, epsilon being the model's, element t - 1 that of step t.
    pub noise: Vec<f64>,
    /// E|epsilon - epsilon(x_t)|^2 / dim.
    pub error: Vec<f64>,
    /// The variance of x_0, the mean over its values.
    pub data_variance: f64,
}

/// Moments.
impl Model {
    /// The moments that are stored with the model, if there are any.
    pub fn moments(&self) -> Result<Option<Moments>> {
        let (model, mut steps, none) = (self.handle.get(), 0, ptr::null_mut());
        // SAFETY: a capacity of 0 asks for the number of steps alone.
        check(unsafe { sys::diffusion_model_moments(model, none, none, none, 0, &mut steps) })?;
        if steps == 0 {
            return Ok(None);
        }
        let mut moments = Moments { noise: vec![0.0; steps], error: vec![0.0; steps], data_variance: 0.0 };
        let (noise, error) = (moments.noise.as_mut_ptr(), moments.error.as_mut_ptr());
        let variance = &mut moments.data_variance;
        // SAFETY: `steps` values have room in both arrays.
        check(unsafe { sys::diffusion_model_moments(model, noise, error, variance, steps, &mut steps) })?;
        Ok(Some(moments))
    }

    /// Stores moments of a schedule, `[T]` each, in place of those the model had: the means of its noise squared and of
    /// that noise's error squared, as the evaluator measures them, and the variance of x_0. Without the error it is
    /// what a model has that knows the mean.
    pub fn set_moments(
        &mut self,
        schedule: &Schedule,
        noise: &[f64],
        error: Option<&[f64]>,
        data_variance: f64,
    ) -> Result<()> {
        let (function, steps) = ("model_set_moments", schedule.steps());
        expect(function, "noise", noise.len(), steps, 1)?;
        if let Some(error) = error {
            expect(function, "error", error.len(), steps, 1)?;
        }
        let (noise, error) = (noise.as_ptr(), error.map_or(ptr::null(), <[f64]>::as_ptr));
        let (model, schedule) = (self.handle.get_mut(), schedule.handle.get());
        // SAFETY: T values are there in each array, and copied.
        check(unsafe { sys::diffusion_model_set_moments(model, schedule, noise, error, data_variance) })
    }

    /// Forgets the moments.
    pub fn clear_moments(&mut self, schedule: &Schedule) -> Result<()> {
        let (model, schedule) = (self.handle.get_mut(), schedule.handle.get());
        // SAFETY: NULL forgets them.
        check(unsafe { sys::diffusion_model_set_moments(model, schedule, ptr::null(), ptr::null(), 0.0) })
    }
}

/// The units of data.
impl Model {
    /// From the data's own units, `[n, dim]`, to the numbers the model was trained on.
    #[allow(clippy::wrong_self_convention)] // the library's name
    pub fn from_data(&self, values: &[f64]) -> Result<Vec<f32>> {
        let (function, dim) = ("model_from_data", self.dim());
        let n = rows(function, "values", values.len(), dim)?;
        let mut x = zeros(function, n, dim)?;
        // SAFETY: n * dim values are there, and have room in the result.
        check(unsafe { sys::diffusion_model_from_data(self.handle.get(), values.as_ptr(), n, x.as_mut_ptr()) })?;
        Ok(x)
    }

    /// And back, whole numbers where the data had them.
    pub fn to_data(&self, x: &[f32]) -> Result<Vec<f64>> {
        let (function, dim) = ("model_to_data", self.dim());
        let n = rows(function, "x", x.len(), dim)?;
        let mut values = zeros(function, n, dim)?;
        // SAFETY: n * dim values are there, and have room in the result.
        check(unsafe { sys::diffusion_model_to_data(self.handle.get(), x.as_ptr(), n, values.as_mut_ptr()) })?;
        Ok(values)
    }

    /// One number of that mapping for every value of a sample: "shift", "scale", "dequantize", "minimum" or "maximum".
    pub fn scaling(&self, quantity: &str) -> Result<Vec<f64>> {
        let quantity = to_c("model_scaling", "quantity", quantity)?;
        let mut values = zeros("model_scaling", self.dim(), 1)?;
        // SAFETY: dim values have room.
        check(unsafe { sys::diffusion_model_scaling(self.handle.get(), quantity.as_ptr(), values.as_mut_ptr()) })?;
        Ok(values)
    }
}
