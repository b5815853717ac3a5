// The closed forms of the paper on arrays.
'use strict';

const { DiffusionError, call, status } = require('./errors');
const { pointerOf } = require('./handle');
const { Schedule } = require('./schedule');
const { float32, float64, int32, integer, rows, text } = require('./values');

const of = (schedule) => pointerOf('schedule', schedule, Schedule);

/** x_t, [n, dim], of x_0 and noise at steps t, [n]. */
function forwardSample(schedule, t, x0, noise) {
  const steps = int32('t', t);
  const data = float32('x0', x0);
  if (steps.length === 0 || data.length % steps.length !== 0) {
    throw new DiffusionError(status.E_SHAPE, `x0 holds ${data.length} values, expected ${steps.length} rows, as t has`);
  }
  const xt = new Float32Array(data.length);
  call('forward_sample', of(schedule), steps, data, float32('noise', noise, data.length), steps.length,
    data.length / steps.length, xt);
  return xt;
}

/** x_t of x_{t-1} and noise, rows of dim values. */
function forwardStep(schedule, t, previous, noise, dim) {
  const from = float32('previous', previous);
  const xt = new Float32Array(from.length);
  call('forward_step', of(schedule), integer('t', t), from, float32('noise', noise, from.length),
    rows('previous', from, integer('dim', dim, 1)), dim, xt);
  return xt;
}

/** x_1..x_T, [T, n, dim], of x_0, rows of dim values, and noise, [T, n, dim]. */
function forwardTrajectory(schedule, x0, noise, dim) {
  const data = float32('x0', x0);
  const x = new Float32Array(of(schedule) && schedule.steps * data.length);
  call('forward_trajectory', of(schedule), data, float32('noise', noise, x.length),
    rows('x0', data, integer('dim', dim, 1)), dim, x);
  return x;
}

/** Mean and variance of q(x_t | x_0). */
function marginal(schedule, t, x0) {
  const data = float64('x0', x0);
  const [mean, variance] = [new Float64Array(data.length), new Float64Array(data.length)];
  call('marginal', of(schedule), integer('t', t), data, data.length, mean, variance);
  return { mean, variance };
}

/** Mean and variance of q(x_{t-1} | x_t, x_0). */
function posterior(schedule, t, x0, xt) {
  const data = float64('x0', x0);
  const [mean, variance] = [new Float64Array(data.length), new Float64Array(data.length)];
  call('posterior', of(schedule), integer('t', t), data, float64('xt', xt, data.length), data.length, mean, variance);
  return { mean, variance };
}

/** Nats. */
function gaussianKl(mean1, variance1, mean2, variance2) {
  const first = float64('mean1', mean1);
  const nats = [0];
  call('gaussian_kl', first, float64('variance1', variance1, first.length), float64('mean2', mean2, first.length),
    float64('variance2', variance2, first.length), first.length, nats);
  return nats[0];
}

/** Nats. */
function bernoulliKl(rate1, rate2) {
  const first = float64('rate1', rate1);
  const nats = [0];
  call('bernoulli_kl', first, float64('rate2', rate2, first.length), first.length, nats);
  return nats[0];
}

/** Nats of every value; cdf is "normal" or "tanh". */
function discretizedLogLikelihood(cdf, x, mean, variance, levels) {
  const values = float64('x', x);
  const nats = new Float64Array(values.length);
  call('discretized_log_likelihood', text('cdf', cdf), values, float64('mean', mean, values.length),
    float64('variance', variance, values.length), values.length, integer('levels', levels), nats);
  return nats;
}

/** Nats, of "step", "marginal" or "posterior"; the last alone reads `second`. */
function entropy(schedule, which, t, first, second = null) {
  const values = float64('first', first);
  const others = second === null && which !== 'posterior' ? null : float64('second', second, values.length);
  const nats = [0];
  call('entropy', of(schedule), text('which', which), integer('t', t), values, others, values.length, nats);
  return nats[0];
}

/** Bounds of H(X_{t-1} | X_t), nats per dimension: { lower, upper }. */
function entropyBounds(schedule, t) {
  const [lower, upper] = [[0], [0]];
  call('entropy_bounds', of(schedule), integer('t', t), lower, upper);
  return { lower: lower[0], upper: upper[0] };
}

module.exports = {
  bernoulliKl, discretizedLogLikelihood, entropy, entropyBounds, forwardSample, forwardStep, forwardTrajectory,
  gaussianKl, marginal, posterior,
};
