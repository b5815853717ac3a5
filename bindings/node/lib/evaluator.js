'use strict';

const { address, slot } = require('./callbacks');
const { Condition } = require('./condition');
const { call } = require('./errors');
const { Handle, make, pointerOf } = require('./handle');
const { native } = require('./library');
const { Model } = require('./model');
const { Schedule } = require('./schedule');
const { float32, rows, size, text } = require('./values');

/** Measures models on data, and samples against data. run() promises, runSync() blocks. */
class Evaluator extends Handle {
  #model;
  #steps;
  #dim;
  #n = 0;

  /** Model and schedule are null for the kinds that measure samples, whoever drew them. */
  constructor(model, schedule, spec) {
    super('evaluator', make('evaluator_create', pointerOf('model', model, Model, true),
      pointerOf('schedule', schedule, Schedule, true), text('spec', spec)));
    this.#model = model && { use: model.use, slot: model.slot };
    this.#dim = model ? model.dim : 0;
    this.#steps = schedule ? schedule.steps : 0;
  }

  /** (values, sample, step) => void, which fills values; null for the seeded generator. */
  setNoise(noise) {
    this.setCallback('noise', slot('noise', noise), address('noise_fn'));
  }

  /** (done, total) => void; null for none. */
  setProgress(progress) {
    this.setCallback('progress', slot('progress', progress), address('progress_fn'));
  }

  /** What a run is measured against, [m, dim]; copied. */
  setReference(samples, dim) {
    const values = float32('samples', samples);
    size('dim', dim);
    const m = dim > 0 ? rows('samples', values, dim) : 0;
    call('evaluator_set_reference', this.changed(), values, m, dim);
    this.#dim = dim;
  }

  /** Measures x0, [n, dim]. */
  async run(x0, condition = null) {
    const job = this.#job(x0, condition, true);
    await this.later(job);
    this.#n = job.n;
  }

  runSync(x0, condition = null) {
    const job = this.#job(x0, condition, false);
    this.now(job);
    this.#n = job.n;
  }

  #job(x0, condition, copied) {
    const values = float32('x0', x0);
    const n = rows('x0', values, this.#dim || values.length || 1); // without a reference the library says so
    const reads = [this.#model, condition].filter((object) => object);
    const given = pointerOf('condition', condition, Condition, true);
    return { name: 'evaluator_run', values: [copied ? values.slice() : values, given, n], reads, n };
  }

  /** One figure of the last run, such as "k_bits". */
  value(quantity) {
    const out = [0];
    call('evaluator_value', this.read(), text('quantity', quantity), out);
    return out[0];
  }

  /** The term of every step: { bits, standardError }, [T]. */
  get terms() {
    return this.#figures('evaluator_terms', this.#steps);
  }

  /** The figure of every sample of the last run: { bits, standardError }, [n]. */
  get samples() {
    return this.#figures('evaluator_samples', this.#n, this.#n);
  }

  #figures(name, length, ...count) {
    const [bits, standardError] = [new Float64Array(length), new Float64Array(length)];
    call(name, this.read(), bits, standardError, ...count);
    return { bits, standardError };
  }

  /** The nearest row of the reference of every sample of the last run (nearest). */
  get neighbours() {
    const found = new BigInt64Array(this.#n);
    call('evaluator_neighbours', this.read(), found, this.#n);
    return Array.from(found, Number);
  }

  /** What Model.setMoments() stores (moments). */
  get moments() {
    const [noise, error] = [new Float64Array(this.#steps), new Float64Array(this.#steps)];
    call('evaluator_moments', this.read(), noise, error);
    return { noise, error, dataVariance: this.value('data_variance') };
  }

  get spec() {
    return native.evaluator_spec(this.read());
  }
}

module.exports = { Evaluator };
