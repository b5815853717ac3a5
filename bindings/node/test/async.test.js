'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const test = require('node:test');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const { Condition, Evaluator, Model, Sampler, Schedule, Trainer, status } = require('..');

const schedule = new Schedule('cosine steps=50');
const busy = { status: status.E_STATE, message: /another call that uses it is running, await that first/ };

test('the event loop goes on while a call runs', async () => {
  const sampler = new Sampler(new Model('mlp shape=64 width=128', 1), schedule, 'ancestral seed=1');
  let turns = 0;
  let done = false;
  const turn = () => { turns++; if (!done) setImmediate(turn); };
  setImmediate(turn);
  const x = await sampler.run(500);
  done = true;
  assert(turns > 10, `${turns} turns of the loop`);
  assert.deepEqual(x, sampler.runSync(500));
});

test('whatever a running call uses is kept from others', async () => {
  const model = new Model('mlp shape=2 width=64 classes=2', 1);
  const trainer = new Trainer(model, schedule, 'objective=simple seed=1');
  const sampler = new Sampler(trainer.model, schedule, 'ddim seed=1');
  const condition = new Condition(new Int32Array(256));
  const data = new Float32Array(512).fill(0.5);

  const step = trainer.step(data, condition);
  assert.throws(() => trainer.stepSync(data), busy);
  assert.throws(() => trainer.change('rate=1e-3'), busy);
  assert.throws(() => sampler.runSync(1), busy); // of a model in change
  assert.throws(() => model.forward([1, 2], [1]), busy);
  assert.throws(() => condition.setLabels(null), busy);
  await assert.rejects(trainer.step(data), busy);
  await step;
  assert.equal(trainer.steps, 1);

  const run = sampler.run(256, condition);
  assert.throws(() => sampler.setProgress(null), busy);
  assert.throws(() => trainer.stepSync(data), busy); // of a model that is read
  assert.throws(() => condition.setLabels(null), busy);
  assert.equal(new Sampler(trainer.model, schedule, 'ddim seed=1').runSync(1).length, 2); // readers may be many
  await run;
  trainer.stepSync(data);
});

test('data that is given may be changed at once', async () => {
  const data = new Float32Array(4096).map((_, i) => Math.sin(i));
  const model = new Model('mlp shape=2 width=64', 1);
  const [first, second] = [1, 2].map(() => new Evaluator(model, schedule, 'elbo seed=1'));
  first.runSync(data);
  const run = second.run(data);
  data.fill(7);
  await run;
  assert.equal(second.value('k_bits'), first.value('k_bits'));
});

test('what is closed while its call runs goes when that ends', async () => {
  const model = new Model('mlp shape=2 width=64', 1);
  const sampler = new Sampler(model, schedule, 'ddim seed=1');
  const run = sampler.run(500);
  sampler.close();
  model.close();
  assert.throws(() => sampler.runSync(1), { message: 'sampler: it is closed' });
  assert.equal((await run).length, 1000);
});

test('a condition that is closed while a call reads it goes when that ends', async () => {
  const data = new Float32Array(4096).map((_, i) => Math.sin(i));
  const model = new Model('mlp shape=2 width=64 classes=3', 1);
  const evaluator = new Evaluator(model, schedule, 'elbo seed=1');
  const labels = new Int32Array(2048).fill(1);
  evaluator.runSync(data, new Condition(labels));
  const whole = evaluator.value('k_bits');
  const [first, second, third] = [1, 2, 3].map(() => new Condition(labels));
  const run = evaluator.run(data, first);
  first.close();
  const others = Array.from({ length: 50 }, () => new Condition(new Int32Array(2048).fill(77))); // in its memory
  await run;
  assert.equal(evaluator.value('k_bits'), whole);
  evaluator.setProgress(() => second.close());
  evaluator.runSync(data, second);
  assert.equal(evaluator.value('k_bits'), whole);
  evaluator.setProgress(() => third.setLabels(null));
  assert.throws(() => evaluator.runSync(data, third), { status: status.E_STATE });
  assert.equal(others.length, 50);
});

test('the process may end while a call runs', () => {
  for (const [last, code] of [['process.exit(3)', 3], ['process.exitCode = 5; process.exit()', 5], ["throw Error('mine')", 1]]) {
    const program = `
      const { Model, Sampler, Schedule } = require(${JSON.stringify(join(__dirname, '..'))});
      const model = new Model('mlp shape=64 width=256 depth=4', 1);
      const sampler = new Sampler(model, new Schedule('cosine steps=1000'), 'ancestral');
      sampler.setProgress(() => {});
      process.on('exit', () => console.log('before'));
      sampler.run(10000);
      process.on('exit', () => console.log('after'));
      setTimeout(() => { ${last}; }, 50);`;
    const ended = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60000 });
    assert.deepEqual([ended.status, ended.stdout], [code, 'before\nafter\n']);
    assert.equal(ended.stderr.includes('Error: mine'), code === 1, ended.stderr);
  }
});

test('the sentence of a promised call is its own', async () => {
  const trainer = new Trainer(new Model('mlp shape=2', 1), schedule, 'objective=simple seed=1');
  const wrong = trainer.step(new Float32Array(2).fill(NaN));
  assert.throws(() => new Schedule('cosin'));
  await assert.rejects(wrong, { status: status.E_NONFINITE, message: /^trainer/ });
});

test('what is forgotten is freed, its callbacks too, and not before', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const turn = () => new Promise((resolve) => { setTimeout(resolve, 5); });
  const freed = new Set();
  const registry = new FinalizationRegistry((name) => freed.add(name));
  let sampler;
  (() => {
    const network = (x, time, condition, out) => out.set(x);
    registry.register(network, 'network');
    const model = Model.createCallback('shape=2 predict=epsilon variance=fixed_small', network);
    registry.register(model, 'model');
    sampler = new Sampler(model, schedule, 'ddim steps=3 seed=1');
    sampler.setProgress(() => sampler.state); // refers to what it is kept by
  })();
  for (let i = 0; i < 50 && !freed.has('model'); i++) {
    gc();
    await turn();
  }
  assert.deepEqual([...freed], ['model']);
  const run = sampler.run(2);
  registry.register(sampler, 'sampler');
  sampler = { state: null };
  for (let i = 0; i < 3; i++) gc();
  assert.equal((await run).length, 4);
  for (let i = 0; i < 50 && freed.size < 3; i++) {
    gc();
    await turn();
  }
  assert.deepEqual([...freed].sort(), ['model', 'network', 'sampler']);
});
