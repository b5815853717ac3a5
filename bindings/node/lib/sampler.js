'use strict';

const { address, slot } = require('./callbacks');
const { Condition } = require('./condition');
const { call } = require('./errors');
const { Handle, make, pointerOf } = require('./handle');
const { native } = require('./library');
const { Model } = require('./model');
const { Schedule } = require('./schedule');
const { bytes, float32, float64, number, rows, size, text } = require('./values');

/** Draws from the reverse process. The long calls have two forms: run() promises, runSync() blocks. */
class Sampler extends Handle {
  #model;
  #n = 0;

  constructor(model, schedule, spec) {
    super('sampler', make('sampler_create', pointerOf('model', model, Model), pointerOf('schedule', schedule, Schedule),
      text('spec', spec)));
    this.#model = { use: model.use, slot: model.slot, dim: model.dim };
  }

  /** (values [dim], sample, step) => void, which fills values; null for the seeded generator. */
  setNoise(noise) {
    this.setCallback('noise', slot('noise', noise), address('noise_fn'));
  }

  /** (done, total) => void, of samples times steps; null for none. */
  setProgress(progress) {
    this.setCallback('progress', slot('progress', progress), address('progress_fn'));
  }

  /** (x [n, dim], t, gradient [n, dim]) => void, which fills the gradient of log r(x); null for none. */
  setGuidance(guidance) {
    this.setCallback('guidance', slot('guidance', guidance, { dim: this.#model.dim }), address('guidance_fn'));
  }

  /** The chain's first state, [n, dim], a Float64Array in its own precision; null forgets it. */
  setStart(x) {
    const precise = x instanceof Float64Array;
    const values = x === null || precise ? x : float32('x', x);
    call(precise ? 'sampler_set_start_double' : 'sampler_set_start', this.changed(), values, this.#rows('x', values));
  }

  /** Inpainting: values, [n, dim], and which of them are known; null forgets them. */
  setKnown(x0, mask) {
    const values = x0 === null ? null : float32('x0', x0);
    const known = values && bytes('mask', mask, values.length);
    call('sampler_set_known', this.changed(), values, known, this.#rows('x0', values));
  }

  /** Denoising: an observation, [n, dim], with noise of this variance (bits: probability); null forgets it. */
  setObserved(y, noise = 1) {
    const values = y === null ? null : float32('y', y);
    call('sampler_set_observed', this.changed(), values, number('noise', noise), this.#rows('y', values));
  }

  #rows(name, values) {
    return values === null ? 0 : rows(name, values, this.#model.dim);
  }

  /** n samples, [n, dim]. */
  async run(n, condition = null) {
    const x0 = this.#room(n);
    await this.later(this.#job('sampler_run', n, condition, [x0]));
    return x0;
  }

  runSync(n, condition = null) {
    const x0 = this.#room(n);
    this.#beginNow('sampler_run', n, condition, [x0]);
    return x0;
  }

  #room(n) {
    return new Float32Array(Number(size('n', n)) * this.#model.dim);
  }

  /** Begins n samples step by step; step() until `state.t` is 0. */
  async begin(n, condition = null) {
    await this.later(this.#job('sampler_begin', n, condition, []));
  }

  beginSync(n, condition = null) {
    this.#beginNow('sampler_begin', n, condition, []);
  }

  /** In a callback of its own it is refused, and the chain that is running is the one before. */
  #beginNow(name, n, condition, more) {
    const before = this.#n;
    try {
      this.now(this.#job(name, n, condition, more));
    } catch (error) {
      this.#n = before;
      throw error;
    }
  }

  async step() {
    await this.later({ name: 'sampler_step', values: [], reads: [this.#model] });
  }

  stepSync() {
    this.now({ name: 'sampler_step', values: [], reads: [this.#model] });
  }

  #job(name, n, condition, more) {
    const given = pointerOf('condition', condition, Condition, true);
    this.changed();
    this.#n = Number(size('n', n));
    return { name, values: [given, n, ...more], reads: condition ? [this.#model, condition] : [this.#model] };
  }

  /** Where the chain stands: { x, t }, x_t and the time. */
  get state() {
    const t = [0];
    const x = new Float32Array(this.evaluations.length * this.#model.dim);
    call('sampler_state', this.pointer, x, t);
    return { x, t: t[0] };
  }

  /** How often the model has been asked about each sample. */
  get evaluations() {
    const evaluations = new BigInt64Array(this.#n);
    call('sampler_evaluations', this.read(), evaluations, this.#n); // refuses another n than the chain's
    return Array.from(evaluations, Number);
  }

  get spec() {
    return native.sampler_spec(this.read());
  }
}

module.exports = { Sampler };
