"""Small models for the tests; DIFFUSION_LIBRARY names the library that is tested."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402
import pytest  # noqa: E402

import libdiffusion as ld  # noqa: E402


@pytest.fixture
def schedule():
    with ld.Schedule('cosine steps=20') as made:
        yield made


@pytest.fixture
def model():
    with ld.Model('mlp shape=2 width=16 depth=2 predict=epsilon', seed=1) as made:
        yield made


@pytest.fixture
def sampler(model, schedule):
    with ld.Sampler(model, schedule, 'ancestral seed=3') as made:
        yield made


@pytest.fixture
def points():
    return np.random.default_rng(1).standard_normal((64, 2)).astype(np.float32)
