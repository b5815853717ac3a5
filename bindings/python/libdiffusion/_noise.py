"""Noise of the caller's in place of the library's seeded generator."""
from __future__ import annotations

from collections.abc import Callable
from ctypes import memmove
from typing import Any, Optional

from numpy.typing import ArrayLike

from . import _raw, _values
from ._callbacks import guarded

Noise = Callable[[int, int, int], ArrayLike]


def noise_callback(noise: Optional[Noise]) -> Any:
    """noise(count, sample, step) for the library; a null pointer for None."""
    if noise is None:
        return _raw.noise_fn(0)
    draw = noise

    def call(values: Any, count: int, sample: int, step: int, _user: Any) -> None:
        drawn = _values.array(draw(count, sample, step), 'float64', 'the noise')
        if drawn.size != count:
            raise ValueError(f'the noise has {drawn.size} values, expected {count}')
        memmove(values, drawn.ctypes.data, drawn.nbytes)
    return _raw.noise_fn(guarded(call))
