"""wheel.py [VENV]: trains a little and prints the bound. With VENV libdiffusion must be installed there, and what it
has loaded of OpenBLAS and its like must be the wheel's own."""
import importlib.metadata
import pathlib
import re
import sys

import numpy as np

import libdiffusion as ld
from libdiffusion import _library


def check_installed(venv):
    carried = pathlib.Path(_library.path).parent
    assert carried.is_relative_to(venv), f'{_library.path} is not in {venv}'
    loaded = {pathlib.Path(line.split()[-1]).name for line in open('/proc/self/maps') if str(carried) in line}
    for name in 'diffusion', 'openblas', 'gomp', 'gfortran':
        assert any(re.match(rf'lib{name}[-.]', file) for file in loaded), f'lib{name} is not loaded from {carried}'
    for library in carried.glob('*-*.so*[0-9]'):
        assert library.with_name(f'{library.name}.copyright').exists(), f'{library.name} has no licence beside it'
    files = {path.name for path in importlib.metadata.files('libdiffusion')}
    assert {'LICENSE', 'py.typed', '__init__.py'} <= files


def trained_bits():
    data = np.random.default_rng(1).standard_normal((256, 2)) * [1.5, 0.5]
    schedule, model = ld.Schedule('cosine steps=20'), ld.Model('mlp shape=2 width=64 predict=v', seed=1)
    with ld.Trainer(model, schedule, 'rate=3e-3 seed=1') as trainer:
        trainer.fit(data, steps=200, batch=64)
        return ld.Evaluator(trainer.model, schedule, 'elbo draws=2 seed=1').run(data)['k_bits']


print(f'K = {trained_bits():.12f} bits')
if len(sys.argv) > 1:
    check_installed(pathlib.Path(sys.argv[1]).resolve())
