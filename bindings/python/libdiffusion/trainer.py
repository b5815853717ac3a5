"""Fits a model's reverse process to data."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import byref, c_char_p, c_double
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import Runner, decode, handle_of, lib
from ._progress import Progress, function_of
from ._texts import Metadata
from .condition import Condition, suited
from .model import Model
from .schedule import Schedule


class Trainer(Runner):
    """A trainer, which changes the model in place; of a spec such as "objective=hybrid rate=2e-4 ema=0.9995 seed=1".

    help("trainer") lists the keys. For one thread at a time: a call that meets another thread's is a StateError.
    """

    _free = lib.trainer_free

    def __init__(self, model: Model, schedule: Schedule, spec: str) -> None:
        self._make(lib.trainer_create, handle_of(model, Model, 'model'), handle_of(schedule, Schedule, 'schedule'),
                   _values.text(spec))
        self._shape = model.shape

    @classmethod
    def resume(cls, path: _values.Path) -> Trainer:
        """A trainer with a model and schedule of its own, that goes on from a checkpoint to the same bits."""
        self = cls.__new__(cls)
        self._make(lib.trainer_resume, _values.path(path))
        self._shape = self.model.shape
        return self

    def draw(self, count: int, n: int) -> NDArray[np.int64]:
        """Which of `count` samples the next step should train on, [n]: shuffled anew for each epoch."""
        indices = np.empty(_values.count(n), np.int64)
        with self._alone() as handle:
            lib.trainer_draw(handle, _values.count(count, 'count'), len(indices), indices)
        return indices

    def step(self, x0: ArrayLike, condition: Optional[Condition] = None) -> float:
        """One step on data [n, ...], scaled so that the prior N(0, 1) suits it. Returns the loss before the step."""
        loss, rows = c_double(), self._rows(x0)
        with self._alone() as handle:
            lib.trainer_step(handle, rows, suited(condition, self._shape), len(rows), byref(loss))
        return loss.value

    def fit(self, x0: ArrayLike, labels: Optional[ArrayLike] = None, *, steps: int, batch: Optional[int] = None,
            prepare: Optional[Callable[[NDArray[Any]], ArrayLike]] = None, progress: Progress = None
            ) -> NDArray[np.float64]:
        """So many steps on batches of a data set, [count, ...], chosen by draw(). Returns each step's loss.

        Args:
            labels: [count], the class of each sample.
            batch: samples in a step, by default as many as the spec says.
            prepare: makes of a batch's rows what is trained on: scaled, say, or mirrored by chance.
            progress: True for a bar of tqdm's (where it is installed), or a function of (done, total).
        """
        data = np.asarray(x0) if prepare else self._rows(x0)
        losses = np.empty(_values.count(steps, 'steps'))
        if batch is None:
            batch = int(dict(pair.split('=') for pair in self.spec.split())['batch'])
        classes = None if labels is None else _values.vector(labels, 'int32', len(data), 'labels')
        with function_of(progress) as tell:
            for i in range(len(losses)):
                chosen = self.draw(len(data), batch)
                condition = None if classes is None else Condition(labels=classes[chosen])
                losses[i] = self.step(prepare(data[chosen]) if prepare else data[chosen], condition)
                if tell is not None:
                    tell(i + 1, len(losses))
        return losses

    def gradient(self, x0: ArrayLike, condition: Optional[Condition] = None
                 ) -> tuple[float, dict[str, NDArray[np.float32]]]:
        """The loss and its gradient, by the names of parameters, for the next step's draws, which are not taken."""
        loss, rows, parameters = c_double(), self._rows(x0), self.model.parameters
        shapes = {name: parameters.shape_of(name) for name in parameters}
        flat = np.empty(sum(map(_values.size, shapes.values())), np.float32)
        with self._alone() as handle:
            lib.trainer_gradient(handle, rows, suited(condition, self._shape), len(rows),
                                 byref(loss), flat, flat.size)
        parts = np.split(flat, np.cumsum([_values.size(shape) for shape in shapes.values()])[:-1])
        return loss.value, {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts)}

    def loss(self, x0: ArrayLike, condition: Optional[Condition] = None, *, first: int = 0) -> float:
        """The mean loss of samples not trained on, by the averaged weights; sample i has the draws of first + i."""
        loss, rows = c_double(), self._rows(x0)
        with self._alone() as handle:
            lib.trainer_loss(handle, rows, suited(condition, self._shape), len(rows),
                             _values.uint64(first, 'first'), byref(loss))
        return loss.value

    def change(self, spec: str) -> None:
        """Changes rate, decay, steps and batch in mid-run, "rate=1e-4 steps=3000"."""
        with self._alone() as handle:
            lib.trainer_change(handle, _values.text(spec))

    def _rows(self, x0: ArrayLike) -> NDArray[np.float32]:
        return _values.rows(x0, 'float32', self._shape, 'x0')

    @property
    def steps(self) -> int:
        """Steps taken so far, those before a resume included."""
        return lib.trainer_steps(self._handle)

    @property
    def rate(self) -> float:
        """The learning rate of the next step, warm-up and decay applied."""
        return lib.trainer_rate(self._handle)

    @property
    def spec(self) -> str:
        """The complete spec, defaults spelled out."""
        return decode(lib.trainer_spec(self._handle))

    @property
    def model(self) -> Model:
        """The model with the averaged (EMA) weights, or the trained model itself with ema=0.

        It changes with every step and ends with the trainer: copy.copy() makes one that stays.
        """
        return Model._borrow(lib.trainer_model(self._handle), self)

    @property
    def schedule(self) -> Schedule:
        """The schedule as it stands: a copy of the one given, or with learn_schedule of the one reached."""
        with self._alone() as handle:
            return Schedule(decode(lib.schedule_spec(lib.trainer_schedule(handle))))

    @property
    def metadata(self) -> Metadata:
        """Texts stored with the checkpoints."""
        return Metadata(self, lib.trainer_metadata, lib.trainer_set_metadata)

    def save(self, path: _values.Path) -> None:
        """Writes a checkpoint, whole or not at all: all that resume() needs."""
        with self._alone() as handle:
            lib.trainer_save(handle, _values.path(path))

    def save_snapshot(self, path: _values.Path) -> None:
        """Writes the averages that post_hoc_ema=yes keeps, for average()."""
        with self._alone() as handle:
            lib.trainer_save_snapshot(handle, _values.path(path))

    @staticmethod
    def average(snapshots: Sequence[_values.Path], width: float) -> tuple[Model, float]:
        """The model whose weights are the average of any width, and how far from the one wanted that is (relative)."""
        paths, error = [_values.path(path) for path in snapshots], c_double()
        model = Model.__new__(Model)
        model._make(lib.trainer_average, (c_char_p * len(paths))(*paths), len(paths), width, byref(error))
        return model, error.value

    def __repr__(self) -> str:
        return '<Trainer, closed>' if self.closed else f'<Trainer {self.spec!r} at step {self.steps}>'
