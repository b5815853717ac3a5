'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const {
  Condition, DiffusionError, Evaluator, Model, Sampler, Schedule, Trainer, marginal, status, statusName,
} = require('..');

const schedule = new Schedule('cosine steps=5');
const make = () => new Model('mlp shape=3 width=8 classes=4', 1);

test('an error has sentence, status and code', () => {
  assert.throws(() => new Model('mlp shape=2 widht=64', 1), (error) => {
    assert(error instanceof DiffusionError && error instanceof Error);
    assert.equal(error.name, 'DiffusionError');
    assert.equal(error.status, status.E_SPEC);
    assert.equal(error.code, statusName(status.E_SPEC));
    return /widht.*width/.test(error.message);
  });
});

test('a length that does not fit is refused', async () => {
  const model = make();
  const trainer = new Trainer(model, schedule, 'objective=simple seed=1');
  const shape = { status: status.E_SHAPE };
  const message = 'x0 holds 7 values, expected rows of 3';
  assert.throws(() => trainer.stepSync(new Float32Array(7)), { ...shape, message });
  await assert.rejects(trainer.step(new Float32Array(7)), shape);
  assert.equal(trainer.steps, 0);
  const condition = new Condition(4);
  assert.throws(() => condition.setLabels([0, 1]), { ...shape, message: 'labels holds 2 values, expected 4' });
  condition.setLabels([0, 1, 2, 3]);
  const sampler = new Sampler(model, schedule, 'ddim seed=1');
  assert.throws(() => sampler.runSync(5, condition), shape);
  assert.throws(() => sampler.setKnown(new Float32Array(6), new Uint8Array(5)), shape);
  assert.throws(() => model.forward(new Float32Array(6), [1, 2, 3]), shape);
  assert.throws(() => model.setMoments(schedule, { noise: [1], dataVariance: 1 }), shape);
  assert.throws(() => new Evaluator(null, null, 'nearest').runSync([1, 2]), { status: status.E_STATE });
});

test('an empty batch is the library\'s to judge', async () => {
  const schedule = new Schedule('cosine steps=5');
  const model = new Model('mlp shape=2 width=4', 1);
  const sampler = new Sampler(model, schedule, 'ddim');
  assert.throws(() => sampler.state, { message: 'sampler_evaluations: no chain has begun (call sampler_begin first)' });
  assert.equal(sampler.runSync(0).length + (await sampler.run(0n)).length + sampler.state.x.length, 0);
  assert.equal(model.forward([], []).length + model.predict(schedule, [], []).mean.length, 0);
  const trainer = new Trainer(model, schedule, '');
  const message = 'trainer: n=0, expected at least one sample';
  assert.throws(() => trainer.stepSync([]), { message });
  await assert.rejects(trainer.step([]), { message });
});

test('a value of another type is converted where nothing is lost, or refused', () => {
  const model = make();
  const exact = model.forward(new Float32Array([1, 2, 3]), new Float64Array([1]), new Condition([2]));
  assert.deepEqual(model.forward([1, 2, 3], [1], new Condition(Int32Array.of(2))), exact);
  assert.deepEqual(model.forward(Float64Array.of(1, 2, 3), [1], new Condition([2])), exact);
  const refused = (run, message) => assert.throws(run, { name: 'TypeError', message });
  refused(() => model.forward(new Int32Array(3), [1]), 'x is Int32Array, expected Float32Array or an array of numbers');
  refused(() => model.forward([[1, 2, 3]], [1]), 'x[0] is Array, which Float32Array does not hold');
  refused(() => model.forward([1, '2', 3], [1]), "x[1] is '2', which Float32Array does not hold");
  refused(() => new Condition([0.5]), 'labels[0] is 0.5, which Int32Array does not hold');
  refused(() => new Condition(new Float32Array(2)),
    'labels is Float32Array, expected Int32Array or an array of numbers');
  refused(() => new Model('mlp shape=2', 1.5), 'seed is 1.5, expected a whole number');
  refused(() => new Model(null, 1), 'spec is null, expected a string');
  refused(() => new Sampler(schedule, schedule, 'ddim'), 'model is not a Model');
  assert.throws(() => new Model('mlp shape=2', -1), { status: status.E_ARGUMENT });
  assert.throws(() => schedule.values('beta\0'), { message: 'quantity holds a NUL character at 4' });
  assert.throws(() => marginal(schedule, 2 ** 31, [1]), { status: status.E_ARGUMENT });
  assert.equal(new Model('mlp shape=2', 2n ** 64n - 1n).dim, 2);
});

test('what is closed is refused, and closing again does nothing', () => {
  const closed = new Schedule('cosine steps=5');
  closed.close();
  closed.close();
  assert.throws(() => closed.values('beta'), { status: status.E_STATE, message: 'schedule: it is closed' });
  const trainer = new Trainer(make(), schedule, 'objective=simple seed=1');
  const { model } = trainer;
  model.close(); // is the trainer's
  assert.equal(model.metadata('note'), null);
  const sampler = new Sampler(model, schedule, 'ddim seed=1');
  if (Symbol.dispose) trainer[Symbol.dispose]();
  else trainer.close();
  assert.throws(() => model.metadata('note'), { message: 'model: it is closed' });
  assert.equal(sampler.runSync(2).length, 6);
});
