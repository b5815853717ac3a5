"""Arguments checked and brought to the form that the library takes; arrays that have it already are not copied."""
from __future__ import annotations

import math
import operator
import os
from numbers import Real
from typing import Any, Optional, Union

import numpy as np
from numpy.typing import NDArray

from ._arrays import describe

Path = Union[str, 'os.PathLike[str]']


def text(value: str, name: str = 'spec') -> bytes:
    if not isinstance(value, str):
        raise TypeError(f'{name} must be a str, not {type(value).__name__}')
    return _terminated(value.encode(), name)


def path(value: Path) -> bytes:
    return _terminated(os.fsencode(value), 'path')


def _terminated(value: bytes, name: str) -> bytes:
    if b'\0' in value:
        raise ValueError(f'{name} holds a zero byte')
    return value


def integer(value: Any, name: str, least: int, most: int) -> int:
    number = operator.index(value)
    if not least <= number <= most:
        raise ValueError(f'{name} is {number}, expected {least}..{most}')
    return number


def count(value: Any, name: str = 'n') -> int:
    return integer(value, name, 0, 2**63 - 1)


def int32(value: Any, name: str) -> int:
    return integer(value, name, -2**31, 2**31 - 1)


def uint64(value: Any, name: str) -> int:
    return integer(value, name, 0, 2**64 - 1)


def array(value: Any, dtype: str, name: str) -> NDArray[Any]:
    """Numbers as a contiguous array of the dtype; no text, no complex numbers, no fractions where integers belong."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise TypeError(f'{name} has masked values')
    given = _unboxed(np.asarray(value))
    kinds = 'biuf' if np.dtype(dtype).kind == 'f' else 'biu'
    if given.dtype.kind not in kinds:
        raise TypeError(f'{name} must hold {"numbers" if "f" in kinds else "integers"}, not {given.dtype}')
    if kinds == 'biu' and given.size > 0:
        range_ = np.iinfo(dtype)
        if int(given.min()) < range_.min or int(given.max()) > range_.max:
            raise ValueError(f'{name} has values outside {range_.min}..{range_.max}')
    return np.require(given, dtype, ['C', 'A'])


def _unboxed(given: NDArray[Any]) -> NDArray[Any]:
    """Objects that are numbers throughout as such: what a data frame's columns of several types come as."""
    if given.dtype.kind != 'O' or not all(isinstance(value, (Real, np.bool_)) for value in given.flat):
        return given
    return np.asarray(given.tolist()).reshape(given.shape)


def mask(value: Any, name: str) -> NDArray[np.uint8]:
    """1 where a boolean is true, or an integer other than 0."""
    given = np.asarray(value)
    if given.dtype.kind not in 'biu':
        raise TypeError(f'{name} must hold booleans, not {given.dtype}')
    return np.asarray(given != 0, np.uint8)


def size(shape: tuple[int, ...]) -> int:
    """The number of values of an array of that shape."""
    return math.prod(shape)


def lie_alike(given: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether values of one shape lie as those of the other: axes of length 1 aside, or where one of them is flat.

    [channels, height, width] has as many values as [height, width, channels], and would be misread.
    """
    sides = [[side for side in sizes if side != 1] for sizes in (given, shape)]
    return size(given) == size(shape) and (sides[0] == sides[1] or min(map(len, sides)) <= 1)


def rows(value: Any, dtype: str, shape: Optional[tuple[int, ...]], name: str) -> NDArray[Any]:
    """Samples, [n, *shape] or flat; None where their shape is not known."""
    given = array(value, dtype, name)
    if given.ndim < 2 or (shape is not None and not lie_alike(given.shape[1:], shape)):
        raise ValueError(f'{name} has shape {given.shape}, expected n rows{described(shape)}')
    return given


def described(shape: Optional[tuple[int, ...]]) -> str:
    """What rows are of, for a sentence: " of (8, 8, 3), or of 192 values"."""
    if shape is None:
        return ''
    return f' of {shape}, or of {size(shape)} values' if len(shape) > 1 else f' of {size(shape)} values'


def vector(value: Any, dtype: str, n: int, name: str) -> NDArray[Any]:
    """[n], or one number for all."""
    given = array(value, dtype, name)
    if given.shape == ():
        return np.full(n, given, dtype)
    if given.shape != (n,):
        raise ValueError(f'{name} has shape {given.shape}, expected ({n},)')
    return given


def output(out: Optional[NDArray[Any]], dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """A new array, or the caller's, which must be just so."""
    if out is None:
        return np.empty(shape, dtype)
    fits = isinstance(out, np.ndarray) and out.dtype == dtype and out.flags.aligned
    fits = fits and out.shape[:1] == shape[:1] and lie_alike(out.shape[1:], shape[1:])
    if not fits or not out.flags.c_contiguous or not out.flags.writeable:
        raise ValueError(f'out must be a writable, aligned, C-contiguous array of {dtype} with shape {shape}, '
                         f'not {describe(out)}')
    return out
