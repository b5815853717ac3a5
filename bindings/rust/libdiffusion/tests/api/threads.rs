//! What may cross threads, and what keeps what alive.

use std::sync::Arc;
use std::thread;

use libdiffusion::{Coder, Condition, Error, Evaluator, Model, Result, Sampler, Schedule, Trainer};

#[test]
fn types_are_send_and_sync_as_the_threads_rules_say() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Schedule>();
    send::<Model>();
    send::<Condition>();
    send::<Trainer<'_>>();
    send::<Sampler<'_>>();
    send::<Evaluator<'_>>();
    send::<Coder<'_>>();
    send::<Error>();
    sync::<Schedule>();
    sync::<Model>();
    sync::<Condition>();
    sync::<Error>();
}

/// Resolves only for types that are not Sync: for one that is, there are two candidates.
#[test]
fn what_belongs_to_one_thread_is_not_sync() {
    trait Ambiguous<A> {
        fn is_not_sync() {}
    }
    struct Sy;
    impl<T: ?Sized> Ambiguous<()> for T {}
    impl<T: ?Sized + Sync> Ambiguous<Sy> for T {}
    <Trainer<'_> as Ambiguous<_>>::is_not_sync();
    <Sampler<'_> as Ambiguous<_>>::is_not_sync();
    <Evaluator<'_> as Ambiguous<_>>::is_not_sync();
    <Coder<'_> as Ambiguous<_>>::is_not_sync();
}

#[test]
fn samplers_of_one_model_draw_the_same_in_any_thread() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let draw = || Sampler::new(&model, &schedule, "ddim steps=5 seed=3")?.run(None, 20);
    let expected = draw()?;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().unwrap(), expected);
        }
    });
    Ok(())
}

#[test]
fn a_sampler_may_own_its_model_and_go_to_another_thread() -> Result<()> {
    fn make() -> Result<Sampler<'static>> {
        let (model, schedule) = crate::small()?;
        Sampler::new(Arc::new(model), &schedule, "ddim steps=5 seed=3")
    }
    let (model, schedule) = crate::small()?;
    let expected = Sampler::new(&model, &schedule, "ddim steps=5 seed=3")?.run(None, 2)?;
    let mut sampler = make()?;
    assert_eq!(thread::spawn(move || sampler.run(None, 2)).join().unwrap()?, expected);
    let mut owner = Evaluator::new(model, &schedule, "elbo")?;
    owner.run(&[0.0; 2], None)
}

#[test]
fn errors_are_those_of_their_own_thread() {
    let failures: Vec<_> = (0..4)
        .map(|i| thread::spawn(move || Schedule::new(&format!("cosine steps=-{}", i + 1)).unwrap_err().to_string()))
        .collect();
    for (i, failure) in failures.into_iter().enumerate() {
        let message = failure.join().unwrap();
        assert!(message.contains(&format!("-{}", i + 1)), "{message}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bits() -> Result<()> {
    let (model, schedule) = crate::small()?;
    let mut results = Vec::new();
    for threads in [1, 2] {
        libdiffusion::set_threads(threads)?;
        assert_eq!(libdiffusion::threads(), threads);
        results.push(Sampler::new(&model, &schedule, "ancestral seed=1")?.run(None, 300)?);
    }
    libdiffusion::set_threads(0)?;
    assert_eq!(results[0], results[1]);
    Ok(())
}
