"""Arguments of the library's functions that are arrays: checked where they cross the border, never misread."""
from __future__ import annotations

from typing import Any

import numpy as np


class _Array:
    """A type of argument for ctypes that takes contiguous numpy arrays of one dtype, writable ones where it writes."""

    def __init__(self, dtype: str, writes: bool, optional: bool) -> None:
        self.dtype = np.dtype(dtype)
        self.writes = writes
        self.optional = optional

    def from_param(self, value: Any) -> Any:
        if value is None and self.optional:
            return None
        if not isinstance(value, np.ndarray) or value.dtype != self.dtype or not value.flags.c_contiguous:
            raise TypeError(f'expected a C-contiguous array of {self.dtype}, not {describe(value)}')
        if self.writes and not value.flags.writeable:
            raise ValueError('the array that is to be written is read-only')
        return value.ctypes


def describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        layout = '' if value.flags.c_contiguous else ', not C-contiguous'
        return f'an array of {value.dtype} with shape {value.shape}{layout}'
    return f'{value!r}' if value is None else type(value).__name__


def read(dtype: str) -> _Array:
    return _Array(dtype, writes=False, optional=False)


def read_or_none(dtype: str) -> _Array:
    return _Array(dtype, writes=False, optional=True)


def write(dtype: str) -> _Array:
    return _Array(dtype, writes=True, optional=False)


def write_or_none(dtype: str) -> _Array:
    return _Array(dtype, writes=True, optional=True)
