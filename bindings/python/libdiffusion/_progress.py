"""Progress of long calls: a function of the caller's, a bar of tqdm, or nothing; Ctrl-C is noticed in any case."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional, Union

from . import _raw
from ._callbacks import guarded

Progress = Union[None, bool, Callable[[int, int], Any]]


class Listener:
    """What an object's progress callback calls, for one run after another."""

    def __init__(self) -> None:
        self._function: Optional[Callable[[int, int], Any]] = None
        self.callback = _raw.progress_fn(guarded(self._hear))

    def _hear(self, done: int, total: int, _user: Any) -> None:
        if self._function is not None:
            self._function(done, total)

    @contextmanager
    def telling(self, progress: Progress) -> Iterator[None]:
        before = self._function
        with function_of(progress) as self._function:
            try:
                yield
            finally:
                self._function = before


@contextmanager
def function_of(progress: Progress) -> Iterator[Optional[Callable[[int, int], Any]]]:
    if callable(progress):
        yield progress
    elif progress:
        with bar() as update:
            yield update
    else:
        yield None


@contextmanager
def bar(**options: Any) -> Iterator[Optional[Callable[[int, int], Any]]]:
    """A bar of tqdm's, as a function of (done, total); None where tqdm is not installed."""
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield None
        return
    with tqdm(**options) as shown:
        def update(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)
        yield update
