'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const test = require('node:test');

test('the program in README.md runs', () => {
  const [, program] = readFileSync(join(__dirname, '../README.md'), 'utf8').match(/^```js\n([^]*?)^```/m);
  const folder = mkdtempSync(join(tmpdir(), 'libdiffusion-'));
  try {
    const code = program.replace("'libdiffusion'", JSON.stringify(join(__dirname, '..')));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Float32Array\(8\) \[/);
    const x = stdout.match(/-?\d+\.\d+/g).map(Number);
    assert(x.length === 8 && x.every((value) => Math.abs(Math.abs(value) - 1) < 0.3), `${x}: no corners`);
    assert(existsSync(join(folder, 'corners.safetensors')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
