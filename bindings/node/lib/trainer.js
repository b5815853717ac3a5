'use strict';

const { Condition } = require('./condition');
const { call } = require('./errors');
const { Handle, make, pointerOf } = require('./handle');
const { native } = require('./library');
const { Model } = require('./model');
const { Schedule } = require('./schedule');
const { float32, integer, number, rows, seed, size, text } = require('./values');

/** Fits a model to data, in place. The long calls have two forms: step() promises, stepSync() blocks. */
class Trainer extends Handle {
  #model;
  #parameters = 0;

  constructor(model, schedule, spec, pointer = null) {
    const made = pointer ?? make('trainer_create', pointerOf('model', model, Model) && model.changed(),
      pointerOf('schedule', schedule, Schedule), text('spec', spec));
    super('trainer', made, { use: model?.use }); // it changes the model
    this.#model = new Model(null, null, { pointer: native.trainer_model(made), owner: this, use: this.use });
  }

  /** Goes on from a checkpoint to the same bits. */
  static resume(path) {
    return new Trainer(null, null, null, make('trainer_resume', text('path', path)));
  }

  /** The model of an average of any width, of some snapshots of one run: { model, error }. */
  static average(snapshots, width) {
    const paths = Array.from(snapshots, (path) => text('snapshot', path));
    const error = [0];
    const pointer = make('trainer_average', paths, paths.length, number('width', width), error);
    return { model: new Model(null, null, { pointer }), error: error[0] };
  }

  /** The model with averaged weights, which changes with every step. */
  get model() {
    return this.#model;
  }

  /** The schedule as it stands, of its own. */
  get schedule() {
    return new Schedule(native.schedule_spec(native.trainer_schedule(this.read())));
  }

  /** Which of `count` samples the next step should train on, n of them. */
  draw(count, n) {
    const indices = new BigInt64Array(size('n', n));
    call('trainer_draw', this.read(), integer('count', count, 0, Number.MAX_SAFE_INTEGER), n, indices);
    return Array.from(indices, Number);
  }

  /** Takes a step on x0, [n, dim]; gives the batch's loss before it. */
  async step(x0, condition = null) {
    const job = this.#job('trainer_step', x0, condition, true);
    await this.later(job);
    return job.loss[0];
  }

  stepSync(x0, condition = null) {
    const job = this.#job('trainer_step', x0, condition, false);
    this.now(job);
    return job.loss[0];
  }

  /** The loss and gradient of the next step, which is not taken: { loss, gradient }. */
  async gradient(x0, condition = null) {
    const job = this.#gradientJob(x0, condition, true);
    await this.later(job);
    return { loss: job.loss[0], gradient: job.gradient };
  }

  gradientSync(x0, condition = null) {
    const job = this.#gradientJob(x0, condition, false);
    this.now(job);
    return { loss: job.loss[0], gradient: job.gradient };
  }

  /** The loss of samples that are not trained on; `first` is the index of the first. */
  async loss(x0, first, condition = null) {
    const job = this.#job('trainer_loss', x0, condition, true, seed('first', first));
    await this.later(job);
    return job.loss[0];
  }

  lossSync(x0, first, condition = null) {
    const job = this.#job('trainer_loss', x0, condition, false, seed('first', first));
    this.now(job);
    return job.loss[0];
  }

  #job(name, x0, condition, copied, ...more) {
    const values = float32('x0', x0);
    const n = rows('x0', values, this.#model.dim);
    const loss = new Float64Array(1);
    const given = pointerOf('condition', condition, Condition, true);
    const reads = condition ? [condition] : [];
    return { name, values: [copied ? values.slice() : values, given, n, ...more, loss], reads, loss };
  }

  #gradientJob(x0, condition, copied) {
    const job = this.#job('trainer_gradient', x0, condition, copied);
    const length = (name) => this.#model.parameterShape(name).reduce((product, side) => product * side, 1);
    this.#parameters ||= this.#model.parameterNames.reduce((sum, name) => sum + length(name), 0);
    job.gradient = new Float32Array(this.#parameters);
    job.values.push(job.gradient, job.gradient.length);
    return job;
  }

  /** Changes rate, decay, steps and batch in mid-run. */
  change(spec) {
    call('trainer_change', this.changed(), text('spec', spec));
  }

  get steps() {
    return Number(native.trainer_steps(this.read()));
  }

  get rate() {
    return native.trainer_rate(this.read());
  }

  get spec() {
    return native.trainer_spec(this.read());
  }

  /** A text stored with checkpoints, or null. */
  metadata(key) {
    return native.trainer_metadata(this.read(), text('key', key));
  }

  setMetadata(key, value) {
    call('trainer_set_metadata', this.changed(), text('key', key), value === null ? null : text('value', value));
  }

  /** Writes a checkpoint. */
  save(path) {
    call('trainer_save', this.read(), text('path', path));
  }

  /** Writes a snapshot for average(). */
  saveSnapshot(path) {
    call('trainer_save_snapshot', this.read(), text('path', path));
  }
}

module.exports = { Trainer };
