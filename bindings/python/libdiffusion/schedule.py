"""The forward process q: its kernel, and how much it diffuses at each of the steps t = 1..T."""
from __future__ import annotations

from ctypes import byref, c_double
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import Handle, decode, lib


class Level(NamedTuple):
    """A noise level: x_t = signal x_0 + sigma epsilon; log_snr is 2 log(signal / sigma)."""

    signal: float
    sigma: float
    log_snr: float


class Schedule(Handle):
    """A schedule, made of a spec such as "cosine steps=1000"; help("schedule") lists kinds and keys.

    Immutable: any number of threads may share it. It pickles as its spec, of which it is made again to the same bits.
    """

    _free = lib.schedule_free

    def __init__(self, spec: str) -> None:
        self._make(lib.schedule_create, _values.text(spec))

    @classmethod
    def from_betas(cls, betas: ArrayLike, spec: str = '') -> Schedule:
        """A schedule of given betas, [steps], each in (0, 1]; the spec holds keys of the kernel only."""
        self = cls.__new__(cls)
        values = _values.array(betas, 'float64', 'betas')
        if values.ndim != 1:
            raise ValueError(f'betas has shape {values.shape}, expected one dimension')
        self._make(lib.schedule_create_from_betas, values, _values.int32(len(values), 'steps'), _values.text(spec))
        return self

    @property
    def steps(self) -> int:
        """T."""
        return lib.schedule_steps(self._handle)

    @property
    def spec(self) -> str:
        """The complete spec, defaults spelled out."""
        return decode(lib.schedule_spec(self._handle))

    def values(self, quantity: str) -> NDArray[np.float64]:
        """One quantity for all steps, [T]: element t - 1 belongs to step t.

        "beta", "alpha", "alpha_bar", "one_minus_alpha_bar", "log_alpha_bar", "snr", "log_snr"; of the Gaussian kernel
        also "posterior_variance", "posterior_log_variance", "posterior_mean_x0", "posterior_mean_xt".
        """
        out = np.empty(self.steps)
        lib.schedule_values(self._handle, _values.text(quantity, 'quantity'), out)
        return out

    def level(self, t: float) -> Level:
        """The noise level at a time, 0 (the data) .. T, real numbers between the steps too."""
        signal, sigma, log_snr = c_double(), c_double(), c_double()
        lib.schedule_level(self._handle, t, byref(signal), byref(sigma), byref(log_snr))
        return Level(signal.value, sigma.value, log_snr.value)

    def time(self, log_snr: float) -> float:
        """The time at which the log SNR has come down to a value: the inverse of level()."""
        t = c_double()
        lib.schedule_time(self._handle, log_snr, byref(t))
        return t.value

    def __repr__(self) -> str:
        return '<Schedule, closed>' if self.closed else f'Schedule({self.spec!r})'

    def __reduce__(self) -> Any:
        return type(self), (self.spec,)

    def __copy__(self) -> Schedule:
        return type(self)(self.spec)
