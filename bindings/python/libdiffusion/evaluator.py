"""Measures models on data, and samples against data."""
from __future__ import annotations

from ctypes import byref, c_double
from typing import Any, NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import Runner, decode, lib, optional_handle
from ._noise import Noise, noise_callback
from ._progress import Listener, Progress
from .condition import Condition, suited
from .model import Model, Moments
from .schedule import Schedule


class Figures(NamedTuple):
    """Figures, of steps or of samples, and their standard errors."""

    values: NDArray[np.float64]
    standard_error: NDArray[np.float64]


class Evaluator(Runner):
    """An evaluator, of a spec such as "elbo draws=4 seed=1", "flow", "iwae samples=64", "mmd", "nearest".

    help("evaluator") lists kinds and keys. Kinds that compare two sets of rows take None for model and schedule. For
    one thread at a time while it runs; evaluator["k_bits"] reads a figure of the last run, from any thread.

        bits = Evaluator(model, schedule, "elbo draws=4").run(x0)["k_bits"]
    """

    _free = lib.evaluator_free

    def __init__(self, model: Optional[Model], schedule: Optional[Schedule], spec: str) -> None:
        self._make(lib.evaluator_create, optional_handle(model, Model, 'model'),
                   optional_handle(schedule, Schedule, 'schedule'), _values.text(spec))
        self._shape = self._model_shape = None if model is None else model.shape
        self._steps = 0 if schedule is None else schedule.steps
        self._n = 0
        self._listener = Listener()
        self._network = None if model is None else model._callback  # lives as long as what calls it
        self._noise: Any = None
        lib.evaluator_set_progress(self._handle, self._listener.callback, None)

    def run(self, x0: ArrayLike, condition: Optional[Condition] = None, *, progress: Progress = None) -> Evaluator:
        """Measures data, [n, ...], scaled as the model expects; or compares samples with the reference, in its unit.

        Args:
            condition: of n samples.
            progress: True for a bar of tqdm's (where it is installed), or a function of (done, total), which stops the
                run by raising. The figures of the run before then stay.
        """
        rows = _values.rows(x0, 'float32', self._shape, 'x0')
        with self._alone() as handle, self._listener.telling(progress):
            lib.evaluator_run(handle, rows, suited(condition, self._shape), len(rows))
            self._n = len(rows)
        return self

    def set_reference(self, samples: ArrayLike) -> None:
        """What a run is measured against, [m, ...], copied: the model's samples (parzen), or data."""
        rows = _values.rows(samples, 'float32', self._model_shape, 'samples')
        dim = _values.size(rows.shape[1:])
        with self._alone() as handle:
            lib.evaluator_set_reference(handle, rows, len(rows), dim)
            self._shape = self._model_shape or rows.shape[1:]

    def set_noise(self, noise: Optional[Noise]) -> None:
        """Replaces the seeded generator by noise(count, sample, step) -> [count] draws; None restores it."""
        callback = noise_callback(noise)
        with self._alone() as handle:
            lib.evaluator_set_noise(handle, callback, None)
        self._noise = callback

    def value(self, quantity: str) -> float:
        """One figure of the last run, the mean over samples, in bits per sample unless its name says otherwise.

        elbo: "k_bits", "null_bits", "k_minus_null_bits", "standard_error_bits", "bits_per_dimension", ...; flow and
        parzen: "log_density_bits"; iwae: "log_likelihood_bits", "effective_samples"; sliced_wasserstein: "distance";
        mmd: "mmd_squared"; two_sample: "accuracy"; nearest: "mean_distance". <diffusion/evaluator.h> has them all.
        """
        out = c_double()
        lib.evaluator_value(self._handle, _values.text(quantity, 'quantity'), byref(out))
        return out.value

    __getitem__ = value

    def terms(self) -> Figures:
        """The term of every step (elbo), bits, [T]: element t - 1 is the KL of step t, 0 -E[log2 p(x_0 | x_1)]."""
        figures = Figures(np.empty(self._steps), np.empty(self._steps))
        lib.evaluator_terms(self._handle, *figures)
        return figures

    def samples(self) -> Figures:
        """The figure of every sample, [n]: K or the log density in bits, or (nearest) the distance."""
        figures = Figures(np.empty(self._n), np.empty(self._n))
        lib.evaluator_samples(self._handle, *figures, self._n)
        return figures

    def neighbours(self) -> NDArray[np.int64]:
        """Which row of the reference is nearest to every sample (nearest), [n]."""
        rows = np.empty(self._n, np.int64)
        lib.evaluator_neighbours(self._handle, rows, self._n)
        return rows

    def moments(self) -> Moments:
        """What a run of "moments" measured, for Model.set_moments()."""
        noise, error = np.empty(self._steps), np.empty(self._steps)
        lib.evaluator_moments(self._handle, noise, error)
        return Moments(noise, error, self.value('data_variance'))

    @property
    def spec(self) -> str:
        """The complete spec, defaults spelled out."""
        return decode(lib.evaluator_spec(self._handle))

    def __repr__(self) -> str:
        return '<Evaluator, closed>' if self.closed else f'<Evaluator {self.spec!r}>'
