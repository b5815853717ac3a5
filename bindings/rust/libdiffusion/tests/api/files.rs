//! Files, checkpoints, parameters and texts.

use libdiffusion::{Model, Result, Sampler, Schedule, Trainer};

const TRAINING: &str = "objective=hybrid rate=1e-2 ema=0.9 seed=1";

fn batch(step: usize) -> Vec<f32> {
    (0..16).map(|i| ((i * 7 + step * 3) % 11) as f32 / 5.0 - 1.0).collect()
}

#[test]
fn a_resumed_training_goes_on_to_the_same_bits() -> Result<()> {
    let folder = crate::Folder::new("resume");
    let (mut model, schedule) = crate::small()?;
    let mut trainer = Trainer::new(&mut model, &schedule, TRAINING)?;
    for step in 0..5 {
        trainer.step(&batch(step), None)?;
    }
    trainer.set_metadata("note", "five steps")?;
    trainer.save(folder.file("a.ckpt"))?;
    let mut resumed = Trainer::resume(folder.file("a.ckpt"))?;
    assert_eq!((resumed.steps(), resumed.metadata("note").as_deref()), (5, Some("five steps")));
    resumed.remove_metadata("note")?;
    assert_eq!(resumed.metadata("note"), None);
    for step in 5..8 {
        let losses = (trainer.step(&batch(step), None)?, resumed.step(&batch(step), None)?);
        assert_eq!(losses.0, losses.1);
    }
    assert_eq!(trainer.draw(100, 10)?, resumed.draw(100, 10)?);
    assert_eq!(trainer.model().save_memory()?, resumed.model().save_memory()?);
    drop(trainer);
    assert!(model.parameter_names().iter().all(|name| model.parameter(name).is_ok()));
    Ok(())
}

#[test]
fn a_model_comes_back_from_file_and_memory_as_it_was() -> Result<()> {
    let folder = crate::Folder::new("model");
    let (mut model, schedule) = crate::small()?;
    model.set_metadata("data.scale", "2,4")?;
    model.save(folder.file("m.safetensors"))?;
    let loaded = Model::load(folder.file("m.safetensors"))?;
    let copy = Model::load_memory(&model.save_memory()?)?;
    assert_eq!(loaded.spec(), model.spec());
    assert_eq!(copy.metadata("data.scale").as_deref(), Some("2,4"));
    assert_eq!(copy.scaling("scale")?, [2.0, 4.0]);
    assert_eq!(copy.from_data(&[1.0, 1.0])?, [0.5, 0.25]);
    assert_eq!(copy.to_data(&[0.5, 0.25])?, [1.0, 1.0]);
    let draw = |model: &Model| Sampler::new(model, &schedule, "ddim steps=3 seed=1")?.run(None, 4);
    assert_eq!(draw(&model)?, draw(&loaded)?);
    let spec = Sampler::new(&model, &schedule, "ddim steps=3 seed=1")?.spec();
    assert_eq!(Sampler::new(&model, &schedule, &spec)?.run(None, 4)?, draw(&model)?);
    assert_eq!(draw(&model)?, draw(&copy)?);
    model.remove_metadata("data.scale")?;
    assert_eq!(model.metadata("data.scale"), None);
    Ok(())
}

#[test]
fn parameters_go_out_and_in() -> Result<()> {
    let (mut model, _) = crate::small()?;
    let names = model.parameter_names();
    let name = &names[0];
    let shape = model.parameter_shape(name)?;
    let values = model.parameter(name)?;
    assert_eq!(values.len(), shape.iter().product::<usize>());
    let halved: Vec<f32> = values.iter().map(|value| value / 2.0).collect();
    model.set_parameter(name, &halved)?;
    assert_eq!(model.parameter(name)?, halved);
    Ok(())
}

#[test]
fn a_gradient_is_that_of_the_loss_and_takes_no_step() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut trainer = Trainer::new(model, &schedule, TRAINING)?;
    let (loss, gradient) = trainer.gradient(&batch(0), None)?;
    assert!(gradient.iter().any(|value| *value != 0.0));
    assert_eq!(trainer.steps(), 0);
    assert_eq!(trainer.step(&batch(0), None)?, loss);
    trainer.change("rate=5e-3")?;
    assert_eq!(trainer.rate(), 5e-3);
    assert!(trainer.spec().contains("rate=0.005"), "{}", trainer.spec());
    Ok(())
}

#[test]
fn snapshots_average() -> Result<()> {
    let folder = crate::Folder::new("snapshots");
    let (model, schedule) = crate::small()?;
    let mut trainer = Trainer::new(model, &schedule, "objective=hybrid seed=1 post_hoc_ema=yes")?;
    let mut paths = Vec::new();
    for step in 0..8 {
        trainer.step(&batch(step), None)?;
        paths.push(folder.file(&format!("{step}.snapshot")));
        trainer.save_snapshot(paths.last().unwrap())?;
    }
    let (average, error) = Trainer::average(&paths, 0.1)?;
    assert!(error < 0.1 && average.metadata("average_width").is_some());
    Ok(())
}

#[test]
fn a_learned_schedule_is_the_trainers_own() -> Result<()> {
    let model = Model::new("mlp shape=2 width=8 depth=2 predict=perturbation variance=learned", 1)?;
    let schedule = Schedule::new("cosine steps=10")?;
    let mut trainer = Trainer::new(model, &schedule, "objective=bound learn_schedule=yes schedule_rate=0.1 seed=1")?;
    let before = trainer.schedule().values("beta")?;
    assert_eq!(before, schedule.values("beta")?);
    for step in 0..5 {
        trainer.step(&batch(step), None)?;
    }
    assert_ne!(trainer.schedule().values("beta")?, before);
    assert_eq!(schedule.values("beta")?, before);
    let again = Schedule::new(&trainer.schedule().spec())?;
    assert_eq!(again.values("beta")?, trainer.schedule().values("beta")?);
    Ok(())
}

#[test]
fn a_unet_goes_to_a_folder_of_diffusers_and_back() -> Result<()> {
    let folder = crate::Folder::new("diffusers");
    let schedule = Schedule::new("linear steps=10")?;
    let model = Model::new("unet shape=4,4,1 channels=8 groups=4 blocks=1 predict=epsilon variance=fixed_small", 1)?;
    model.save_diffusers(&schedule, folder.file("pipeline"))?;
    let loaded = Model::load(folder.file("pipeline"))?;
    let x: Vec<f32> = (0..16).map(|i| i as f32 / 16.0).collect();
    assert_eq!(model.forward(&x, &[3.0], None)?, loaded.forward(&x, &[3.0], None)?);
    Ok(())
}
