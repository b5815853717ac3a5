use std::borrow::BorrowMut;
use std::fmt;
use std::mem::ManuallyDrop;
use std::path::Path;

use libdiffusion_sys as sys;

use crate::callback::Keep;
use crate::condition::pointer;
use crate::error::check;
use crate::handle::Handle;
use crate::text::{from_c, path_to_c, rows, to_c, zeros};
use crate::{Condition, Model, Result, Schedule};

/// Fits a model's reverse process to data, and keeps all that is needed to go on later to the same bits.
///
/// For one thread at a time: `Send`, not `Sync`. It changes the model that it is made of, so it borrows that mutably,
/// or owns it: `Trainer::new(&mut model, …)` or `Trainer::new(model, …)`. What is made of [`model`](Trainer::model)
/// borrows the trainer, so samplers that look on while it trains are made anew for each look.
pub struct Trainer<'m> {
    handle: Handle<sys::diffusion_trainer>,
    /// The library's own handles, which the trainer keeps alive.
    model: ManuallyDrop<Model>,
    schedule: ManuallyDrop<Schedule>,
    _keep: Option<Box<dyn Keep + Send + 'm>>,
}

// SAFETY: diffusion.h: "Trainers and samplers belong to one thread at a time"; what is kept is Send.
unsafe impl Send for Trainer<'_> {}

impl<'m> Trainer<'m> {
    /// Makes a trainer, such as "objective=hybrid optimizer=adamw rate=2e-4 ema=0.9995 batch=128 seed=1".
    /// [`help`](crate::help)("trainer") lists all keys.
    pub fn new<M>(model: M, schedule: &Schedule, spec: &str) -> Result<Trainer<'m>>
    where
        M: BorrowMut<Model> + Send + 'm,
    {
        let spec = to_c("trainer_create", "spec", spec)?;
        let mut model = Box::new(model);
        let (trained, schedule) = ((*model).borrow_mut().handle.get_mut(), schedule.handle.get());
        // SAFETY: the text outlives the call, and nobody else uses the model as long as the trainer keeps it.
        let handle =
            Handle::create(|out| unsafe { sys::diffusion_trainer_create(out, trained, schedule, spec.as_ptr()) })?;
        Ok(Trainer::from_handle(handle, Some(model)))
    }

    fn from_handle(handle: Handle<sys::diffusion_trainer>, keep: Option<Box<dyn Keep + Send + 'm>>) -> Trainer<'m> {
        // SAFETY: both live as long as the trainer; the schedule until the next step, which looks again.
        let (model, schedule) = unsafe {
            let model = Handle::borrow(sys::diffusion_trainer_model(handle.get()));
            let schedule = Handle::borrow(sys::diffusion_trainer_schedule(handle.get()));
            (ManuallyDrop::into_inner(model), ManuallyDrop::into_inner(schedule))
        };
        let model = ManuallyDrop::new(Model::from_handle(model));
        Trainer { handle, model, schedule: ManuallyDrop::new(Schedule { handle: schedule }), _keep: keep }
    }

    /// Which of `count` samples the next step should train on, n of them, in an order shuffled anew for each epoch. It
    /// depends on seed and step alone, so a resumed run goes on where it stopped.
    pub fn draw(&self, count: usize, n: usize) -> Result<Vec<usize>> {
        let mut indices = zeros::<i64>("trainer_draw", n, 1)?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        // SAFETY: n numbers have room.
        check(unsafe { sys::diffusion_trainer_draw(self.handle.get(), count, n, indices.as_mut_ptr()) })?;
        Ok(indices.into_iter().map(|index| index as usize).collect())
    }

    /// One step on data, `[n, dim]`. Returns the batch's loss before the step.
    pub fn step(&mut self, x0: &[f32], condition: Option<&Condition>) -> Result<f64> {
        let (n, mut loss) = (rows("trainer_step", "x0", x0.len(), self.model.dim())?, 0.0);
        let (trainer, condition) = (self.handle.get_mut(), pointer(condition));
        // SAFETY: n * dim values are there.
        let status = unsafe { sys::diffusion_trainer_step(trainer, x0.as_ptr(), condition, n, &mut loss) };
        // SAFETY: it lives until the next step. With learn_schedule it is another now.
        let schedule = unsafe { Handle::borrow(sys::diffusion_trainer_schedule(trainer)) };
        self.schedule = ManuallyDrop::new(Schedule { handle: ManuallyDrop::into_inner(schedule) });
        check(status).map(|()| loss)
    }

    /// The loss and its gradient for the next step's draws, without taking the step: of all parameters, one after
    /// another in the order of [`Model::parameter_names`].
    pub fn gradient(&mut self, x0: &[f32], condition: Option<&Condition>) -> Result<(f64, Vec<f32>)> {
        let (function, mut loss) = ("trainer_gradient", 0.0);
        let n = rows(function, "x0", x0.len(), self.model.dim())?;
        let mut count = 0;
        for name in self.model.parameter_names() {
            count += self.model.parameter_shape(&name)?.iter().product::<usize>();
        }
        let mut gradient = zeros(function, count, 1)?;
        let (trainer, x0, condition) = (self.handle.get_mut(), x0.as_ptr(), pointer(condition));
        let out = gradient.as_mut_ptr();
        // SAFETY: n * dim values are there; `count` have room, and another count is refused.
        check(unsafe { sys::diffusion_trainer_gradient(trainer, x0, condition, n, &mut loss, out, count) })?;
        Ok((loss, gradient))
    }

    /// The mean loss of samples, `[n, dim]`, that are not trained on, by the weights of [`model`](Trainer::model).
    /// Sample i has the draws of index first + i, which are those of no step.
    pub fn loss(&mut self, x0: &[f32], condition: Option<&Condition>, first: u64) -> Result<f64> {
        let (n, mut loss) = (rows("trainer_loss", "x0", x0.len(), self.model.dim())?, 0.0);
        let (trainer, condition) = (self.handle.get_mut(), pointer(condition));
        // SAFETY: n * dim values are there.
        check(unsafe { sys::diffusion_trainer_loss(trainer, x0.as_ptr(), condition, n, first, &mut loss) })?;
        Ok(loss)
    }

    /// Changes keys of the spec in mid-run: rate, decay, steps and batch, such as "rate=1e-4 steps=3000".
    pub fn change(&mut self, spec: &str) -> Result<()> {
        let spec = to_c("trainer_change", "spec", spec)?;
        // SAFETY: the text outlives the call.
        check(unsafe { sys::diffusion_trainer_change(self.handle.get_mut(), spec.as_ptr()) })
    }

    /// Steps taken so far, those before a resume included.
    pub fn steps(&self) -> u64 {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_trainer_steps(self.handle.get()) as u64 }
    }

    /// The learning rate of the next step, warm-up and decay applied.
    pub fn rate(&self) -> f64 {
        // SAFETY: the handle lives.
        unsafe { sys::diffusion_trainer_rate(self.handle.get()) }
    }

    /// The complete spec, defaults spelled out.
    pub fn spec(&self) -> String {
        // SAFETY: the text lives until a change, which takes &mut, and is copied.
        unsafe { from_c(sys::diffusion_trainer_spec(self.handle.get())) }.unwrap_or_default()
    }

    /// The model with the averaged weights, or the trained model itself with `ema=0`.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The schedule as it stands: the one given, or with `learn_schedule` the one reached.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }
}

/// Checkpoints.
impl<'m> Trainer<'m> {
    /// Writes everything as one safetensors file, whole or not at all.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path_to_c("trainer_save", path.as_ref())?;
        // SAFETY: the text outlives the call.
        check(unsafe { sys::diffusion_trainer_save(self.handle.get(), path.as_ptr()) })
    }

    /// Makes a trainer, with a model and schedule of its own, that goes on from a checkpoint to the same bits.
    pub fn resume(path: impl AsRef<Path>) -> Result<Trainer<'m>> {
        let path = path_to_c("trainer_resume", path.as_ref())?;
        // SAFETY: the text outlives the call.
        let handle = Handle::create(|out| unsafe { sys::diffusion_trainer_resume(out, path.as_ptr()) })?;
        Ok(Trainer::from_handle(handle, None))
    }

    /// Writes the two averages that `post_hoc_ema=yes` keeps.
    pub fn save_snapshot(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path_to_c("trainer_save_snapshot", path.as_ref())?;
        // SAFETY: the text outlives the call.
        check(unsafe { sys::diffusion_trainer_save_snapshot(self.handle.get(), path.as_ptr()) })
    }

    /// Makes the model whose weights are the average of any width, at the last of some snapshots' steps. Returns how
    /// far the combined profile is from the one wanted as well.
    pub fn average<P: AsRef<Path>>(snapshots: &[P], width: f64) -> Result<(Model, f64)> {
        let paths = snapshots.iter().map(|path| path_to_c("trainer_average", path.as_ref()));
        let paths = paths.collect::<Result<Vec<_>>>()?;
        let pointers: Vec<_> = paths.iter().map(|path| path.as_ptr()).collect();
        let (count, mut error) = (pointers.len(), 0.0);
        // SAFETY: `count` texts are there, which outlive the call.
        let handle = Handle::create(|out| unsafe {
            sys::diffusion_trainer_average(out, pointers.as_ptr(), count, width, &mut error)
        })?;
        Ok((Model::from_handle(handle), error))
    }

    /// A text that was stored with the trainer.
    pub fn metadata(&self, key: &str) -> Option<String> {
        let key = to_c("trainer_metadata", "key", key).ok()?;
        // SAFETY: the text lives until the key is set again, which takes &mut, and is copied.
        unsafe { from_c(sys::diffusion_trainer_metadata(self.handle.get(), key.as_ptr())) }
    }

    /// Stores a text with the trainer's checkpoints, such as the losses so far.
    pub fn set_metadata(&mut self, key: &str, value: &str) -> Result<()> {
        let key = to_c("trainer_set_metadata", "key", key)?;
        let value = to_c("trainer_set_metadata", "value", value)?;
        // SAFETY: the texts outlive the call.
        check(unsafe { sys::diffusion_trainer_set_metadata(self.handle.get_mut(), key.as_ptr(), value.as_ptr()) })
    }

    /// Removes a text.
    pub fn remove_metadata(&mut self, key: &str) -> Result<()> {
        let key = to_c("trainer_set_metadata", "key", key)?;
        // SAFETY: NULL removes the key.
        check(unsafe { sys::diffusion_trainer_set_metadata(self.handle.get_mut(), key.as_ptr(), std::ptr::null()) })
    }
}

impl fmt::Debug for Trainer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trainer").field("spec", &self.spec()).field("steps", &self.steps()).finish()
    }
}
