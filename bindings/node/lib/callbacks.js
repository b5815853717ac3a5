// Functions of JavaScript as callbacks of C. C keeps a number, by which the function is found as long as the object
// that it was given to keeps its slot: nothing here keeps either alive.
'use strict';

const { keep } = require('./errors');
const { koffi, native } = require('./library');
const raw = require('./raw');

const slots = new Map();
const forgotten = new FinalizationRegistry((number) => slots.delete(number));
let count = 0n;

/** A function and what its arguments are read by (dim, outputs); `inside` tells that it is running. */
class Slot {
  constructor(run, sizes) {
    Object.assign(this, { number: ++count, inside: 0, run, ...sizes });
    slots.set(this.number, new WeakRef(this));
    forgotten.register(this, this.number);
  }
}

function invoke(number, use) {
  const slot = slots.get(number)?.deref();
  try {
    slot.inside++;
    const returned = use(slot);
    if (typeof returned?.then === 'function') {
      Promise.resolve(returned).catch(() => {});
      throw new TypeError('a callback returned a promise, expected to be done when it returns');
    }
    return 0;
  } catch (error) {
    return keep(error);
  } finally {
    if (slot) slot.inside--;
  }
}

// Copies: what C lends for the call alone must not be found later.
const read = (address, type, length) => (address === null ? null : koffi.decode(address, type, length));
const fill = (address, values) => new values.constructor(koffi.view(address, values.byteLength)).set(values);

/** The conditions of a network's call, as plain values. */
function conditions(address, n, dim) {
  if (address === null) return null;
  const width = [0];
  const vectors = native.condition_vectors(address, width);
  return {
    count: n,
    labels: read(native.condition_labels(address), 'int32_t', n),
    vectors: read(vectors, 'float', n * width[0]),
    width: width[0],
    observed: read(native.condition_observed(address), 'uint8_t', n * dim),
  };
}

function network(type, Output) {
  return (x, time, condition, n, out, number) => invoke(number, (slot) => {
    const values = new Output(n * slot.outputs).fill(NaN); // what is left out is refused
    const returned = slot.run(read(x, type, n * slot.dim), read(time, 'double', n),
      conditions(condition, n, slot.dim), values);
    fill(out, values);
    return returned;
  });
}

const functions = {
  predict_fn: network('float', Float32Array),
  predict_double_fn: network('double', Float64Array),
  progress_fn: (done, total, number) => invoke(number, (slot) => slot.run(Number(done), Number(total))),
  noise_fn: (values, length, sample, step, number) => invoke(number, (slot) => {
    const drawn = new Float64Array(length).fill(NaN);
    const returned = slot.run(drawn, Number(sample), step);
    fill(values, drawn);
    return returned;
  }),
  guidance_fn: (x, t, n, gradient, number) => invoke(number, (slot) => {
    const values = new Float64Array(n * slot.dim).fill(NaN);
    const returned = slot.run(read(x, 'double', n * slot.dim), t, values);
    fill(gradient, values);
    return returned;
  }),
};

// One address a type, for as long as the process lives.
const addresses = {};
function address(type, run = functions[type]) {
  addresses[type] ??= koffi.register(run, koffi.pointer(koffi.proto(`diffusion_${type}`, ...raw.callbacks[type])));
  return addresses[type];
}

/** Checks a callback that is given, null for none, and makes its slot. */
function slot(name, run, sizes) {
  if (run === null) return null;
  if (typeof run !== 'function') throw new TypeError(`${name} is ${typeof run}, expected a function or null`);
  return new Slot(run, sizes);
}

module.exports = { address, slot };
