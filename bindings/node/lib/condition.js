'use strict';

const { call } = require('./errors');
const { Handle, make } = require('./handle');
const { koffi, native } = require('./library');
const { bytes, float32, int32, size } = require('./values');

/** What each of n samples is conditioned on. What is set is copied; null removes it. */
class Condition extends Handle {
  constructor(n) {
    const labels = typeof n === 'number' ? null : int32('labels', n);
    super('condition', make('condition_create', labels ? labels.length : size('n', n)));
    this.count = native.condition_count(this.pointer);
    if (labels) this.setLabels(labels);
  }

  /** Classes, [n], -1 for a sample without one. */
  setLabels(labels) {
    call('condition_set_labels', this.changed(), labels && int32('labels', labels, this.count));
  }

  /** A vector of `width` values for each sample, [n, width]. */
  setVectors(vectors, width = 0) {
    const length = this.count * size('width', width);
    call('condition_set_vectors', this.changed(), vectors && float32('vectors', vectors, length), width);
  }

  /** Which values of each sample are observed, [n, dim]; booleans, or bytes other than 0. */
  setObserved(observed, dim = 0) {
    const length = this.count * size('dim', dim);
    call('condition_set_observed', this.changed(), observed && bytes('observed', observed, length), dim);
  }

  /** [n], or null where none are set. */
  get labels() {
    const address = native.condition_labels(this.read());
    return address === null ? null : koffi.decode(address, 'int32_t', this.count);
  }
}

module.exports = { Condition };
