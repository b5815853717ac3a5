'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const test = require('node:test');
const lib = require('..');

const declared = readFileSync(join(__dirname, '../index.d.ts'), 'utf8');
const names = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort();

test('what is exported is declared, and the other way round', () => {
  assert.deepEqual(names(declared, /^export (?:class|const|function) (\w+)/gm), Object.keys(lib).sort());
});

// What constructors set.
const fields = {
  Condition: ['count'],
  Model: ['classes', 'dim', 'outputs', 'shape', 'spec'],
  Schedule: ['spec', 'steps'],
};

test('so are the members of classes', () => {
  for (const [name, Class] of Object.entries(lib).filter(([key]) => /^[A-Z]/.test(key) && key !== 'DiffusionError')) {
    const [, body] = declared.match(new RegExp(`^export class ${name} [^{]*{\\n([^]*?)\\n}`, 'm'));
    const own = (object) => Object.getOwnPropertyNames(object);
    const inherent = ['length', 'name', 'prototype'];
    const members = [...own(Class.prototype), ...own(Class), ...(fields[name] ?? [])];
    assert.deepEqual(names(body, /^  (?:static |readonly )?(\w+)[(:?]/gm),
      members.filter((key) => !inherent.includes(key)).sort(), name);
  }
});

const tsc = join(__dirname, '../node_modules/typescript/bin/tsc');
test('TypeScript takes the types', { skip: existsSync(tsc) ? false : 'no typescript here: run npm ci' }, () => {
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'node16'];
  const run = [tsc, ...options, join(__dirname, 'types.ts')];
  const { status, stdout } = spawnSync(process.execPath, run, { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
