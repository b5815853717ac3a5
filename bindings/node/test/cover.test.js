'use strict';

const assert = require('node:assert/strict');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const test = require('node:test');
const { functions } = require('../lib/raw');

// Named by their kinds: `${kind}_free` and the like.
const made = /^(coder|condition|evaluator|model|sampler|schedule|trainer)_(free|error|set_(noise|progress|guidance))$/;
const without = ['set_allocator']; // README.md says so

test('every function of the library is called', () => {
  const lib = join(__dirname, '../lib');
  const files = readdirSync(lib).filter((name) => name !== 'raw.js');
  const text = files.map((name) => readFileSync(join(lib, name), 'utf8')).join('');
  const missing = Object.keys(functions).filter((name) => !made.test(name) && !new RegExp(`\\b${name}\\b`).test(text));
  assert.deepEqual(missing, without);
});
