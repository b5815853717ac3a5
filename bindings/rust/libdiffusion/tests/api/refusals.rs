//! What is refused: by the library, with its sentence, and by this crate where an array has the wrong length.

use libdiffusion::{process, Coder, Condition, Error, ErrorKind, Evaluator, Model, Result, Sampler, Schedule, Trainer};

fn refuses<T: std::fmt::Debug>(result: Result<T>, kind: ErrorKind, words: &str) {
    let error = result.expect_err(words);
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.message().contains(words), "'{error}' has no '{words}'");
}

#[test]
fn an_error_has_the_librarys_sentence_status_and_name() {
    let error = Schedule::new("cosine stepz=10").unwrap_err();
    assert_eq!((error.status(), error.name().as_str(), error.kind()), (-11, "spec", ErrorKind::Spec));
    assert!(error.message().contains("stepz") && error.message().contains("steps"), "{error}");
    assert_eq!(error.to_string(), error.message());
    let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert!(boxed.downcast::<Error>().is_ok());
}

#[test]
fn texts_with_nul_bytes_are_refused() -> Result<()> {
    refuses(Schedule::new("cosine\0steps=1"), ErrorKind::Argument, "NUL byte at 6");
    refuses(Model::load("a\0b"), ErrorKind::Argument, "path has a NUL byte");
    let (mut model, _) = crate::small()?;
    refuses(model.set_metadata("note", "a\0"), ErrorKind::Argument, "value");
    Ok(())
}

#[test]
fn arrays_of_another_length_are_refused() -> Result<()> {
    let (mut model, schedule) = crate::small()?;
    refuses(model.forward(&[0.0; 3], &[1.0], None), ErrorKind::Shape, "x has 3 values, expected 1 x 2");
    refuses(model.predict(&schedule, &[0.0; 2], &[1, 2], None), ErrorKind::Shape, "expected 2 x 2");
    refuses(model.set_parameter(&model.parameter_names()[0].clone(), &[0.0]), ErrorKind::Shape, "1");
    refuses(model.set_moments(&schedule, &[1.0; 9], None, 1.0), ErrorKind::Shape, "noise has 9 values, expected 10");
    refuses(model.to_data(&[0.0; 5]), ErrorKind::Shape, "multiple of 2");
    refuses(model.from_data(&[0.0; 5]), ErrorKind::Shape, "multiple of 2");
    let mut condition = Condition::new(2)?;
    refuses(condition.set_labels(&[0]), ErrorKind::Shape, "labels has 1 values, expected 2 x 1");
    refuses(condition.set_vectors(&[0.0; 5], 3), ErrorKind::Shape, "expected 2 x 3");
    refuses(condition.set_observed(&[true; 4], usize::MAX), ErrorKind::Shape, "observed has 4");

    let mut sampler = Sampler::new(&model, &schedule, "ancestral")?;
    refuses(sampler.run_into(None, &mut [0.0; 3]), ErrorKind::Shape, "x0 has 3 values, expected a multiple of 2");
    refuses(sampler.run(None, usize::MAX), ErrorKind::Memory, "cannot be addressed");
    refuses(sampler.run(None, usize::MAX / 4), ErrorKind::Memory, "no memory");
    refuses(sampler.run(Some(&condition), 3), ErrorKind::Shape, "3");
    refuses(sampler.set_known(&[0.0; 2], &[true]), ErrorKind::Shape, "mask has 1");
    refuses(sampler.set_start(&[]), ErrorKind::Shape, "x is empty");
    refuses(sampler.set_start_double(&[0.0]), ErrorKind::Shape, "x has 1");
    refuses(sampler.set_observed(&[0.0; 3], 0.1), ErrorKind::Shape, "y has 3");
    refuses(sampler.state(), ErrorKind::State, "no chain has begun");
    drop(sampler);
    refuses(Coder::new(&model, &schedule, "bits_back")?.encode(&[0.0; 3], None), ErrorKind::Shape, "x0 has 3");
    let mut trainer = Trainer::new(&mut model, &schedule, "objective=hybrid")?;
    refuses(trainer.step(&[0.0; 3], None), ErrorKind::Shape, "x0 has 3 values");
    refuses(trainer.step(&[], None), ErrorKind::Argument, "0");
    refuses(trainer.gradient(&[0.0; 3], None), ErrorKind::Shape, "x0 has 3 values");
    refuses(trainer.loss(&[0.0; 3], None, 0), ErrorKind::Shape, "x0 has 3 values");
    refuses(trainer.step(&[0.0; 6], Some(&condition)), ErrorKind::Shape, "2");
    Ok(())
}

#[test]
fn a_chain_that_failed_to_begin_has_no_state() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut sampler = Sampler::new(&model, &schedule, "ddim steps=2 seed=1")?;
    sampler.begin(None, 3)?;
    refuses(sampler.begin(Some(&Condition::from_labels(&[7; 500])?), 500), ErrorKind::Label, "7");
    refuses(sampler.state(), ErrorKind::State, "no chain has begun");
    Ok(())
}

#[test]
fn process_functions_refuse_arrays_that_do_not_fit() -> Result<()> {
    let schedule = Schedule::new("linear steps=3")?;
    refuses(process::forward_sample(&schedule, &[1, 2], &[0.0; 3], &[0.0; 3]), ErrorKind::Shape, "multiple of 2");
    refuses(process::forward_sample(&schedule, &[], &[], &[]), ErrorKind::Shape, "multiple of 0");
    refuses(process::forward_sample(&schedule, &[1], &[0.0; 2], &[0.0]), ErrorKind::Shape, "noise has 1");
    refuses(process::forward_step(&schedule, 1, &[0.0; 2], &[0.0], 2), ErrorKind::Shape, "noise has 1");
    refuses(process::forward_trajectory(&schedule, &[0.0; 2], &[0.0; 5], 2), ErrorKind::Shape, "noise has 5");
    refuses(process::posterior(&schedule, 1, &[0.0; 2], &[0.0]), ErrorKind::Shape, "xt has 1");
    refuses(process::marginal(&schedule, 4, &[0.0]), ErrorKind::Step, "4");
    refuses(process::gaussian_kl(&[0.0], &[1.0], &[0.0], &[]), ErrorKind::Shape, "variance2 has 0");
    refuses(process::bernoulli_kl(&[0.5], &[]), ErrorKind::Shape, "rate2 has 0");
    refuses(process::discretized_log_likelihood("normal", &[0.0], &[], &[1.0], 256), ErrorKind::Shape, "mean has 0");
    let convert = |output| process::prediction_convert(&schedule, 1.0, "epsilon", "x0", &[0.0; 2], output);
    refuses(convert(&[0.0]), ErrorKind::Shape, "output has 1");
    Ok(())
}

#[test]
fn figures_are_refused_before_there_are_any() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut evaluator = Evaluator::new(&model, &schedule, "elbo")?;
    refuses(evaluator.value("k_bits"), ErrorKind::State, "nothing has been");
    refuses(evaluator.terms(), ErrorKind::State, "nothing has been");
    refuses(evaluator.run(&[0.0; 3], None), ErrorKind::Shape, "x0 has 3 values");
    evaluator.run(&[0.0; 4], None)?;
    refuses(evaluator.value("k_bit"), ErrorKind::Name, "k_bit");
    refuses(evaluator.moments(), ErrorKind::State, "elbo");
    let mut parzen = Evaluator::without_model("parzen bandwidth=1")?;
    refuses(parzen.run(&[0.0; 4], None), ErrorKind::State, "set_reference first");
    refuses(parzen.set_reference(&[0.0; 3], 2), ErrorKind::Shape, "multiple of 2");
    refuses(parzen.set_reference(&[0.0; 3], 0), ErrorKind::Shape, "multiple of 0");
    parzen.set_reference(&[0.0; 4], 2)?;
    refuses(parzen.terms(), ErrorKind::State, "");
    refuses(Evaluator::without_model("elbo"), ErrorKind::Argument, "model is NULL");
    refuses(Coder::new(&model, &schedule, "bits_back")?.decode(), ErrorKind::State, "");
    Ok(())
}
