// Failures: the library's as DiffusionError, and what callbacks throw as it was thrown.
'use strict';

const { native } = require('./library');
const { status } = require('./raw');

/** A failure of the library: its sentence as message, its number as status, that number's name as code. */
class DiffusionError extends Error {
  constructor(number, sentence) {
    super(sentence);
    this.status = number;
    this.code = native.status_name(number);
  }
}
Object.defineProperty(DiffusionError.prototype, 'name', { value: 'DiffusionError' });

// What callbacks threw, by the value that stopped the library's call, which comes back from it unchanged.
const thrown = new Map();
let last = 0;

/** Keeps what a callback threw; gives the value by which it stops the call. */
function keep(error) {
  do last = last % 0x7fffffff + 1; while (thrown.has(last));
  thrown.set(last, error);
  return last;
}

/** What the call that came back with this number failed by. */
function failure(number, sentence) {
  if (!thrown.has(number)) return new DiffusionError(number, sentence);
  const error = thrown.get(number);
  thrown.delete(number);
  return error;
}

/** An argument for C, to which an empty array has an address like any other: koffi would make it NULL. */
const lent = (value) => (ArrayBuffer.isView(value) && value.byteLength === 0 ? new value.constructor(1) : value);

/** Calls a function that returns a status, and throws where that says so. */
function call(name, ...values) {
  const number = native[name](...values.map(lent));
  if (number !== 0) throw failure(number, native.last_error());
}

module.exports = { DiffusionError, status, call, failure, keep, lent };
