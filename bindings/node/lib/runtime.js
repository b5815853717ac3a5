// What belongs to the process or thread.
'use strict';

const { address } = require('./callbacks');
const { call } = require('./errors');
const { native } = require('./library');
const { integer, size, text } = require('./values');

let receiver = null;

const version = () => native.version();
const blasCore = () => native.blas_core();
const blasThreading = () => native.blas_threading();
const statusName = (number) => native.status_name(integer('status', number));

/** How many threads a call that blocks uses; promised ones run on other threads, which heed OMP_NUM_THREADS. */
const threads = () => native.threads();

function setThreads(count) {
  call('set_threads', integer('count', count));
}

function setParameterLimit(count) {
  call('set_parameter_limit', size('count', count));
}

/** (level, message) => void for warnings; null for silence. What it throws is nobody's to catch. */
function setLog(log) {
  if (log !== null && typeof log !== 'function') {
    throw new TypeError(`log is ${typeof log}, expected a function or null`);
  }
  receiver = log;
  const hear = (level, message) => {
    try {
      receiver?.(level, message);
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  };
  native.set_log(log && address('log_fn', hear), null);
}

/** Every kind, key, default and range of "schedule", "model", "trainer", "sampler", "evaluator" or "coder". */
function help(topic) {
  const needed = [0];
  call('help', text('topic', topic), null, 0, needed);
  const bytes = Buffer.alloc(Number(needed[0]));
  call('help', topic, bytes, bytes.length, null);
  return bytes.toString('utf8', 0, bytes.length - 1);
}

module.exports = { blasCore, blasThreading, help, setLog, setParameterLimit, setThreads, statusName, threads, version };
