"""Codes discrete data without loss, in as many bits as the bound K says that it has."""
from __future__ import annotations

from ctypes import byref, c_double
from typing import Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import Runner, decode, handle_of, lib
from ._progress import Listener, Progress
from .condition import Condition, suited
from .model import Model
from .schedule import Schedule


class Coder(Runner):
    """A coder, of a spec such as "bits_back steps=100", and the data that it has coded or loaded.

    help("coder") lists the keys. Decoding needs the very model, schedule, version of the library and arithmetic that
    encoding had; a file of another's is refused. For one thread at a time while it runs.
    """

    _free = lib.coder_free

    def __init__(self, model: Model, schedule: Schedule, spec: str) -> None:
        self._make(lib.coder_create, handle_of(model, Model, 'model'), handle_of(schedule, Schedule, 'schedule'),
                   _values.text(spec))
        self._listen(model)

    @classmethod
    def load(cls, model: Model, schedule: Schedule, path: _values.Path) -> Coder:
        """A coder of a file that save() wrote, with its spec and the data that is coded in it."""
        self = cls.__new__(cls)
        self._make(lib.coder_load, handle_of(model, Model, 'model'), handle_of(schedule, Schedule, 'schedule'),
                   _values.path(path))
        self._listen(model)
        return self

    def _listen(self, model: Model) -> None:
        self._shape = model.shape
        self._listener = Listener()
        self._network = model._callback  # lives as long as what calls it
        lib.coder_set_progress(self._handle, self._listener.callback, None)

    def encode(self, x0: ArrayLike, condition: Optional[Condition] = None, *, progress: Progress = None) -> None:
        """Codes data, [n, ...], in place of what was coded before; that stays if this fails.

        Args:
            x0: the middles of the spec's levels over -1..1, -1 + 2 k / (levels - 1), or bits, 0 and 1.
            condition: labels of n samples, which are coded with the data.
            progress: as of Sampler.run().
        """
        rows = _values.rows(x0, 'float32', self._shape, 'x0')
        with self._alone() as handle, self._listener.telling(progress):
            lib.coder_encode(handle, rows, suited(condition, self._shape), len(rows))

    def decode(self, *, progress: Progress = None) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """What has been coded, [n, *shape], and its labels, [n], -1 for none. The code stays."""
        n = int(self.value('samples'))
        x0, labels = np.empty((n, *self._shape), np.float32), np.empty(n, np.int32)
        with self._alone() as handle, self._listener.telling(progress):
            lib.coder_decode(handle, x0, labels, n)
        return x0, labels

    def value(self, quantity: str) -> float:
        """A figure of what has been coded: "samples", "bytes", "code_bits", "bits_per_dimension", "initial_bits",
        "k_bits", "k_bits_per_dimension", "label_bits"."""
        out = c_double()
        lib.coder_value(self._handle, _values.text(quantity, 'quantity'), byref(out))
        return out.value

    __getitem__ = value

    def save(self, path: _values.Path) -> None:
        """Writes the code to a file, whole or not at all."""
        with self._alone() as handle:
            lib.coder_save(handle, _values.path(path))

    @property
    def spec(self) -> str:
        """The complete spec, every key spelled out."""
        return decode(lib.coder_spec(self._handle))

    def __repr__(self) -> str:
        return '<Coder, closed>' if self.closed else f'<Coder {self.spec!r}>'
