// The shared library, its functions by their names without "diffusion_".
'use strict';

const koffi = require('koffi');
const raw = require('./raw');

const [major, minor] = raw.version.split('.');
const names = { darwin: `libdiffusion.${major}.${minor}.dylib`, win32: 'diffusion.dll' };

function load() {
  const path = process.env.DIFFUSION_LIBRARY || names[process.platform] || `libdiffusion.so.${major}.${minor}`;
  try {
    return koffi.load(path);
  } catch (error) {
    const advice = 'install the library, or name its file in DIFFUSION_LIBRARY';
    throw new Error(`libdiffusion: ${path}: ${error.message}; ${advice}`);
  }
}

const library = load();
const native = {};
for (const [name, [result, parameters]] of Object.entries(raw.functions)) {
  native[name] = library.func(`diffusion_${name}`, result, parameters);
}

const loaded = native.version();
if (!loaded.startsWith(`${major}.${minor}.`)) {
  throw new Error(`libdiffusion: the library is of version ${loaded}, expected ${major}.${minor}`);
}

module.exports = { koffi, native };
