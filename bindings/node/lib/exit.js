// The end of the process while promised calls run. Node would wait for their threads, which may wait for a turn of the
// event loop in their turn: for ever.
'use strict';

const { writeSync } = require('node:fs');
const { inspect } = require('node:util');
const { isMainThread } = require('node:worker_threads');
const { koffi } = require('./library');

let running = 0;
let uncaught = null;

/** An error that ends the process, which Node prints when all that listens to 'exit' has heard: too late here. */
function keep(error) {
  const caught = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
  if (!caught) uncaught = { error };
}

/** Ends the process as Node would: after all that listens to 'exit', with the code that was said last. */
function leave(code) {
  const listeners = process.rawListeners('exit');
  listeners.slice(listeners.indexOf(leave) + 1).forEach((listener) => listener.call(process, code));
  if (uncaught) writeSync(2, `Uncaught ${inspect(uncaught.error)}\n`);
  koffi.load(process.platform === 'win32' ? 'ucrtbase.dll' : null).func('void _exit(int)')(process.exitCode ?? code);
}

/** A promised call begins. */
function begin() {
  if (running++ === 0 && isMainThread) process.on('exit', leave).on('uncaughtExceptionMonitor', keep);
}

/** And ends. */
function end() {
  if (--running === 0 && isMainThread) process.off('exit', leave).off('uncaughtExceptionMonitor', keep);
}

module.exports = { begin, end };
