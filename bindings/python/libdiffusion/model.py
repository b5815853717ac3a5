"""The reverse process p(x_{t-1} | x_t): a network, and how its output is read."""
from __future__ import annotations

import ctypes
from ctypes import byref, c_double, c_size_t
from typing import Any, NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._callbacks import interruptible
from ._handle import Handle, decode, handle_of, lib
from ._network import Network, NetworkCallback
from ._texts import Metadata, Parameters
from .condition import Condition, suited
from .schedule import Schedule


class Moments(NamedTuple):
    """What variance=analytic and spacing=optimal need: means of the noise squared and of its error, [T], and the
    variance of the data."""

    noise: NDArray[np.float64]
    error: NDArray[np.float64]
    data_variance: float


class Model(Handle):
    """A model with random parameters, of a spec such as "mlp shape=8,8,1 width=256 depth=3 predict=v".

    help("model") lists kinds and keys. Any number of threads may use a model that none changes (trains it, sets a
    parameter or metadata, closes it). It pickles, and copies, as the bytes of its file; of a model around a function
    of Python's that is refused.
    """

    _free = lib.model_free
    _callback: Optional[NetworkCallback] = None

    def __init__(self, spec: str, seed: int = 0) -> None:
        self._make(lib.model_create, _values.text(spec), _values.uint64(seed, 'seed'))

    @classmethod
    def from_function(cls, network: Network, spec: str, *, double: bool = False) -> Model:
        """A model whose network is any function of Python's, of PyTorch's say.

        Args:
            network: called with x [n, *shape] float32 (float64 if double), time [n] (what the key time= says: steps t
                unless it is given) and a Condition or None, on the thread that called the library, for 1024 samples
                at a time at most; returns [n, outputs] or [n, *shape]. An exception that it raises comes out of the
                library's call.
            spec: how to read the output, "shape=2 predict=epsilon variance=fixed_small".
            double: whether x and the output are float64, for closed forms.
        """
        self = cls.__new__(cls)
        self._callback = NetworkCallback(network, double)
        create = lib.model_create_callback_double if double else lib.model_create_callback
        self._make(create, _values.text(spec), self._callback.callback, None)
        self._callback.shape, self._callback.outputs = self.shape, self.outputs
        return self

    @classmethod
    def load(cls, path: _values.Path) -> Model:
        """A model file, a trainer's checkpoint (its averaged weights), or a folder of diffusers."""
        self = cls.__new__(cls)
        self._make(lib.model_load, _values.path(path))
        return self

    @classmethod
    def from_bytes(cls, data: bytes) -> Model:
        """A model of the bytes of its file."""
        self = cls.__new__(cls)
        held = np.frombuffer(data, np.uint8)
        self._make(lib.model_load_memory, held.ctypes.data if held.size else None, held.size)
        return self

    def save(self, path: _values.Path) -> None:
        """Writes parameters, spec and metadata as one safetensors file, whole or not at all."""
        lib.model_save(self._handle, _values.path(path))

    def save_diffusers(self, path: _values.Path, schedule: Schedule) -> None:
        """Writes a U-Net as a folder that diffusers' DDPMPipeline.from_pretrained() reads."""
        lib.model_save_diffusers(self._handle, handle_of(schedule, Schedule, 'schedule'), _values.path(path))

    def to_bytes(self) -> bytes:
        """The bytes of save()'s file."""
        needed = c_size_t()
        lib.model_save_memory(self._handle, None, 0, byref(needed))
        data = ctypes.create_string_buffer(needed.value)
        lib.model_save_memory(self._handle, data, needed.value, None)
        return data.raw

    @property
    def dim(self) -> int:
        """The number of values in one sample."""
        return lib.model_dim(self._handle)

    @property
    def outputs(self) -> int:
        """The number of values that the network gives for one sample: dim, or 2 dim with a learned variance."""
        return lib.model_outputs(self._handle)

    @property
    def classes(self) -> int:
        """The number of classes that labels may name."""
        return lib.model_classes(self._handle)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample, such as (28, 28, 1)."""
        rank = c_size_t()
        lib.model_shape(self._handle, None, 0, byref(rank))
        shape = np.empty(rank.value, np.int64)
        lib.model_shape(self._handle, shape, rank.value, byref(rank))
        return tuple(shape.tolist())

    @property
    def spec(self) -> str:
        """The complete spec, defaults spelled out."""
        return decode(lib.model_spec(self._handle))

    @property
    def parameters(self) -> Parameters:
        """The parameter tensors, a mapping of names to arrays."""
        return Parameters(self)

    @property
    def metadata(self) -> Metadata:
        """Texts stored with the model, such as how its data was scaled."""
        return Metadata(self, lib.model_metadata, lib.model_set_metadata)

    def forward(self, x: ArrayLike, time: ArrayLike, condition: Optional[Condition] = None) -> NDArray[np.float32]:
        """The raw output of the network, [n, outputs].

        Args:
            x: [n, *shape] or [n, dim].
            time: [n] or one number, what the key time= says: steps t from 1 on, or log SNRs.
        """
        rows = _values.rows(x, 'float32', self.shape, 'x')
        out = np.empty((len(rows), self.outputs), np.float32)
        with interruptible():
            lib.model_forward(self._handle, rows, _values.vector(time, 'float64', len(rows), 'time'),
                              suited(condition, self.shape), len(rows), out)
        return out

    def predict(self, schedule: Schedule, x: ArrayLike, t: ArrayLike, condition: Optional[Condition] = None
                ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and variance of p(x_{t-1} | x_t), each [n, *shape]; of bits the rate and its variance.

        Args:
            x: x_t, [n, *shape] or [n, dim].
            t: steps, [n] or one for all, each 1..T.
        """
        rows = _values.rows(x, 'float32', self.shape, 'x')
        mean, variance = (np.empty((len(rows), *self.shape), np.float32) for _ in range(2))
        with interruptible():
            lib.model_predict(self._handle, handle_of(schedule, Schedule, 'schedule'), rows,
                              _values.vector(t, 'int32', len(rows), 't'),
                              suited(condition, self.shape), len(rows), mean, variance)
        return mean, variance

    def from_data(self, values: ArrayLike) -> NDArray[np.float32]:
        """Data in its own units, [n, ...], as the numbers that the model is trained on, [n, *shape]."""
        rows = _values.rows(values, 'float64', self.shape, 'values')
        x = np.empty((len(rows), *self.shape), np.float32)
        lib.model_from_data(self._handle, rows, len(rows), x)
        return x

    def to_data(self, x: ArrayLike) -> NDArray[np.float64]:
        """Samples, [n, ...], in the data's own units, [n, *shape]: whole numbers where the data had them."""
        rows = _values.rows(x, 'float32', self.shape, 'x')
        values = np.empty((len(rows), *self.shape))
        lib.model_to_data(self._handle, rows, len(rows), values)
        return values

    def scaling(self, quantity: str) -> NDArray[np.float64]:
        """"shift", "scale", "dequantize", "minimum" or "maximum" of that mapping, [*shape]."""
        values = np.empty(self.shape)
        lib.model_scaling(self._handle, _values.text(quantity, 'quantity'), values)
        return values

    @property
    def moments(self) -> Optional[Moments]:
        """The moments that are stored with the model, None where there are none."""
        steps, variance = c_size_t(), c_double()
        lib.model_moments(self._handle, None, None, None, 0, byref(steps))
        if steps.value == 0:
            return None
        noise, error = np.empty(steps.value), np.empty(steps.value)
        lib.model_moments(self._handle, noise, error, byref(variance), steps.value, byref(steps))
        return Moments(noise, error, variance.value)

    def set_moments(self, schedule: Schedule, moments: Optional[Moments]) -> None:
        """Stores what an evaluator "moments" measured with the schedule; None forgets it."""
        noise, error, data_variance = moments if moments is not None else (None, None, 1.0)
        of = handle_of(schedule, Schedule, 'schedule')
        given = [None if array is None else _values.vector(array, 'float64', schedule.steps, name)
                 for array, name in ((noise, 'noise'), (error, 'error'))]
        lib.model_set_moments(self._handle, of, *given, data_variance)

    def __repr__(self) -> str:
        return '<Model, closed>' if self.closed else f'<Model {self.spec!r}>'

    def __reduce__(self) -> Any:
        return Model.from_bytes, (self.to_bytes(),)

    def __copy__(self) -> Model:
        return Model.from_bytes(self.to_bytes())

