"""Mappings over what a model or trainer holds by name."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ctypes import byref, c_size_t
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import Handle, lib


class Metadata:
    """Texts stored with a model or trainer, by key: m["key"], m["key"] = text, del m["key"], "key" in m, m.get("key").

    The library does not list its keys.
    """

    def __init__(self, of: Handle, read: Callable[..., Optional[bytes]], write: Callable[..., None]) -> None:
        self._of, self._read, self._write = of, read, write

    def get(self, key: str, default: Optional[str] = None) -> Optional[str]:
        value = self._read(self._of._handle, _values.text(key, 'key'))
        return default if value is None else value.decode()

    def __getitem__(self, key: str) -> str:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def __setitem__(self, key: str, value: str) -> None:
        self._write(self._of._handle, _values.text(key, 'key'), _values.text(value, 'a metadata text'))

    def __delitem__(self, key: str) -> None:
        self[key]
        self._write(self._of._handle, _values.text(key, 'key'), None)


class Parameters(Mapping[str, NDArray[np.float32]]):
    """A model's parameter tensors by name, in the library's order. What is read is a copy; p[name] = array writes."""

    def __init__(self, model: Handle) -> None:
        self._model = model

    def shape_of(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        rank, key = c_size_t(), _values.text(name, 'name')
        lib.model_parameter_shape(self._model._handle, key, None, 0, byref(rank))
        shape = np.empty(rank.value, np.int64)
        lib.model_parameter_shape(self._model._handle, key, shape, rank.value, byref(rank))
        return tuple(shape.tolist())

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        values = np.empty(self.shape_of(name), np.float32)
        lib.model_parameter(self._model._handle, _values.text(name, 'name'), values, values.size)
        return values

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        given = _values.array(values, 'float32', name)
        if given.shape != self.shape_of(name):
            raise ValueError(f'{name} has shape {given.shape}, expected {self.shape_of(name)}')
        lib.model_set_parameter(self._model._handle, _values.text(name, 'name'), given, given.size)

    def __iter__(self) -> Iterator[str]:
        for i in range(len(self)):
            yield lib.model_parameter_name(self._model._handle, i).decode()

    def __contains__(self, name: Any) -> bool:
        return isinstance(name, str) and any(name == known for known in self)

    def __len__(self) -> int:
        return lib.model_parameter_count(self._model._handle)
