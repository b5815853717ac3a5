/** libdiffusion: trains, samples and measures diffusion probabilistic models on an ordinary CPU. See README.md. */
'use strict';

const { Coder } = require('./lib/coder');
const { Condition } = require('./lib/condition');
const { DiffusionError, status } = require('./lib/errors');
const { Evaluator } = require('./lib/evaluator');
const { Model, convertPrediction } = require('./lib/model');
const {
  bernoulliKl, discretizedLogLikelihood, entropy, entropyBounds, forwardSample, forwardStep, forwardTrajectory,
  gaussianKl, marginal, posterior,
} = require('./lib/process');
const {
  blasCore, blasThreading, help, setLog, setParameterLimit, setThreads, statusName, threads, version,
} = require('./lib/runtime');
const { Sampler } = require('./lib/sampler');
const { Schedule } = require('./lib/schedule');
const { Trainer } = require('./lib/trainer');

module.exports = {
  Coder,
  Condition,
  DiffusionError,
  Evaluator,
  Model,
  Sampler,
  Schedule,
  Trainer,
  bernoulliKl,
  blasCore,
  blasThreading,
  convertPrediction,
  discretizedLogLikelihood,
  entropy,
  entropyBounds,
  forwardSample,
  forwardStep,
  forwardTrajectory,
  gaussianKl,
  help,
  marginal,
  posterior,
  setLog,
  setParameterLimit,
  setThreads,
  status,
  statusName,
  threads,
  version,
};
