'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { Condition, Evaluator, Model, Sampler, Schedule, setLog, status } = require('..');

const schedule = new Schedule('cosine steps=20');
const reading = 'shape=2 predict=epsilon variance=fixed_small';
/** The exact network of data N(0, 1). */
function exact(x, time, condition, out) {
  x.forEach((value, i) => { out[i] = schedule.level(time[i >> 1]).sigma * value; });
}

class Refusal extends Error {}
const refuse = () => { throw new Refusal('no'); };

test('a network sees its rows and their conditions', () => {
  let seen;
  const spec = 'shape=2 predict=x0 variance=fixed_small classes=3 condition=1';
  const model = Model.createCallbackDouble(spec, (x, time, condition, out) => {
    seen = condition;
    x.forEach((value, i) => { out[i] = value * time[i >> 1]; });
  });
  const condition = new Condition([2, 0]);
  condition.setVectors([0.25, 0.75], 1);
  condition.setObserved([true, false, false, true], 2);
  assert.deepEqual(model.forward([2, 4, 6, 8], [1, 2], condition), Float32Array.of(2, 4, 12, 16));
  assert.deepEqual(seen, {
    count: 2,
    labels: Int32Array.of(2, 0),
    vectors: Float32Array.of(0.25, 0.75),
    width: 1,
    observed: Uint8Array.of(1, 0, 0, 1),
  });
  const plain = Model.createCallback(reading, (x, time, given, out) => { seen = given; out.set(x); });
  assert.deepEqual(plain.forward([1, 2], [1]), Float32Array.of(1, 2));
  assert.equal(seen, null);
});

test('a chain that is refused leaves the one that runs', () => {
  const sampler = new Sampler(new Model('mlp shape=2', 1), schedule, 'ddim');
  sampler.setProgress(() => {
    assert.throws(() => sampler.runSync(5), { status: status.E_STATE });
    assert.equal(sampler.state.x.length, 4);
  });
  sampler.runSync(2);
});

test('what a callback throws comes out of the call, promised or not', async () => {
  const broken = Model.createCallback(reading, refuse);
  const over = new Sampler(broken, schedule, 'ddim seed=1');
  assert.throws(() => over.runSync(2), Refusal);
  await assert.rejects(over.run(2), Refusal);
  const evaluator = new Evaluator(broken, schedule, 'elbo seed=1');
  await assert.rejects(evaluator.run(new Float32Array(4)), Refusal);

  const sampler = new Sampler(new Model('mlp shape=2 width=8', 1), schedule, 'ddim seed=1');
  const before = sampler.runSync(3);
  for (const set of ['setProgress', 'setNoise', 'setGuidance']) {
    sampler[set](refuse);
    assert.throws(() => sampler.runSync(3), Refusal);
    await assert.rejects(sampler.run(3), Refusal);
    sampler[set](null);
  }
  assert.deepEqual(await sampler.run(3), before);
  assert.deepEqual(sampler.runSync(3), before);
});

test('calls that run side by side keep their errors apart', async () => {
  const model = new Model('mlp shape=2 width=8', 1);
  const runs = [1, 2, 3, 4].map((number) => {
    const sampler = new Sampler(model, schedule, 'ddim seed=1');
    sampler.setProgress((done) => { if (done > number * 4) throw new Refusal(String(number)); });
    return sampler.run(4).catch((error) => error.message);
  });
  assert.deepEqual(await Promise.all(runs), ['1', '2', '3', '4']);
});

test('a call within a callback has its own failures', () => {
  const model = new Model('mlp shape=2 width=8', 1);
  const [inner, outer] = [1, 2].map(() => new Sampler(model, schedule, 'ddim seed=1'));
  inner.setProgress(refuse);
  outer.setProgress(() => assert.throws(() => inner.runSync(1), Refusal));
  outer.runSync(3);
  outer.setProgress(() => new Schedule('cosin'));
  assert.throws(() => outer.runSync(3), { status: status.E_SPEC });
  outer.setProgress(() => outer.stepSync());
  assert.throws(() => outer.runSync(3), { status: status.E_STATE });
});

test('noise and guidance are what their functions fill in', async () => {
  const sampler = new Sampler(Model.createCallback(reading, exact), schedule, 'ddim steps=5 seed=1');
  const draws = [];
  sampler.setNoise((values, sample, step) => { draws.push([values.length, sample, step]); values.fill(sample); });
  let rows = 0;
  sampler.setGuidance((x, t, gradient) => { rows = x.length / 2; gradient.fill(0); });
  const x = await sampler.run(3);
  assert.deepEqual(draws, [[2, 0, 21], [2, 1, 21], [2, 2, 21]]);
  assert.equal(rows, 3);
  assert.equal(x[0], 0);
  assert(x[4] > 1);
  sampler.setNoise(() => {}); // what is left out is not taken for 0
  assert.throws(() => sampler.runSync(1), { status: status.E_NONFINITE });
});

test('a promise is no answer of a callback', () => {
  const model = Model.createCallback(reading, async () => {});
  assert.throws(() => model.forward([1, 2], [1]), /a callback returned a promise/);
  const sampler = new Sampler(model, schedule, 'ddim');
  assert.throws(() => sampler.setProgress(5), { message: 'progress is number, expected a function or null' });
});

test('the state can be read in the callbacks of its own call alone', async () => {
  const sampler = new Sampler(new Model('mlp shape=2 width=8', 1), schedule, 'ddim seed=1');
  const times = [];
  sampler.setProgress(() => times.push(sampler.state.t));
  const running = sampler.run(2);
  assert.throws(() => sampler.state, { status: status.E_STATE });
  const x = await running;
  assert.equal(times.length, 20);
  assert.equal(times[19], 0);
  assert.deepEqual(sampler.state, { x, t: 0 });
  assert.deepEqual(sampler.evaluations, [20, 20]);
});

test('warnings may be heard', () => {
  setLog(() => {});
  setLog(null);
  assert.throws(() => setLog('file'), TypeError);
});
