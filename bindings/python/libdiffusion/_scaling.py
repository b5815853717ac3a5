"""How an estimator scales data, and keeps that with its model, by the rules of the command `diffusion train`."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import Model

Doubles = NDArray[np.float64]


def _moments(values: Doubles, whole: NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
    """Shift and scale of columns to mean 0 and variance 1, with the noise counted in that spreads whole numbers."""
    shift = values.mean(axis=0) + np.where(whole, 0.5, 0.0)
    scale = np.sqrt(values.var(axis=0) + np.where(whole, 1 / 12, 0.0))
    return shift, np.where(scale == 0, 1.0, scale)


def fit_scaling(model: Model, data: Doubles, by_columns: bool, dequantize: bool) -> None:
    """Stores with the model how data, [n, dim], comes to its numbers: each column by itself, or all values together."""
    values = data if by_columns else data.reshape(-1, 1)
    whole = (values == np.floor(values)).all(axis=0) & dequantize
    shift, scale = _moments(values, whole)
    texts = {'shift': shift, 'scale': scale, 'dequantize': np.where(whole, 1 / scale, 0.0),
             'minimum': values.min(axis=0), 'maximum': values.max(axis=0)}
    for key, numbers in texts.items():
        model.metadata[f'data.{key}'] = ','.join(map(repr, numbers.tolist()))


class Scaler:
    """The mapping of a model between data and its numbers."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._widths = model.scaling('dequantize').reshape(-1)
        self.nats = float(np.log(model.scaling('scale')).sum())  # a density of the data is lower by this

    def to_model(self, data: Any, random: np.random.Generator) -> NDArray[np.float32]:
        """Data, [n, dim], with the noise that spreads whole numbers."""
        x = self._model.from_data(data).reshape(len(data), -1)
        return np.asarray(x + self._widths * random.random(x.shape), np.float32) if self._widths.any() else x
