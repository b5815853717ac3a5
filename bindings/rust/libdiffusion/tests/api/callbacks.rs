//! Closures, what they are given, and how their errors and panics come back.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

use libdiffusion::{Condition, Error, ErrorKind, Evaluator, Model, Result, Sampler, Schedule};

#[derive(Debug, PartialEq)]
struct Stop(i32);

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stop {}", self.0)
    }
}

impl std::error::Error for Stop {}

const ZERO: &str = "shape=2 classes=3 predict=epsilon variance=fixed_small";

fn source(error: Error) -> Stop {
    assert_eq!(error.kind(), ErrorKind::Callback);
    assert_eq!(error.name(), "callback");
    *error.into_source().expect("the closure's error").downcast().expect("its own type")
}

#[test]
fn a_network_is_given_its_samples_times_and_condition() -> Result<()> {
    let schedule = Schedule::new("cosine steps=4")?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let model = Model::from_callback(ZERO, move |x, time, condition, out| {
        let labels = condition.and_then(Condition::labels).map(<[i32]>::to_vec);
        log.lock().unwrap().push((x.len(), time.to_vec(), labels));
        out.fill(0.0);
        Ok(())
    })?;
    assert_eq!((model.dim(), model.outputs(), model.classes(), model.shape()?), (2, 2, 3, vec![2]));
    let condition = Condition::from_labels(&[2, -1, 0])?;
    let x = Sampler::new(&model, &schedule, "ddim steps=4 seed=1")?.run(Some(&condition), 3)?;
    assert_eq!(x.len(), 6);
    let calls = seen.lock().unwrap();
    let times: Vec<f64> = calls.iter().map(|call| call.1[0]).collect();
    assert_eq!(times, [4.0, 3.0, 2.0, 1.0]);
    assert!(calls
        .iter()
        .all(|(values, time, labels)| *values == 6 && time.len() == 3 && *labels == Some(vec![2, -1, 0])));
    Ok(())
}

#[test]
fn what_a_closure_leaves_out_is_refused() -> Result<()> {
    let lazy = Model::from_callback(ZERO, |_, _, _, out| {
        out[0] = 0.0;
        Ok(())
    })?;
    let (model, schedule) = crate::small()?;
    let refused = Sampler::new(&lazy, &schedule, "ddim")?.run(None, 1).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NonFinite);
    let mut sampler = Sampler::new(&model, &schedule, "ancestral")?;
    sampler.set_noise(|_, _, _| Ok(()))?;
    assert_eq!(sampler.run(None, 1).unwrap_err().kind(), ErrorKind::NonFinite);
    sampler.clear_noise()?;
    sampler.set_guidance(|_, _, _| Ok(()))?;
    assert_eq!(sampler.run(None, 1).unwrap_err().kind(), ErrorKind::NonFinite);
    Ok(())
}

#[test]
fn a_network_may_read_vectors_and_what_is_observed() -> Result<()> {
    let schedule = Schedule::new("cosine steps=2")?;
    let model = Model::from_callback("shape=2 condition=3 predict=x0 variance=fixed_small", |_, _, condition, out| {
        let (vectors, width) = condition.and_then(Condition::vectors).ok_or("no vectors")?;
        let observed = condition.and_then(Condition::observed).ok_or("nothing observed")?;
        for i in 0..out.len() / 2 {
            out[2 * i] = vectors[i * width];
            out[2 * i + 1] = f32::from(observed[2 * i + 1]);
        }
        Ok(())
    })?;
    let mut condition = Condition::new(2)?;
    condition.set_vectors(&[0.5, 1.0, 2.0, -0.25, 3.0, 4.0], 3)?;
    condition.set_observed(&[true, true, true, false], 2)?;
    let x = Sampler::new(&model, &schedule, "ddim")?.run(Some(&condition), 2)?;
    assert_eq!(x, [0.5, 1.0, -0.25, 0.0]);
    condition.clear_observed()?;
    let error = Sampler::new(&model, &schedule, "ddim")?.run(Some(&condition), 2).unwrap_err();
    assert_eq!(error.into_source().unwrap().to_string(), "nothing observed");
    Ok(())
}

#[test]
fn the_error_of_a_closure_comes_back_out() -> Result<()> {
    let schedule = Schedule::new("cosine steps=4")?;
    let model = Model::from_callback(ZERO, |_, _, _, _| Err(Stop(1).into()))?;
    assert_eq!(source(model.forward(&[0.0; 2], &[1.0], None).unwrap_err()), Stop(1));

    let (model, _) = crate::small()?;
    let mut sampler = Sampler::new(&model, &schedule, "ancestral seed=1")?;
    sampler.set_progress(|done, _| if done < 4 { Ok(()) } else { Err(Stop(2).into()) })?;
    let error = sampler.run(None, 2).unwrap_err();
    assert!(error.message().contains("progress"), "{error}");
    assert_eq!(source(error), Stop(2));
    sampler.clear_progress()?;
    sampler.set_noise(|values, sample, step| {
        values.fill(0.0);
        if (sample, step) == (1, 4) {
            Err(Stop(3).into())
        } else {
            Ok(())
        }
    })?;
    assert_eq!(source(sampler.run(None, 2).unwrap_err()), Stop(3));
    sampler.clear_noise()?;
    sampler.set_guidance(|_, t, _| Err(Stop(t as i32).into()))?;
    assert_eq!(source(sampler.run(None, 2).unwrap_err()), Stop(4));
    sampler.clear_guidance()?;
    assert_eq!(sampler.run(None, 2)?.len(), 4);

    let mut evaluator = Evaluator::new(&model, &schedule, "elbo seed=1")?;
    evaluator.set_progress(|_, _| Err(Stop(5).into()))?;
    assert_eq!(source(evaluator.run(&[0.0; 4], None).unwrap_err()), Stop(5));
    Ok(())
}

#[test]
fn a_panic_goes_on_behind_the_call_and_harms_nothing() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut sampler = Sampler::new(&model, &schedule, "ddim steps=5 seed=3")?;
    let expected = sampler.run(None, 2)?;
    sampler.set_progress(|_, _| panic!("no further"))?;
    let payload = catch_unwind(AssertUnwindSafe(|| sampler.run(None, 2))).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"no further"));
    sampler.clear_progress()?;
    assert_eq!(sampler.run(None, 2)?, expected);
    Ok(())
}

#[test]
fn a_closure_may_call_the_library_whose_failure_is_its_own() -> Result<()> {
    let schedule = Schedule::new("cosine steps=4")?;
    let inner = Model::from_callback(ZERO, |_, _, _, _| Err(Stop(7).into()))?;
    let outer = Model::from_callback(ZERO, move |x, time, _, out| {
        assert_eq!(source(inner.forward(x, time, None).unwrap_err()), Stop(7));
        out.fill(0.5);
        Ok(())
    })?;
    assert_eq!(outer.forward(&[0.0; 4], &[1.0, 2.0], None)?, [0.5; 4]);
    let failing = Model::from_callback(ZERO, |_, _, _, _| Schedule::new("nothing").map(drop).map_err(Into::into))?;
    let error = Sampler::new(&failing, &schedule, "ddim")?.run(None, 1).unwrap_err();
    let cause = error.into_source().unwrap().downcast::<Error>().unwrap();
    assert_eq!(cause.kind(), ErrorKind::Spec);
    Ok(())
}

#[test]
fn noise_of_ones_own_replaces_the_generator() -> Result<()> {
    let schedule = Schedule::new("cosine steps=4")?;
    let model = Model::from_callback_double("shape=1 predict=x0 variance=fixed_small", |x, _, _, out| {
        out.copy_from_slice(x);
        Ok(())
    })?;
    let mut drawn = Vec::new();
    let mut sampler = Sampler::new(&model, &schedule, "ancestral seed=1")?;
    sampler.set_noise(|values, sample, step| {
        drawn.push((sample, step));
        values.fill(0.0);
        Ok(())
    })?;
    assert_eq!(sampler.run(None, 2)?, [0.0, 0.0]);
    drop(sampler);
    assert_eq!(drawn[..4], [(0, 5), (1, 5), (0, 4), (1, 4)]);
    Ok(())
}

#[test]
fn guidance_moves_samples_towards_what_it_likes() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut sampler = Sampler::new(&model, &schedule, "ancestral seed=2")?;
    let mean = |x: Vec<f32>| x.iter().sum::<f32>() / x.len() as f32;
    let free = mean(sampler.run(None, 50)?);
    sampler.set_guidance(|x, _, gradient| {
        gradient.iter_mut().zip(x).for_each(|(gradient, x)| *gradient = 4.0 - x);
        Ok(())
    })?;
    let guided = mean(sampler.run(None, 50)?);
    assert!(guided > free + 0.5, "mean {guided} with guidance, {free} without");
    Ok(())
}
