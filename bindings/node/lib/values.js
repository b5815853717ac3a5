// What is handed to C: numbers within their ranges, texts without NUL, typed arrays of the length that C will read.
'use strict';

const { DiffusionError, status } = require('./errors');

function refuse(text) {
  return new TypeError(text);
}

function shown(value) {
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? `'${value}'` : String(value);
  return value.constructor ? value.constructor.name : 'an object';
}

/** A whole number, of int32 unless a range is given; bigint where the range goes beyond 2^53. */
function integer(name, value, minimum = -0x80000000, maximum = 0x7fffffff) {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!whole) throw refuse(`${name} is ${shown(value)}, expected a whole number`);
  if (value < minimum || value > maximum) {
    throw new DiffusionError(status.E_ARGUMENT, `${name} is ${value}, expected ${minimum}..${maximum}`);
  }
  return value;
}

const size = (name, value) => integer(name, value, 0, Number.MAX_SAFE_INTEGER);
const seed = (name, value) => integer(name, value, 0, 0xffffffffffffffffn);

function number(name, value) {
  if (typeof value !== 'number') throw refuse(`${name} is ${shown(value)}, expected a number`);
  return value;
}

function text(name, value) {
  if (typeof value !== 'string') throw refuse(`${name} is ${shown(value)}, expected a string`);
  if (value.includes('\0')) {
    throw new DiffusionError(status.E_ARGUMENT, `${name} holds a NUL character at ${value.indexOf('\0')}`);
  }
  return value;
}

const isFloat = (value) => typeof value === 'number';
const isInt32 = (value) => Number.isInteger(value) && value >= -0x80000000 && value <= 0x7fffffff;
const isByte = (value) => typeof value === 'boolean' || (Number.isInteger(value) && value >= 0 && value <= 255);

/** The array itself where it is of the type that C reads, else a copy of it in that type; refused if neither goes. */
function converted(name, value, Type, accepted, isElement) {
  if (value instanceof Type) return value;
  const list = Array.isArray(value) || accepted.some((Other) => value instanceof Other);
  if (!list) throw refuse(`${name} is ${shown(value)}, expected ${Type.name} or an array of numbers`);
  if (Array.isArray(value)) {
    const wrong = value.findIndex((element) => !isElement(element));
    if (wrong !== -1) throw refuse(`${name}[${wrong}] is ${shown(value[wrong])}, which ${Type.name} does not hold`);
  }
  return Type.from(value);
}

function sized(name, array, length) {
  if (length !== undefined && array.length !== length) {
    throw new DiffusionError(status.E_SHAPE, `${name} holds ${array.length} values, expected ${length}`);
  }
  return array;
}

const float32 = (name, value, length) =>
  sized(name, converted(name, value, Float32Array, [Float64Array], isFloat), length);
const float64 = (name, value, length) =>
  sized(name, converted(name, value, Float64Array, [Float32Array], isFloat), length);
const int32 = (name, value, length) => sized(name, converted(name, value, Int32Array, [], isInt32), length);
const bytes = (name, value, length) =>
  sized(name, converted(name, value, Uint8Array, [Uint8ClampedArray], isByte), length);

/** How many rows of `dim` values an array is. */
function rows(name, array, dim) {
  if (array.length % dim !== 0) {
    throw new DiffusionError(status.E_SHAPE, `${name} holds ${array.length} values, expected rows of ${dim}`);
  }
  return array.length / dim;
}

module.exports = { bytes, float32, float64, int32, integer, number, rows, seed, size, sized, text };
