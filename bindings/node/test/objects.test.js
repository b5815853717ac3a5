'use strict';

const assert = require('node:assert/strict');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const test = require('node:test');
const lib = require('..');

const { Coder, Condition, Evaluator, Model, Sampler, Schedule, Trainer, status } = lib;
const schedule = new Schedule('cosine steps=10');
const corners = Float32Array.from({ length: 16 }, (_, i) => ((i % 2 ? i >> 2 : i >> 1) & 1 ? 1 : -1));
function near(value, wanted, within = 1e-14) {
  assert(Math.abs(value - wanted) < within, `${value}, expected ${wanted}`);
}

function inFolder(run) {
  const folder = mkdtempSync(join(tmpdir(), 'libdiffusion-'));
  try {
    return run((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a training goes on from its file to the same bits', () => inFolder((file) => {
  const trained = new Model('mlp shape=2 width=16', 3);
  const trainer = new Trainer(trained, schedule, 'objective=simple post_hoc_ema=yes seed=1');
  trainer.setMetadata('note', 'kept');
  const paths = [0, 1, 2, 3].map((i) => {
    for (let step = 0; step < 4; step++) trainer.stepSync(corners);
    trainer.saveSnapshot(file(`${i}`));
    return file(`${i}`);
  });
  const { model, error } = Trainer.average(paths, 0.1);
  assert.equal(model.dim, 2);
  assert(error >= 0);
  trainer.save(file('checkpoint'));
  const resumed = Trainer.resume(file('checkpoint'));
  assert.equal(resumed.metadata('note'), 'kept');
  assert.equal(resumed.spec, trainer.spec);
  const { loss, gradient } = resumed.gradientSync(corners);
  assert(gradient.some((value) => value !== 0));
  assert.equal(resumed.stepSync(corners), loss);
  assert.equal(trainer.stepSync(corners), loss);
  assert.equal(resumed.schedule.spec, schedule.spec);
  assert.equal(resumed.lossSync(corners, 0), trainer.lossSync(corners, 0n));
  trainer.change('rate=1e-4');
  assert.equal(trainer.rate, 1e-4);
  assert.deepEqual(trainer.draw(8, 8).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
}));

test('a model comes back from its bytes and files', () => inFolder((file) => {
  const model = new Model('mlp shape=2,3 width=8', 3);
  model.setMetadata('data.shift', '10');
  model.setMetadata('note', 'kept');
  assert.deepEqual(model.shape, [2, 3]);
  const copy = Model.loadMemory(model.saveMemory());
  assert.equal(copy.metadata('note'), 'kept');
  assert.equal(copy.metadata('absent'), null);
  assert.equal(copy.spec, model.spec);
  const [name] = copy.parameterNames;
  const values = copy.parameter(name);
  assert.deepEqual(values, model.parameter(name));
  values[0] = 4;
  model.setParameter(name, values);
  model.save(file('model'));
  assert.equal(Model.load(file('model')).parameter(name)[0], 4);
  const x = model.fromData(new Float64Array(6).fill(10.5));
  assert.deepEqual(x, new Float32Array(6).fill(0.5));
  assert.deepEqual(model.toData(x), new Float64Array(6).fill(10.5));
  assert.equal(model.scaling('shift')[5], 10);
  model.setMetadata('note', null);
  assert.equal(model.metadata('note'), null);
  assert.throws(() => model.saveDiffusers(schedule, file('folder')), { status: status.E_SPEC });
}));

test('chains, starts, known values and observations', () => {
  const model = new Model('mlp shape=2 width=16', 3);
  const sampler = new Sampler(model, schedule, 'ddim seed=7');
  const samples = sampler.runSync(4);
  assert.match(sampler.spec, /^ddim eta=0 .* seed=7 /);
  assert.deepEqual(new Sampler(model, schedule, sampler.spec).runSync(4), samples);
  sampler.beginSync(4);
  while (sampler.state.t > 0) sampler.stepSync();
  assert.deepEqual(sampler.state.x, samples);
  sampler.setStart(corners);
  const started = sampler.runSync(8);
  sampler.setStart(Float64Array.from(corners));
  assert.deepEqual(sampler.runSync(8), started);
  assert.throws(() => sampler.runSync(3), { status: status.E_SHAPE });
  sampler.setStart(null);
  assert.deepEqual(sampler.runSync(4), samples);
  sampler.setKnown([0.5, 0], [true, false]);
  assert.equal(sampler.runSync(1)[0], 0.5);
  sampler.setKnown(null);
  assert.throws(() => sampler.setObserved([0, 0], 0.1), { status: status.E_STATE });
  const ancestral = new Sampler(model, schedule, 'ancestral seed=7');
  ancestral.setObserved([0, 0], 0.1);
  assert.equal(ancestral.runSync(1).length, 2);
  ancestral.setObserved(null);
  const { mean, variance } = model.predict(schedule, [1, 2], [3]);
  assert(mean.length === 2 && variance.every((value) => value > 0));
});

test('measures and moments are read', async () => {
  const model = new Model('mlp shape=2 width=16', 3);
  const elbo = new Evaluator(model, schedule, 'elbo draws=2 seed=1');
  await elbo.run(corners);
  near(elbo.samples.bits.reduce((sum, bits) => sum + bits) / 8, elbo.value('k_bits'), 1e-9);
  assert.equal(elbo.terms.bits.length, 10);
  const moments = new Evaluator(model, schedule, 'moments seed=1');
  moments.runSync(corners);
  model.setMoments(schedule, moments.moments);
  assert.deepEqual(model.moments, moments.moments);
  model.setMoments(schedule, null);
  assert.equal(model.moments, null);
  const nearest = new Evaluator(null, null, 'nearest');
  nearest.setReference(corners, 2);
  await nearest.run([0.9, 0.9]);
  assert.deepEqual(nearest.neighbours, [3]);
});

test('what is coded comes back', () => inFolder((file) => {
  const model = new Model('mlp shape=2 width=16 classes=4', 3);
  const coder = new Coder(model, schedule, 'bits_back levels=2');
  let heard = 0;
  coder.setProgress(() => { heard++; });
  coder.encodeSync(corners, new Condition([0, 1, 2, 3, 0, 1, 2, 3]));
  assert(heard > 0);
  coder.save(file('bits'));
  const { x0, labels } = Coder.load(model, schedule, file('bits')).decodeSync();
  assert.deepEqual(x0, corners);
  assert.deepEqual(labels, Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3));
  return Promise.all([coder.decode(), assert.rejects(coder.decode(), { status: status.E_STATE })]);
}));

test('closed forms are those of the paper', () => {
  const of = Schedule.fromBetas([0.1, 0.2, 0.5]);
  const alphaBar = 0.9 * 0.8;
  near(of.values('alpha_bar')[1], alphaBar);
  near(of.level(2).signal, Math.sqrt(alphaBar));
  near(of.time(of.level(1.5).logSnr), 1.5, 1e-12);
  near(lib.marginal(of, 2, [1, -3]).mean[1], -3 * Math.sqrt(alphaBar));
  near(lib.posterior(of, 2, [1], [0]).variance[0], 0.2 * 0.1 / (1 - alphaBar));
  near(lib.gaussianKl([0, 0], [1, 1], [1, 1], [1, 1]), 1);
  near(lib.bernoulliKl([1, 1], [0.5, 0.5]), 2 * Math.LN2);
  near(lib.entropy(of, 'step', 3, [1, 1]), Math.log(2 * Math.PI * Math.E * 0.5));
  assert.throws(() => lib.entropy(of, 'posterior', 3, [1, 1]), TypeError);
  assert(lib.entropyBounds(of, 2).lower < lib.entropyBounds(of, 2).upper);
  near(lib.discretizedLogLikelihood('normal', [0], [0], [1], 3)[0], Math.log(0.3829249225480262), 1e-12);
  near(lib.forwardSample(of, [1, 3], [1, 1], [0, 0])[1], Math.sqrt(0.36), 1e-7);
  near(lib.forwardStep(of, 3, [1, 1], [0, 0], 1)[1], Math.sqrt(0.5), 1e-7);
  near(lib.forwardTrajectory(of, [1, 1], new Float32Array(6), 1)[5], Math.sqrt(0.36), 1e-7);
  near(lib.convertPrediction(of, 2, 'epsilon', 'x0', [1], [0])[0], 1 / Math.sqrt(alphaBar));
});

test('the process is asked and told', () => {
  assert.match(lib.version(), /^0\.1\./);
  assert(lib.blasCore() && lib.blasThreading());
  lib.setThreads(1);
  assert.equal(lib.threads(), 1);
  lib.setThreads(0);
  assert.match(lib.help('sampler'), /dpmsolver\+\+[^]*\n$/);
  assert.throws(() => lib.help('nothing'), { status: status.E_NAME });
  lib.setParameterLimit(100);
  assert.throws(() => new Model('mlp shape=20', 1), { status: status.E_MEMORY });
  lib.setParameterLimit(2 ** 30);
});
