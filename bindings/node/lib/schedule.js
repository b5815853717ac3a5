'use strict';

const { call } = require('./errors');
const { Handle, make } = require('./handle');
const { native } = require('./library');
const { float64, number, text } = require('./values');

/** The forward process q. Immutable. */
class Schedule extends Handle {
  constructor(spec, pointer = make('schedule_create', text('spec', spec))) {
    super('schedule', pointer);
    this.steps = native.schedule_steps(pointer);
    this.spec = native.schedule_spec(pointer);
  }

  static fromBetas(betas, spec = '') {
    const values = float64('betas', betas);
    return new Schedule(null, make('schedule_create_from_betas', values, values.length, text('spec', spec)));
  }

  /** One quantity ("beta", "alpha_bar", "log_snr", …) of all steps, that of step t at t - 1. */
  values(quantity) {
    const out = new Float64Array(this.steps);
    call('schedule_values', this.read(), text('quantity', quantity), out);
    return out;
  }

  /** The noise level at a time 0..T: { signal, sigma, logSnr }. */
  level(t) {
    const [signal, sigma, logSnr] = [[0], [0], [0]];
    call('schedule_level', this.read(), number('t', t), signal, sigma, logSnr);
    return { signal: signal[0], sigma: sigma[0], logSnr: logSnr[0] };
  }

  /** The time at which the log SNR has come down to a value. */
  time(logSnr) {
    const t = [0];
    call('schedule_time', this.read(), number('logSnr', logSnr), t);
    return t[0];
  }
}

module.exports = { Schedule };
