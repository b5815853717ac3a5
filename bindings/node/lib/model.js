'use strict';

const { address, slot } = require('./callbacks');
const { Condition } = require('./condition');
const { call } = require('./errors');
const { Handle, make, pointerOf } = require('./handle');
const { native } = require('./library');
const { Schedule } = require('./schedule');
const { float32, float64, int32, number, rows, seed, sized, text } = require('./values');

/** Sizes that a function of C tells: first their number, then themselves. */
function sizes(name, ...values) {
  const rank = [0];
  call(name, ...values, null, 0, rank);
  const shape = new BigInt64Array(rank[0]);
  call(name, ...values, shape, shape.length, rank);
  return Array.from(shape, Number);
}

/** The reverse process p: a network and how its output is read. */
class Model extends Handle {
  constructor(spec, seedOf, { pointer, slot: network = null, owner, use } = {}) {
    super('model', pointer ?? make('model_create', text('spec', spec), seed('seed', seedOf)), { owner, use });
    /** The network behind a callback: whatever uses the model keeps it. */
    Object.defineProperty(this, 'slot', { value: network });
    this.dim = native.model_dim(this.pointer);
    this.outputs = native.model_outputs(this.pointer);
    this.classes = native.model_classes(this.pointer);
    this.spec = native.model_spec(this.pointer);
    this.shape = sizes('model_shape', this.pointer);
  }

  /**
   * A model of a network of the program's: (x [n, dim], time [n], condition or null, out [n, outputs]) => void. It
   * fills `out`; arrays are Float32Array, but time Float64Array.
   */
  static createCallback(spec, network) {
    return Model.#ofNetwork('model_create_callback', 'predict_fn', spec, network);
  }

  /** The same in double. */
  static createCallbackDouble(spec, network) {
    return Model.#ofNetwork('model_create_callback_double', 'predict_double_fn', spec, network);
  }

  static #ofNetwork(create, type, spec, network) {
    if (typeof network !== 'function') throw new TypeError(`network is ${typeof network}, expected a function`);
    const made = slot('network', network);
    const pointer = make(create, text('spec', spec), address(type), made.number);
    const model = new Model(null, null, { pointer, slot: made });
    Object.assign(made, { dim: model.dim, outputs: model.outputs });
    return model;
  }

  /** Of a file, or of a folder of diffusers. */
  static load(path) {
    return new Model(null, null, { pointer: make('model_load', text('path', path)) });
  }

  static loadMemory(bytes) {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes are no Uint8Array');
    return new Model(null, null, { pointer: make('model_load_memory', bytes, bytes.length) });
  }

  save(path) {
    call('model_save', this.read(), text('path', path));
  }

  saveDiffusers(schedule, path) {
    call('model_save_diffusers', this.read(), pointerOf('schedule', schedule, Schedule), text('path', path));
  }

  /** The bytes of the file that save() writes. */
  saveMemory() {
    const needed = [0];
    call('model_save_memory', this.read(), null, 0, needed);
    const bytes = new Uint8Array(Number(needed[0]));
    call('model_save_memory', this.pointer, bytes, bytes.length, null);
    return bytes;
  }

  /** The raw output of the network, [n, outputs], of x, [n, dim], at times, [n]. */
  forward(x, time, condition = null) {
    const times = float64('time', time);
    const out = new Float32Array(times.length * this.outputs);
    call('model_forward', this.read(), float32('x', x, times.length * this.dim), times,
      pointerOf('condition', condition, Condition, true), times.length, out);
    return out;
  }

  /** Mean and variance of p(x_{t-1} | x_t), [n, dim] each, of x at steps t, [n]. */
  predict(schedule, x, t, condition = null) {
    const steps = int32('t', t);
    const values = float32('x', x, steps.length * this.dim);
    const [mean, variance] = [new Float32Array(values.length), new Float32Array(values.length)];
    call('model_predict', this.read(), pointerOf('schedule', schedule, Schedule), values, steps,
      pointerOf('condition', condition, Condition, true), steps.length, mean, variance);
    return { mean, variance };
  }

  /** The names of the parameter tensors. */
  get parameterNames() {
    const length = native.model_parameter_count(this.read());
    return Array.from({ length }, (_, i) => native.model_parameter_name(this.pointer, i));
  }

  parameterShape(name) {
    return sizes('model_parameter_shape', this.read(), text('name', name));
  }

  /** A parameter tensor's values, row-major. */
  parameter(name) {
    const values = new Float32Array(this.parameterShape(name).reduce((product, side) => product * side, 1));
    call('model_parameter', this.pointer, name, values, values.length);
    return values;
  }

  setParameter(name, values) {
    const from = float32('values', values);
    call('model_set_parameter', this.changed(), text('name', name), from, from.length);
  }

  /** A text stored with the model, or null. */
  metadata(key) {
    return native.model_metadata(this.read(), text('key', key));
  }

  /** Null removes it. */
  setMetadata(key, value) {
    call('model_set_metadata', this.changed(), text('key', key), value === null ? null : text('value', value));
  }

  /** { noise, error, dataVariance }, or null where there are none. */
  get moments() {
    const steps = [0];
    call('model_moments', this.read(), null, null, null, 0, steps);
    if (steps[0] === 0) return null;
    const [noise, error, variance] = [new Float64Array(steps[0]), new Float64Array(steps[0]), [0]];
    call('model_moments', this.pointer, noise, error, variance, steps[0], steps);
    return { noise, error, dataVariance: variance[0] };
  }

  /** Those that Evaluator.moments gives; null forgets them. Without `error` the model is taken to know the mean. */
  setMoments(schedule, moments) {
    const to = pointerOf('schedule', schedule, Schedule);
    const { noise = null, error = null, dataVariance = 0 } = moments ?? {};
    if (moments && noise === null) throw new TypeError('moments have no noise');
    call('model_set_moments', this.changed(), to, noise && float64('noise', noise, schedule.steps),
      error && float64('error', error, schedule.steps), number('dataVariance', dataVariance));
  }

  /** From the data's units, [n, dim], to the model's numbers. */
  fromData(values) {
    const from = float64('values', values);
    const x = new Float32Array(from.length);
    call('model_from_data', this.read(), from, rows('values', from, this.dim), x);
    return x;
  }

  /** And back. */
  toData(x) {
    const from = float32('x', x);
    const values = new Float64Array(from.length);
    call('model_to_data', this.read(), from, rows('x', from, this.dim), values);
    return values;
  }

  /** "shift", "scale", "dequantize", "minimum" or "maximum" of every value of a sample, [dim]. */
  scaling(quantity) {
    const values = new Float64Array(this.dim);
    call('model_scaling', this.read(), text('quantity', quantity), values);
    return values;
  }
}

/** What `output` says of x_t, rewritten as another prediction; all [count]. */
function convertPrediction(schedule, t, from, to, x, output) {
  const values = float64('x', x);
  const out = new Float64Array(values.length);
  call('prediction_convert', pointerOf('schedule', schedule, Schedule), number('t', t), text('from', from),
    text('to', to), values, sized('output', float64('output', output), values.length), values.length, out);
  return out;
}

module.exports = { Model, convertPrediction };
