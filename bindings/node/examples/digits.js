// Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out: the library's
// examples/digits.c by the binding of Node.
//
//     gunzip -c data/digits.csv.gz >digits.csv
//     node digits.js digits.csv
//
// A row is 64 grey values 0..16 and the digit that they show.
'use strict';

const { readFileSync } = require('node:fs');
const { Condition, Evaluator, Model, Sampler, Schedule, Trainer } = require('..');

const DIM = 64;
const CLASSES = 10;
const HELD_OUT = 297;
const BATCH = 64;
const STEPS = 3000;

/** Images, [rows, DIM], grey values brought to -1..1, and their digits. */
function readTable(path) {
  const table = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => line.split(',').map(Number));
  table.forEach((row, i) => {
    const sound = row.length === DIM + 1 && !row.some(Number.isNaN);
    if (!sound) throw new Error(`${path}: row ${i + 1} has not ${DIM + 1} values`);
  });
  if (table.length <= HELD_OUT) throw new Error(`${path}: ${table.length} rows, but the last ${HELD_OUT} are held out`);
  return {
    images: Float32Array.from(table.flatMap((row) => row.slice(0, DIM)), (grey) => grey / 8 - 1),
    digits: Int32Array.from(table, (row) => row[DIM]),
  };
}

async function train(trainer, { images, digits }, rows) {
  const condition = new Condition(BATCH);
  const x0 = new Float32Array(BATCH * DIM);
  for (let step = 1; step <= STEPS; step++) {
    const chosen = trainer.draw(rows, BATCH);
    chosen.forEach((row, i) => x0.set(images.subarray(row * DIM, (row + 1) * DIM), i * DIM));
    condition.setLabels(chosen.map((row) => digits[row]));
    const loss = await trainer.step(x0, condition);
    if (step % 500 === 0) console.log(`step ${step}  loss ${loss.toFixed(6)}`);
  }
}

/** One of each class, side by side in two rows of five. */
async function draw(model, schedule) {
  const sampler = new Sampler(model, schedule, 'ddim steps=20 seed=7');
  const x = await sampler.run(CLASSES, new Condition(Int32Array.from({ length: CLASSES }, (_, i) => i)));
  const shade = (value) => (value < -0.5 ? ' ' : value < 0 ? '.' : value < 0.5 ? 'o' : '@');
  for (let line = 0; line < 16; line++) {
    const at = (column) => (Math.floor(line / 8) * 5 + Math.floor(column / 8)) * DIM + (line % 8) * 8 + (column % 8);
    console.log(Array.from({ length: 40 }, (_, column) => shade(x[at(column)])).join(''));
  }
}

/** The lower bound K on log2 p(data), a mean over the rows held out. */
async function measure(model, schedule, { images, digits }, first) {
  const evaluator = new Evaluator(model, schedule, 'elbo draws=1 seed=1');
  await evaluator.run(images.subarray(first * DIM), new Condition(digits.subarray(first)));
  const [bits, error] = [evaluator.value('k_bits'), evaluator.value('standard_error_bits')];
  console.log(`K = ${bits.toFixed(12)} bits, standard error ${error.toFixed(12)}`);
}

async function main(path) {
  if (!path) throw new Error('usage: node digits.js digits.csv');
  const table = readTable(path);
  const first = table.digits.length - HELD_OUT;
  const schedule = new Schedule('cosine steps=50');
  const model = new Model('mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range', 1);
  const trainer = new Trainer(model, schedule, 'objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1');
  await train(trainer, table, first);
  await draw(trainer.model, schedule);
  await measure(trainer.model, schedule, table, first);
}

main(process.argv[2]).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
