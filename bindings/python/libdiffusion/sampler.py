"""Draws from the reverse process, from x_T down to x_0."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_double, memmove
from typing import Any, NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _raw, _values
from ._callbacks import guarded
from ._errors import StateError
from ._handle import Runner, decode, handle_of, lib
from ._noise import Noise, noise_callback
from ._progress import Listener, Progress
from .condition import Condition, suited
from .model import Model
from .schedule import Schedule

Guidance = Callable[[NDArray[np.float64], float], ArrayLike]


class State(NamedTuple):
    """Where a chain stands: x_t, [n, *shape], and t."""

    x: NDArray[np.float32]
    t: float


class Sampler(Runner):
    """A sampler, of a spec such as "ancestral steps=100 seed=7" or "dpmsolver++ steps=20 spacing=karras".

    help("sampler") lists kinds and keys. The model and the schedule may be closed once it is made. For one thread at a
    time; its own callbacks may read it.
    """

    _free = lib.sampler_free

    def __init__(self, model: Model, schedule: Schedule, spec: str) -> None:
        self._make(lib.sampler_create, handle_of(model, Model, 'model'), handle_of(schedule, Schedule, 'schedule'),
                   _values.text(spec))
        self._shape, self._n, self._chains = model.shape, 0, 0
        self._listener = Listener()
        self._network = model._callback  # lives as long as what calls it
        self._noise: Any = None
        self._guidance: Any = None
        lib.sampler_set_progress(self._handle, self._listener.callback, None)

    def run(self, n: int, condition: Optional[Condition] = None, *, out: Optional[NDArray[np.float32]] = None,
            progress: Progress = None) -> NDArray[np.float32]:
        """Draws n samples, [n, *shape].

        Args:
            condition: of n samples.
            out: where they go, a contiguous float32 array; left as it is if the call fails.
            progress: True for a bar of tqdm's (where it is installed), or a function of (done, total), which stops the
                run by raising.
        """
        n = _values.count(n)
        x0 = _values.output(out, 'float32', (n, *self._shape))
        with self._beginning(n) as handle, self._listener.telling(progress):
            lib.sampler_run(handle, suited(condition, self._shape), n, x0)
        return x0

    def begin(self, n: int, condition: Optional[Condition] = None) -> None:
        """Begins n samples step by step: draws the first state."""
        with self._beginning(_values.count(n)) as handle:
            lib.sampler_begin(handle, suited(condition, self._shape), n)

    @contextmanager
    def _beginning(self, n: int) -> Iterator[int]:
        """The handle, for a call that begins a chain; where that is refused the one before it may stand on."""
        with self._alone() as handle:
            before, self._n = self._n, n
            try:
                yield handle
            except BaseException:
                self._n = before
                raise
            self._chains += 1

    def step(self) -> None:
        """Takes one step along the chain."""
        with self._alone() as handle:
            lib.sampler_step(handle)

    @property
    def state(self) -> State:
        """Where the chain stands that run() or begin() began. Callbacks of a run may read it."""
        self.evaluations()  # refuses where the chain is not of this many samples
        x, t = np.empty((self._n, *self._shape), np.float32), c_double()
        with self._alone() as handle:
            lib.sampler_state(handle, x, byref(t))
        return State(x, t.value)

    def trajectory(self, n: int, condition: Optional[Condition] = None) -> Iterator[State]:
        """The states of a chain from its first to its last, such as x_T down to x_0: until another begins."""
        self.begin(n, condition)
        chain = self._chains
        yield self.state
        while self._advance(chain):
            yield self.state

    def _advance(self, chain: int) -> bool:
        """Takes a step; False at the end, where the chain stands on, unlike after a step that failed."""
        if self._chains != chain:
            raise StateError('another chain has begun on this Sampler', _raw.E_STATE, 'state')
        try:
            self.step()
        except StateError:
            self.state
            return False
        return True

    def evaluations(self) -> NDArray[np.int64]:
        """How often the model has been asked about each sample since its chain began, [n]."""
        evaluations = np.empty(self._n, np.int64)
        with self._alone() as handle:
            lib.sampler_evaluations(handle, evaluations, self._n)
        return evaluations

    def set_noise(self, noise: Optional[Noise]) -> None:
        """Replaces the seeded generator by noise(count, sample, step) -> [count] draws; None restores it."""
        callback = noise_callback(noise)
        with self._alone() as handle:
            lib.sampler_set_noise(handle, callback, None)
        self._noise = callback

    def set_guidance(self, gradient: Optional[Guidance]) -> None:
        """Guides by gradient(x, t) -> the gradient of log r(x), [n, *shape], in float64; None for no guidance."""
        callback = _raw.guidance_fn(guarded(_guidance(gradient, self._shape))) if gradient else _raw.guidance_fn(0)
        with self._alone() as handle:
            lib.sampler_set_guidance(handle, callback, None)
        self._guidance = callback

    def set_start(self, x: Optional[ArrayLike]) -> None:
        """Gives the chain its first state, [n, ...], copied: float64 as it is, all else as float32. None forgets it."""
        double = getattr(x, 'dtype', None) == np.float64
        rows = self._rows(x, 'float64' if double else 'float32', 'x')
        with self._alone() as handle:
            (lib.sampler_set_start_double if double else lib.sampler_set_start)(handle, rows, _length(rows))

    def set_known(self, x0: Optional[ArrayLike], mask: Optional[ArrayLike] = None) -> None:
        """Inpainting: values, [n, ...], which come out as they are where the mask, as large, is true. None forgets."""
        if (x0 is None) != (mask is None):
            raise ValueError('x0 and mask belong together')
        rows = self._rows(x0, 'float32', 'x0')
        known = None if mask is None else self._rows(_values.mask(mask, 'mask'), 'uint8', 'mask')
        if rows is not None and known is not None and len(rows) != len(known):
            raise ValueError(f'x0 has {len(rows)} rows and mask {len(known)}')
        with self._alone() as handle:
            lib.sampler_set_known(handle, rows, known, _length(rows))

    def set_observed(self, y: Optional[ArrayLike], noise: float = 1.0) -> None:
        """Denoising: y, [n, ...], is x_0 with noise of that variance (bits: flipped with that chance). None forgets."""
        rows = self._rows(y, 'float32', 'y')
        with self._alone() as handle:
            lib.sampler_set_observed(handle, rows, noise, _length(rows))

    def _rows(self, value: Optional[ArrayLike], dtype: str, name: str) -> Optional[NDArray[Any]]:
        return None if value is None else _values.rows(value, dtype, self._shape, name)

    @property
    def spec(self) -> str:
        """The complete spec, defaults spelled out."""
        return decode(lib.sampler_spec(self._handle))

    def __repr__(self) -> str:
        return '<Sampler, closed>' if self.closed else f'<Sampler {self.spec!r}>'


def _length(rows: Optional[NDArray[Any]]) -> int:
    return 0 if rows is None else len(rows)


def _guidance(gradient: Guidance, shape: tuple[int, ...]) -> Callable[..., None]:
    def call(x: Any, t: float, n: int, out: Any, _user: Any) -> None:
        given = np.ctypeslib.as_array(x, (n, *shape)).copy()
        result = _values.rows(gradient(given, t), 'float64', shape, 'the gradient')
        if len(result) != n:
            raise ValueError(f'the gradient has {len(result)} rows, expected {n}')
        memmove(out, result.ctypes.data, result.nbytes)
    return call
