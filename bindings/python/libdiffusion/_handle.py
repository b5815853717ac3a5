"""What all objects of the library share: they free themselves, and can be closed early or used as context managers."""
from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional, TypeVar

from . import _raw
from ._callbacks import interruptible
from ._errors import StateError
from ._library import lib

Self = TypeVar('Self', bound='Handle')


class Handle:
    """An object of the library, freed with the last reference to it, by close(), or at the end of a with block."""

    _free: Callable[[Any], None]
    _pointer: Optional[int] = None
    _owner: Optional['Handle'] = None

    def _make(self, create: Callable[..., None], *arguments: Any) -> None:
        out = ctypes.c_void_p()
        create(ctypes.byref(out), *arguments)
        self._pointer = out.value
        self._finalizer = weakref.finalize(self, type(self)._free, out.value)
        self._finalizer.atexit = False  # a daemon thread may be in a call then; the system takes all back anyway

    @classmethod
    def _borrow(cls: type[Self], pointer: int, owner: 'Handle') -> Self:
        """An object that belongs to another, which it keeps alive."""
        self = cls.__new__(cls)
        self._pointer = pointer
        self._owner = owner
        return self

    @property
    def _handle(self) -> int:
        if self.closed:
            raise ValueError(f'this {type(self).__name__} has been closed')
        assert self._pointer is not None
        return self._pointer

    @property
    def closed(self) -> bool:
        """Whether close() has been called, or that of the object that it belongs to."""
        return self._pointer is None or (self._owner is not None and self._owner.closed)

    def close(self) -> None:
        """Frees it now. What was made from it goes on working; any further use of it is a ValueError."""
        self._pointer = None
        if self._owner is None and hasattr(self, '_finalizer'):
            self._finalizer()

    def __enter__(self: Self) -> Self:
        self._handle
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __copy__(self) -> Any:
        raise TypeError(f'a {type(self).__name__} cannot be copied')

    def __reduce__(self) -> Any:
        raise TypeError(f'a {type(self).__name__} cannot be pickled')


class Runner(Handle):
    """An object for one thread at a time: what a second thread asks of it meanwhile is refused, not mixed up."""

    def _make(self, create: Callable[..., None], *arguments: Any) -> None:
        self._lock = threading.RLock()
        super()._make(create, *arguments)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """The handle, for a call that no other thread's may meet; a callback's own calls are let through."""
        with interruptible():
            if not self._lock.acquire(blocking=False):
                raise StateError(f'this {type(self).__name__} is in use by another thread', _raw.E_STATE, 'state')
            try:
                yield self._handle
            finally:
                self._lock.release()

    def close(self) -> None:
        if not self.closed:
            with self._alone():
                super().close()


def handle_of(value: Any, kind: type[Handle], name: str) -> int:
    if not isinstance(value, kind):
        raise TypeError(f'{name} must be a {kind.__name__}, not {type(value).__name__}')
    return value._handle


def optional_handle(value: Any, kind: type[Handle], name: str) -> Optional[int]:
    return None if value is None else handle_of(value, kind, name)


def decode(value: Optional[bytes]) -> str:
    return (value or b'').decode()

