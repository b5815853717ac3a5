"""What each sample of a batch is conditioned on: a class, a vector, which of its values are observed."""
from __future__ import annotations

from ctypes import byref, c_size_t
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import Handle, lib, optional_handle


class Condition(Handle):
    """The conditions of n samples, immutable once made: any number of threads may share one.

    Args:
        labels: [n], classes 0..classes-1 of the model, or -1 for a sample without one.
        vectors: [n, width], finite, for models with the key condition=width.
        observed: [n, ...], a bool for each value. A trainer leaves values that are not observed out of its loss; a
            network of Python's is told. The library's own networks refuse it.

    The attributes of these names are read-only arrays, None where nothing was given. len() is n.
    """

    _free = lib.condition_free

    def __init__(self, labels: Optional[ArrayLike] = None, vectors: Optional[ArrayLike] = None,
                 observed: Optional[ArrayLike] = None) -> None:
        self.labels = _kept(labels, 'int32', range(1, 2), 'labels')
        self.vectors = _kept(vectors, 'float32', range(2, 3), 'vectors')
        mask = None if observed is None else _values.mask(observed, 'observed')
        self.observed = _kept(mask, 'uint8', range(2, 64), 'observed')
        given = {name: array for name in ('labels', 'vectors', 'observed')
                 if (array := getattr(self, name)) is not None}
        lengths = {len(array) for array in given.values()}
        if len(lengths) != 1:
            what = ', '.join(f'{name} {array.shape}' for name, array in given.items())
            raise ValueError(f'a condition needs labels, vectors or observed of one length, not {what or "nothing"}')
        self._make(lib.condition_create, lengths.pop())
        self._set()

    def _set(self) -> None:
        if self.labels is not None:
            lib.condition_set_labels(self._handle, self.labels)
        if self.vectors is not None:
            lib.condition_set_vectors(self._handle, self.vectors, self.vectors.shape[1])
        if self.observed is not None:
            lib.condition_set_observed(self._handle, self.observed, _values.size(self.observed.shape[1:]))

    def __len__(self) -> int:
        return lib.condition_count(self._handle)

    def __repr__(self) -> str:
        parts = [f'{name} {array.shape}' for name in ('labels', 'vectors', 'observed')
                 if (array := getattr(self, name)) is not None]
        return f'<Condition: {", ".join(parts)}>'

    def __reduce__(self) -> Any:
        return type(self), (self.labels, self.vectors, self.observed)

    def __copy__(self) -> Condition:
        return type(self)(self.labels, self.vectors, self.observed)


def suited(condition: Optional[Condition], shape: Optional[tuple[int, ...]]) -> Optional[int]:
    """The handle of a condition for samples of a shape, whose axes what is observed must have in their order."""
    handle = optional_handle(condition, Condition, 'condition')
    if condition is not None and condition.observed is not None and shape is not None:
        observed, given = condition.observed, condition.observed.shape[1:]
        if _values.size(given) == _values.size(shape) and not _values.lie_alike(given, shape):
            raise ValueError(f'observed has shape {observed.shape}, expected n rows{_values.described(shape)}')
    return handle


def _kept(value: Optional[ArrayLike], dtype: str, ranks: range, name: str) -> Optional[NDArray[Any]]:
    """A copy that nobody changes."""
    if value is None:
        return None
    array = _values.array(value, dtype, name).copy()
    if array.ndim not in ranks:
        raise ValueError(f'{name} has shape {array.shape}, expected {ranks[0]} dimension(s)')
    array.flags.writeable = False
    return array


def read_borrowed(pointer: Optional[int], n: int, shape: tuple[int, ...]) -> Optional[Condition]:
    """A condition of Python's own from the one that a network behind a callback is handed."""
    if not pointer:
        return None
    width = c_size_t()
    labels = lib.condition_labels(pointer)
    vectors = lib.condition_vectors(pointer, byref(width))
    observed = lib.condition_observed(pointer)
    return Condition(np.ctypeslib.as_array(labels, (n,)) if labels else None,
                     np.ctypeslib.as_array(vectors, (n, width.value)) if vectors else None,
                     np.ctypeslib.as_array(observed, (n, *shape)) if observed else None)
