"""wheel.py VENV: libdiffusion is installed there, and what it has loaded of OpenBLAS and its like is the wheel's own."""
import importlib.metadata
import pathlib
import re
import sys

import libdiffusion as ld
from libdiffusion import _library

venv = pathlib.Path(sys.argv[1]).resolve()
carried = pathlib.Path(_library.path).parent
files = importlib.metadata.files('libdiffusion')
loaded = {pathlib.Path(line.split()[-1]) for line in open('/proc/self/maps') if str(venv) in line}

assert carried.is_relative_to(venv), f'{_library.path} is not in {venv}'
assert ld.blas_threading() in ('openmp', 'pthreads', 'serial')
for name in 'diffusion', 'openblas', 'gomp', 'gfortran':
    assert any(re.match(rf'lib{name}[-.]', path.name) for path in loaded), f'lib{name} is not loaded from {carried}'
assert not list(carried.parent.parent.glob('*.data')), 'purelib and platlib are mixed'
licences = {path.name for path in carried.glob('*.copyright')}
for path in carried.glob('*-*.so*'):
    assert path.suffix == '.copyright' or f'{path.name}.copyright' in licences, f'{path.name} has no licence beside it'
assert any(path.name == 'LICENSE' for path in files) and any(path.name == 'py.typed' for path in files)
