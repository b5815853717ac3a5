//! Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out: the same
//! program, and the same lines, as examples/digits.c.
//!
//!     gunzip -c data/digits.csv.gz >digits.csv
//!     cargo run --release --example digits digits.csv
//!
//! A row is 64 grey values 0..16 and the digit that they show.

use std::process::ExitCode;
use std::{env, fs};

use libdiffusion::{BoxError, Condition, Evaluator, Model, Result, Sampler, Schedule, Trainer};

const DIM: usize = 64;
const CLASSES: i32 = 10;
const HELD_OUT: usize = 297;
const BATCH: usize = 64;
const STEPS: usize = 3000;

/// Images, [n, DIM], and the digits that they show.
struct Digits {
    images: Vec<f32>,
    digits: Vec<i32>,
}

/// Reads the rows, grey values brought to -1..1.
fn read_rows(path: &str) -> Result<Digits, BoxError> {
    let mut data = Digits { images: Vec::new(), digits: Vec::new() };
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    for (row, line) in text.lines().enumerate() {
        let values: Vec<f32> = line.split(',').map_while(|value| value.trim().parse().ok()).collect();
        if values.len() != DIM + 1 {
            return Err(format!("{path}: row {} has not {} values", row + 1, DIM + 1).into());
        }
        data.images.extend(values[..DIM].iter().map(|grey| grey / 8.0 - 1.0));
        data.digits.push(values[DIM] as i32);
    }
    if data.digits.len() <= HELD_OUT {
        return Err(format!("{path}: {} rows, but the last {HELD_OUT} are held out", data.digits.len()).into());
    }
    Ok(data)
}

fn train(trainer: &mut Trainer, data: &Digits) -> Result<()> {
    for step in 1..=STEPS {
        let chosen = trainer.draw(data.digits.len() - HELD_OUT, BATCH)?;
        let x0: Vec<f32> = chosen.iter().flat_map(|&i| &data.images[i * DIM..(i + 1) * DIM]).copied().collect();
        let labels: Vec<i32> = chosen.iter().map(|&i| data.digits[i]).collect();
        let loss = trainer.step(&x0, Some(&Condition::from_labels(&labels)?))?;
        if step % 500 == 0 {
            println!("step {step}  loss {loss:.6}");
        }
    }
    Ok(())
}

/// One of each class, side by side in two rows of five.
fn draw(model: &Model, schedule: &Schedule) -> Result<()> {
    let labels: Vec<i32> = (0..CLASSES).collect();
    let mut sampler = Sampler::new(model, schedule, "ddim steps=20 seed=7")?;
    let x = sampler.run(Some(&Condition::from_labels(&labels)?), labels.len())?;
    for line in 0..16 {
        let pixel = |column: usize| match x[(line / 8 * 5 + column / 8) * DIM + line % 8 * 8 + column % 8] {
            value if value < -0.5 => ' ',
            value if value < 0.0 => '.',
            value if value < 0.5 => 'o',
            _ => '@',
        };
        println!("{}", (0..40).map(pixel).collect::<String>());
    }
    Ok(())
}

/// The lower bound K on log2 p(data), a mean over the rows held out.
fn measure(model: &Model, schedule: &Schedule, data: &Digits) -> Result<()> {
    let first = data.digits.len() - HELD_OUT;
    let mut evaluator = Evaluator::new(model, schedule, "elbo draws=1 seed=1")?;
    evaluator.run(&data.images[first * DIM..], Some(&Condition::from_labels(&data.digits[first..])?))?;
    let (bits, error) = (evaluator.value("k_bits")?, evaluator.value("standard_error_bits")?);
    println!("K = {bits:.12} bits, standard error {error:.12}");
    Ok(())
}

fn run(path: &str) -> Result<(), BoxError> {
    let data = read_rows(path)?;
    let schedule = Schedule::new("cosine steps=50")?;
    let model = Model::new("mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range", 1)?;
    let mut trainer =
        Trainer::new(model, &schedule, "objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1")?;
    train(&mut trainer, &data)?;
    draw(trainer.model(), &schedule)?;
    measure(trainer.model(), &schedule, &data)?;
    Ok(())
}

fn main() -> ExitCode {
    let path = match env::args().nth(1) {
        Some(path) => path,
        None => {
            eprintln!("usage: digits digits.csv");
            return ExitCode::FAILURE;
        }
    };
    match run(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("digits: {error}");
            ExitCode::FAILURE
        }
    }
}
