"""A network in Python behind the library's callback."""
from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _raw, _values
from ._callbacks import guarded
from .condition import Condition, read_borrowed

Network = Callable[[NDArray[Any], NDArray[np.float64], Optional[Condition]], ArrayLike]


class NetworkCallback:
    """What the library calls, and the shapes of the model, which are known once it has been made."""

    shape: tuple[int, ...] = ()
    outputs: int = 0

    def __init__(self, network: Network, double: bool) -> None:
        self._network = network
        self._dtype = 'float64' if double else 'float32'
        self.callback = (_raw.predict_double_fn if double else _raw.predict_fn)(guarded(self._predict))

    def _predict(self, x: Any, time: Any, condition: Optional[int], n: int, out: Any, _user: Any) -> None:
        given = np.ctypeslib.as_array(x, (n, *self.shape)).copy()  # the network may keep it
        times = np.ctypeslib.as_array(time, (n,)).copy()
        result = _values.array(self._network(given, times, read_borrowed(condition, n, self.shape)), self._dtype,
                               "the network's output")
        shape = self.shape if self.outputs == _values.size(self.shape) else (2, *self.shape)  # with a learned variance
        if result.ndim < 2 or len(result) != n or not _values.lie_alike(result.shape[1:], shape):
            raise ValueError(f"the network's output has shape {result.shape}, expected {n} rows"
                             f'{_values.described(shape)}')
        ctypes.memmove(out, result.ctypes.data, result.nbytes)
