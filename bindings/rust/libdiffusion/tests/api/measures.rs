//! Schedules, closed forms, evaluators and the coder beside what is known of them.

use libdiffusion::{process, Coder, Condition, Evaluator, Model, Result, Sampler, Schedule};

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{a}, expected {b}");
}

#[test]
fn a_schedule_tells_its_levels() -> Result<()> {
    let schedule = Schedule::from_betas(&[0.1, 0.2, 0.5], "")?;
    assert_eq!((schedule.steps(), schedule.values("beta")?), (3, vec![0.1, 0.2, 0.5]));
    let level = schedule.level(2.0)?;
    near(level.signal * level.signal, 0.9 * 0.8);
    near(level.signal * level.signal + level.sigma * level.sigma, 1.0);
    near(schedule.time(level.log_snr)?, 2.0);
    assert_eq!(Schedule::new(&schedule.spec())?.values("alpha_bar")?, schedule.values("alpha_bar")?);
    assert!(format!("{schedule:?}").starts_with("Schedule(\"betas"));
    Ok(())
}

#[test]
fn the_forward_process_is_in_closed_form() -> Result<()> {
    let schedule = Schedule::from_betas(&[0.1, 0.2], "")?;
    let (mean, variance) = process::marginal(&schedule, 2, &[2.0])?;
    near(mean[0], 2.0 * 0.72f64.sqrt());
    near(variance[0], 0.28);
    let (mean, variance) = process::posterior(&schedule, 2, &[1.0], &[0.5])?;
    near(mean[0], (0.9f64.sqrt() * 0.2 + 0.8f64.sqrt() * 0.1 * 0.5) / 0.28);
    near(variance[0], 0.1 / 0.28 * 0.2);
    assert_eq!(process::forward_sample(&schedule, &[1, 2], &[0.0, 0.0], &[1.0, 1.0])?[0], 0.1f32.sqrt());
    let x = process::forward_trajectory(&schedule, &[1.0], &[0.0, 0.0], 1)?;
    let second = process::forward_step(&schedule, 2, &x[..1], &[0.0], 1)?;
    assert_eq!(x[1..], second[..]);
    near(process::gaussian_kl(&[0.0], &[1.0], &[1.0], &[1.0])?, 0.5);
    near(process::bernoulli_kl(&[1.0], &[0.5])?, 2f64.ln());
    near(process::discretized_log_likelihood("normal", &[0.0], &[0.0], &[1e-9], 3)?[0], 0.0);
    let normal = |variance: f64| 0.5 * (2.0 * std::f64::consts::PI * std::f64::consts::E * variance).ln();
    near(process::entropy(&schedule, 2, process::Conditional::Step(&[0.0]))?, normal(0.2));
    near(process::entropy(&schedule, 2, process::Conditional::Marginal(&[0.0]))?, normal(0.28));
    near(process::entropy(&schedule, 2, process::Conditional::Posterior(&[0.0], &[0.0]))?, normal(0.02 / 0.28));
    let (lower, upper) = process::entropy_bounds(&schedule, 2)?;
    assert!(lower <= upper);
    let level = schedule.level(2.0)?;
    let epsilon = process::prediction_convert(&schedule, 2.0, "x0", "epsilon", &[0.5], &[1.0])?;
    near(epsilon[0], (0.5 - level.signal) / level.sigma);
    Ok(())
}

/// Data N(0.5, 0.7^2), whose exact reverse process is known: the bound is the likelihood itself (examples/callback.c).
#[test]
fn an_exact_network_reaches_the_likelihood() -> Result<()> {
    let (m, s2) = (0.5f64, 0.49f64);
    let schedule = Schedule::new("cosine steps=50")?;
    let (beta, bar) = (schedule.values("beta")?, schedule.values("alpha_bar")?);
    let model = Model::from_callback_double("shape=1 predict=mean variance=learned", move |x, time, _, out| {
        for (i, time) in time.iter().enumerate() {
            let t = *time as usize;
            let before = if t > 1 { bar[t - 2] } else { 1.0 };
            let (beta, prior) = (beta[t - 1], before * s2 + 1.0 - before);
            let variance = 1.0 / ((1.0 - beta) / beta + 1.0 / prior);
            out[2 * i] = variance * ((1.0 - beta).sqrt() / beta * x[i] + before.sqrt() * m / prior);
            let logit = |p: f64| p.ln() - (-p).ln_1p();
            out[2 * i + 1] = logit(variance) - logit(beta);
        }
        Ok(())
    })?;
    let x0: Vec<f32> = (0..200).map(|i| (m + 0.7 * (f64::from(i) * 12.9898).sin() * 1.4) as f32).collect();
    let density = |x: f32| {
        let z2 = (f64::from(x) - m).powi(2) / s2;
        -0.5 * (z2 + (2.0 * std::f64::consts::PI * s2).ln()) / 2f64.ln()
    };
    let mut evaluator = Evaluator::new(&model, &schedule, "elbo edge=model draws=8 seed=1")?;
    evaluator.run(&x0, None)?;
    let (k, error) = (evaluator.value("k_bits")?, evaluator.value("draw_error_bits")?);
    let truth = x0.iter().copied().map(density).sum::<f64>() / 200.0;
    assert!((k - truth).abs() < 4.0 * error, "K {k} +- {error}, truth {truth}");
    let (samples, _) = evaluator.samples()?;
    near(samples.iter().sum::<f64>() / 200.0, k);
    let (terms, errors) = evaluator.terms()?;
    near(-terms.iter().sum::<f64>() - evaluator.value("prior_bits")?, k);
    assert_eq!(errors.len(), 50);
    Ok(())
}

#[test]
fn rows_are_compared_with_a_reference() -> Result<()> {
    let mut nearest = Evaluator::without_model("nearest")?;
    nearest.set_reference(&[0.0, 0.0, 3.0, 4.0], 2)?;
    nearest.run(&[3.0, 3.0, 0.0, 2.0, 3.0, 4.0], None)?;
    assert_eq!((nearest.neighbours()?, nearest.samples()?.0), (vec![1, 0, 1], vec![1.0, 2.0, 0.0]));
    assert_eq!(nearest.value("mean_distance")?, 1.0);
    assert!(nearest.spec().starts_with("nearest"));
    Ok(())
}

#[test]
fn moments_are_measured_and_stored() -> Result<()> {
    let (mut model, schedule) = crate::small()?;
    assert_eq!(model.moments()?, None);
    let mut evaluator = Evaluator::new(&model, &schedule, "moments rows=20 seed=1")?;
    evaluator.run(&[0.5; 20], None)?;
    let ((noise, error), variance) = (evaluator.moments()?, evaluator.value("data_variance")?);
    drop(evaluator);
    model.set_moments(&schedule, &noise, Some(&error), variance)?;
    let stored = model.moments()?.expect("moments");
    assert_eq!((&stored.noise, &stored.error, stored.data_variance), (&noise, &error, variance));
    Sampler::new(&model, &schedule, "ancestral steps=5 variance=analytic spacing=optimal")?.run(None, 1)?;
    model.set_moments(&schedule, &noise, None, 1.0)?;
    model.clear_moments(&schedule)?;
    assert_eq!(model.moments()?, None);
    Ok(())
}

#[test]
fn data_is_coded_and_comes_back() -> Result<()> {
    let folder = crate::Folder::new("coder");
    let (model, schedule) = crate::small()?;
    let x0: Vec<f32> = (0..40).map(|i| -1.0 + 2.0 * (i * 5 % 17) as f32 / 16.0).collect();
    let labels: Vec<i32> = (0..20).map(|i| i % 3).collect();
    let mut last = (0, 0);
    let mut coder = Coder::new(&model, &schedule, "bits_back levels=17")?;
    coder.set_progress(|done, total| {
        last = (done, total);
        Ok(())
    })?;
    coder.encode(&x0, Some(&Condition::from_labels(&labels)?))?;
    assert_eq!(coder.decode()?, (x0.clone(), labels.clone()));
    coder.save(folder.file("data.bits"))?;
    drop(coder);
    assert!(last.0 == last.1 && last.1 > 0);
    let mut loaded = Coder::load(&model, &schedule, folder.file("data.bits"))?;
    assert_eq!((loaded.decode()?, loaded.value("samples")?), ((x0, labels), 20.0));
    assert!(loaded.spec().contains("levels=17"));
    Ok(())
}

#[test]
fn what_is_known_comes_out_as_it_was_given() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut sampler = Sampler::new(&model, &schedule, "ancestral seed=1")?;
    let free = sampler.run(None, 2)?;
    sampler.set_known(&[0.25, 9.0], &[true, false])?;
    let x = sampler.run(None, 2)?;
    assert_eq!((x[0], x[2]), (0.25, 0.25));
    sampler.clear_known()?;
    sampler.set_observed(&[0.5, 0.5], 1e-6)?;
    assert!(sampler.run(None, 1)?.iter().all(|value| (value - 0.5).abs() < 0.1));
    sampler.clear_observed()?;
    assert_eq!(sampler.run(None, 2)?, free);
    Ok(())
}

#[test]
fn a_chain_is_taken_step_by_step() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut sampler = Sampler::new(&model, &schedule, "ddim steps=5 seed=4")?;
    let expected = sampler.run(None, 3)?;
    sampler.begin(None, 3)?;
    let start = sampler.state()?;
    assert_eq!(sampler.time()?, 10.0);
    while sampler.time()? > 0.0 {
        sampler.step()?;
    }
    assert_eq!((sampler.state()?, sampler.evaluations()?), (expected.clone(), vec![5; 3]));
    sampler.set_start(&start)?;
    let again = sampler.run(None, 3)?;
    assert!(again.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4));
    sampler.set_start_double(&start.iter().map(|x| f64::from(*x)).collect::<Vec<_>>())?;
    assert_eq!(sampler.run(None, 3)?, again);
    sampler.clear_start()?;
    assert_eq!(sampler.run(None, 3)?, expected);
    let mut x0 = [0.0; 6];
    sampler.run_into(None, &mut x0)?;
    assert_eq!(x0[..], expected[..]);
    Ok(())
}

#[test]
fn the_library_tells_of_itself() -> Result<()> {
    assert!(libdiffusion::version().starts_with("0.1."));
    assert!(!libdiffusion::blas_core().is_empty() && !libdiffusion::blas_threading().is_empty());
    assert!(libdiffusion::help("sampler")?.contains("dpmsolver++"));
    assert!(libdiffusion::help("nothing").is_err());
    Ok(())
}
