"""An estimator in the manner of scikit-learn, which is not needed."""
from __future__ import annotations

import copy
import inspect
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._progress import Progress
from ._scaling import Scaler, fit_scaling
from .condition import Condition
from .evaluator import Evaluator
from .model import Model
from .sampler import Sampler
from .schedule import Schedule
from .trainer import Trainer


class _Parameters:
    """get_params() and set_params() over the arguments of __init__, as sklearn.base.BaseEstimator has them."""

    @classmethod
    def _names(cls) -> list[str]:
        return [name for name in inspect.signature(cls).parameters]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Any:
        for name, value in params.items():
            if name not in self._names():
                raise ValueError(f'{name!r} is no parameter of {type(self).__name__}: {", ".join(self._names())}')
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        given = ', '.join(f'{name}={value!r}' for name, value in self.get_params().items()
                          if value != defaults[name].default)
        return f'{type(self).__name__}({given})'

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags  # asked for by scikit-learn 1.6 and later alone
        return Tags(estimator_type='density_estimator', target_tags=TargetTags(required=False), input_tags=InputTags())


class DiffusionEstimator(_Parameters):
    """Learns the density of data by a diffusion model: fit, sample, score_samples, score.

    Args:
        model: a kind of network and its keys, without shape= and classes=, which the data says.
        schedule, trainer, sampler, evaluator: specs; see libdiffusion.help().
        steps: of the training.
        batch: samples in a step.
        scale: "columns" brings each column to mean 0 and variance 1, "all" all values together (images), "none"
            leaves them; "auto" is "columns" for tables [n, features] and "all" for [n, height, width, channels].
        dequantize: spreads columns of whole numbers evenly over intervals of 1; samples are whole numbers again, and
            scores their log probabilities.
        random_state: an int, a numpy RandomState, or None for chance.
        progress: True for a bar of tqdm's while it is fitted.

    After fit: model_ (a Model, which knows how its data was scaled: model_.save() writes a file for the command
    `diffusion` too), schedule_, classes_ (None without y), losses_, n_features_in_ and, of a data frame,
    feature_names_in_, which other frames must have in that order. It works with sklearn.base.clone() and at the end of
    a Pipeline, and pickles.
    """

    def __init__(self, model: str = 'mlp width=128 depth=3 predict=v variance=learned_range',
                 schedule: str = 'cosine steps=100', trainer: str = 'objective=hybrid rate=2e-3 ema=0.995',
                 sampler: str = 'ancestral', evaluator: str = 'elbo draws=4', *, steps: int = 2000, batch: int = 128,
                 scale: str = 'auto', dequantize: bool = True, random_state: Any = None,
                 progress: Progress = None) -> None:
        self.model, self.schedule, self.trainer = model, schedule, trainer
        self.sampler, self.evaluator = sampler, evaluator
        self.steps, self.batch = steps, batch
        self.scale, self.dequantize = scale, dequantize
        self.random_state, self.progress = random_state, progress

    def fit(self, X: ArrayLike, y: Optional[ArrayLike] = None) -> DiffusionEstimator:
        """Fits the model to data, [n, ...], and to its classes y, [n], of any kind, if they are given."""
        made = copy.copy(self)
        made._fit(X, y)
        self.__dict__ = made.__dict__  # a fit that fails leaves it as it was
        return self

    def _fit(self, X: ArrayLike, y: Optional[ArrayLike]) -> None:
        data = _finite_rows(X, None)
        self.n_features_in_ = _values.size(data.shape[1:])
        self._keep_feature_names(X)
        labels = self._learn_classes(y, len(data))
        seed = _seed(self.random_state)
        self.schedule_ = Schedule(self.schedule)
        with Model(self._model_spec(data.shape[1:]), seed) as model:
            if self.scale != 'none':
                fit_scaling(model, data.reshape(len(data), -1), self._by_columns(data.ndim), self.dequantize)
            with Trainer(model, self.schedule_, f'{self.trainer} seed={seed}') as trainer:
                self.losses_ = self._train(trainer, data, labels, np.random.default_rng(seed))
                self.model_ = Model.from_bytes(trainer.model.to_bytes())

    def _keep_feature_names(self, X: ArrayLike) -> None:
        vars(self).pop('feature_names_in_', None)
        names = _feature_names(X)
        if names is not None:
            self.feature_names_in_ = names

    def _check_feature_names(self, X: ArrayLike) -> None:
        seen, names = getattr(self, 'feature_names_in_', None), _feature_names(X)
        if seen is not None and names is not None and seen.tolist() != names.tolist():
            raise ValueError(f'X has the columns {", ".join(names)}, but fit() had {", ".join(seen)}')

    def _learn_classes(self, y: Optional[ArrayLike], n: int) -> Optional[NDArray[np.int32]]:
        self.classes_: Optional[NDArray[Any]] = None
        if y is None:
            return None
        self.classes_, labels = np.unique(_classes(y, n), return_inverse=True)
        self.class_prior_ = np.bincount(labels) / n
        return labels.astype(np.int32)

    def _model_spec(self, shape: tuple[int, ...]) -> str:
        classes = '' if self.classes_ is None else f' classes={len(self.classes_)}'
        return f'{self.model} shape={",".join(map(str, shape))}{classes}'

    def _by_columns(self, rank: int) -> bool:
        if self.scale not in ('auto', 'columns', 'all'):
            raise ValueError(f'scale is {self.scale!r}, expected "auto", "columns", "all" or "none"')
        return self.scale == 'columns' or (self.scale == 'auto' and rank == 2)

    def _train(self, trainer: Trainer, data: NDArray[np.float64], labels: Optional[NDArray[np.int32]],
               random: np.random.Generator) -> NDArray[np.float64]:
        scaler = Scaler(trainer.model)
        return trainer.fit(data, labels, steps=self.steps, batch=self.batch, progress=self.progress,
                           prepare=lambda rows: scaler.to_model(rows, random))

    def sample(self, n_samples: int = 1, y: Optional[ArrayLike] = None, *, random_state: Any = None
               ) -> NDArray[np.float64]:
        """New data, [n_samples, ...], in its own units.

        Args:
            y: the class of each sample, or one for all; without it classes are drawn as often as fit() saw them.
            random_state: in place of the estimator's.
        """
        self._check_fitted()
        seed = _seed(self.random_state if random_state is None else random_state)
        condition = self._condition(self._draw_classes(n_samples, seed) if y is None else y, n_samples)
        with Sampler(self.model_, self.schedule_, f'{self.sampler} seed={seed}') as sampler:
            return self.model_.to_data(sampler.run(n_samples, condition))

    def _draw_classes(self, n: int, seed: int) -> Optional[NDArray[Any]]:
        if self.classes_ is None:
            return None
        return np.random.default_rng(seed).choice(self.classes_, n, p=self.class_prior_)

    def _condition(self, y: Optional[ArrayLike], n: int) -> Optional[Condition]:
        if self.classes_ is None:
            if y is not None:
                raise ValueError('y is given, but fit() had none')
            return None
        if y is None:
            raise ValueError('fit() had classes: y is needed')
        given = np.full(n, y) if np.ndim(y) == 0 else _classes(y, n)
        labels = np.searchsorted(self.classes_, given).clip(max=len(self.classes_) - 1)
        unknown = given[self.classes_[labels] != given]
        if len(unknown) > 0:
            raise ValueError(f'y has {unknown[0]!r}, a class that fit() did not see')
        return Condition(labels=labels)

    def score_samples(self, X: ArrayLike, y: Optional[ArrayLike] = None) -> NDArray[np.float64]:
        """A lower bound on the log density of each row of data, [n], in nats and in the data's own units.

        With evaluator="iwae samples=64" it is closer, with "flow" it is the density of another law, and no bound.
        """
        self._check_fitted()
        self._check_feature_names(X)
        data = _finite_rows(X, self.model_.shape)
        scaler, seed = Scaler(self.model_), _seed(self.random_state)
        x = scaler.to_model(data, np.random.default_rng(seed))
        with Evaluator(self.model_, self.schedule_, f'{self.evaluator} seed={seed}') as evaluator:
            bits = evaluator.run(x, self._condition(y, len(x))).samples().values
        return bits * np.log(2) - scaler.nats

    def score(self, X: ArrayLike, y: Optional[ArrayLike] = None) -> float:
        """The mean of score_samples()."""
        return float(self.score_samples(X, y).mean())

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise ValueError('this DiffusionEstimator is not fitted yet: call fit() first')

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, 'model_')


def _finite_rows(X: ArrayLike, shape: Optional[tuple[int, ...]]) -> NDArray[np.float64]:
    data = _values.rows(X, 'float64', shape, 'X')
    if not np.isfinite(data).all():
        raise ValueError('X has values that are not finite')
    if len(data) == 0:
        raise ValueError('X has no rows')
    return data


def _feature_names(X: ArrayLike) -> Optional[NDArray[Any]]:
    """The names of a data frame's columns; None of what has none."""
    names = getattr(X, 'columns', None)
    named = names is not None and all(isinstance(name, str) for name in names)
    return np.asarray(names, object) if named else None


def _classes(y: ArrayLike, n: int) -> NDArray[Any]:
    """A class for each of n rows, none of them missing."""
    given = np.asarray(y)
    if given.shape != (n,):
        raise ValueError(f'y has shape {given.shape}, expected ({n},)')
    if any(value is None or value != value for value in given.tolist()):
        raise ValueError('y has missing values')
    return given


def _seed(random_state: Any) -> int:
    if random_state is None:
        return int(np.random.default_rng().integers(2**31))
    if hasattr(random_state, 'randint'):
        return int(random_state.randint(2**31))
    return _values.uint64(random_state, 'random_state')
