'use strict';

const { address, slot } = require('./callbacks');
const { Condition } = require('./condition');
const { call } = require('./errors');
const { Handle, make, pointerOf } = require('./handle');
const { native } = require('./library');
const { Model } = require('./model');
const { Schedule } = require('./schedule');
const { float32, rows, text } = require('./values');

/** Codes discrete data without loss. encode() and decode() promise, encodeSync() and decodeSync() block. */
class Coder extends Handle {
  #model;

  constructor(model, schedule, spec, create = 'coder_create') {
    super('coder', make(create, pointerOf('model', model, Model), pointerOf('schedule', schedule, Schedule),
      text(create === 'coder_load' ? 'path' : 'spec', spec)));
    this.#model = { use: model.use, slot: model.slot, dim: model.dim };
  }

  /** Of a file that save() wrote, by the same model and schedule. */
  static load(model, schedule, path) {
    return new Coder(model, schedule, path, 'coder_load');
  }

  /** (done, total) => void; null for none. */
  setProgress(progress) {
    this.setCallback('progress', slot('progress', progress), address('progress_fn'));
  }

  /** Codes x0, [n, dim], in place of what was coded before. */
  async encode(x0, condition = null) {
    await this.later(this.#encoding(x0, condition, true));
  }

  encodeSync(x0, condition = null) {
    this.now(this.#encoding(x0, condition, false));
  }

  #encoding(x0, condition, copied) {
    const values = float32('x0', x0);
    const n = rows('x0', values, this.#model.dim);
    const given = pointerOf('condition', condition, Condition, true);
    const reads = condition ? [this.#model, condition] : [this.#model];
    return { name: 'coder_encode', values: [copied ? values.slice() : values, given, n], reads };
  }

  /** All that has been coded: { x0, labels }, -1 for no label. */
  async decode() {
    const job = this.#decoding();
    await this.later(job);
    return job.decoded;
  }

  decodeSync() {
    const job = this.#decoding();
    this.now(job);
    return job.decoded;
  }

  #decoding() {
    const n = this.value('samples');
    const decoded = { x0: new Float32Array(n * this.#model.dim), labels: new Int32Array(n) };
    return { name: 'coder_decode', values: [decoded.x0, decoded.labels, n], reads: [this.#model], decoded };
  }

  /** "bytes", "bits_per_dimension" and the like. */
  value(quantity) {
    const out = [0];
    call('coder_value', this.read(), text('quantity', quantity), out);
    return out[0];
  }

  save(path) {
    call('coder_save', this.changed(), text('path', path));
  }

  get spec() {
    return native.coder_spec(this.read());
  }
}

module.exports = { Coder };
