"""The paper's closed forms on arrays: forward steps and marginals, posteriors, divergences, entropies.

Pure functions, for any number of threads. Arrays of samples are [n, ...]; elementwise ones may have any shape, and
broadcast against each other.
"""
from __future__ import annotations

from ctypes import byref, c_double
from typing import Any, Optional

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _values
from ._handle import handle_of, lib
from .schedule import Schedule

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]


def forward_sample(schedule: Schedule, t: ArrayLike, x0: ArrayLike, noise: ArrayLike) -> Floats:
    """x_t of q(x_t | x_0), [n, ...]: sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) noise; bits by uniform draws.

    Args:
        t: steps, [n] or one for all, each 1..T.
        x0: data, [n, ...].
        noise: as x0: standard normal draws, or uniform ones in [0, 1) for bits.
    """
    data, drawn = _samples(x0, noise, 'x0')
    out = np.empty(data.shape, np.float32)
    lib.forward_sample(_of(schedule), _values.vector(t, 'int32', len(data), 't'), data, drawn, *_sizes(data), out)
    return out


def forward_step(schedule: Schedule, t: int, previous: ArrayLike, noise: ArrayLike) -> Floats:
    """x_t of q(x_t | x_{t-1}), [n, ...]; t is the step arrived at."""
    data, drawn = _samples(previous, noise, 'previous')
    out = np.empty(data.shape, np.float32)
    lib.forward_step(_of(schedule), _values.int32(t, 't'), data, drawn, *_sizes(data), out)
    return out


def forward_trajectory(schedule: Schedule, x0: ArrayLike, noise: ArrayLike) -> Floats:
    """A whole trajectory, [T, n, ...], element t - 1 being x_t, by noise of that shape."""
    data, drawn = _values.rows(x0, 'float32', None, 'x0'), _values.array(noise, 'float32', 'noise')
    if drawn.shape != (schedule.steps, *data.shape):
        raise ValueError(f'noise has shape {drawn.shape}, expected {(schedule.steps, *data.shape)}')
    out = np.empty(drawn.shape, np.float32)
    lib.forward_trajectory(_of(schedule), data, drawn, *_sizes(data), out)
    return out


def marginal(schedule: Schedule, t: int, x0: ArrayLike) -> tuple[Doubles, Doubles]:
    """Mean and variance of q(x_t | x_0); of bits the rate and its variance. Shapes are that of x0."""
    (data,), mean, variance = _doubles(x0=x0), *_results(x0)
    lib.marginal(_of(schedule), _values.int32(t, 't'), data, data.size, mean, variance)
    return mean, variance


def posterior(schedule: Schedule, t: int, x0: ArrayLike, xt: ArrayLike) -> tuple[Doubles, Doubles]:
    """Mean and variance of q(x_{t-1} | x_t, x_0); of bits the rate and its variance."""
    data, noisy = _doubles(x0=x0, xt=xt)
    mean, variance = _results(data)
    lib.posterior(_of(schedule), _values.int32(t, 't'), data, noisy, data.size, mean, variance)
    return mean, variance


def gaussian_kl(mean1: ArrayLike, variance1: ArrayLike, mean2: ArrayLike, variance2: ArrayLike) -> float:
    """KL(N(mean1, variance1) || N(mean2, variance2)) in nats, summed over independent components."""
    nats = c_double()
    arrays = _doubles(mean1=mean1, variance1=variance1, mean2=mean2, variance2=variance2)
    lib.gaussian_kl(*arrays, arrays[0].size, byref(nats))
    return nats.value


def bernoulli_kl(rate1: ArrayLike, rate2: ArrayLike) -> float:
    """KL(B(rate1) || B(rate2)) in nats, summed over bits; infinite where rate2 rules out what rate1 allows."""
    nats, arrays = c_double(), _doubles(rate1=rate1, rate2=rate2)
    lib.bernoulli_kl(*arrays, arrays[0].size, byref(nats))
    return nats.value


def discretized_log_likelihood(x: ArrayLike, mean: ArrayLike, variance: ArrayLike, *, levels: int = 256,
                               cdf: str = 'normal') -> Doubles:
    """The log probability, in nats, of each value of data in `levels` bins over -1..1 under a Gaussian.

    Args:
        cdf: "normal", or "tanh", the approximation that published bits per dimension use.
    """
    arrays = _doubles(x=x, mean=mean, variance=variance)
    nats = np.empty(arrays[0].shape)
    lib.discretized_log_likelihood(_values.text(cdf, 'cdf'), *arrays, nats.size, _values.int32(levels, 'levels'), nats)
    return nats


def entropy(schedule: Schedule, which: str, t: int, first: ArrayLike, second: Optional[ArrayLike] = None) -> float:
    """The entropy of a conditional of the forward process in nats, summed over components.

    Args:
        which: "step", q(x_t | x_{t-1}), first = x_{t-1}; "marginal", q(x_t | x_0), first = x_0; "posterior",
            q(x_{t-1} | x_t, x_0), first = x_0 and second = x_t.
        first: of the Gaussian kernel the shape alone matters.
    """
    nats = c_double()
    given = {'first': first} if second is None else {'first': first, 'second': second}
    arrays = [*_doubles(**given), None][:2]
    assert arrays[0] is not None
    lib.entropy(_of(schedule), _values.text(which, 'which'), _values.int32(t, 't'), *arrays, arrays[0].size,
                byref(nats))
    return nats.value


def entropy_bounds(schedule: Schedule, t: int) -> tuple[float, float]:
    """The bounds on H(X_{t-1} | X_t), nats per dimension, equations 24 and 36 of the paper: (lower, upper)."""
    lower, upper = c_double(), c_double()
    lib.entropy_bounds(_of(schedule), _values.int32(t, 't'), byref(lower), byref(upper))
    return lower.value, upper.value


def prediction_convert(schedule: Schedule, t: float, source: str, target: str, x: ArrayLike, output: ArrayLike
                       ) -> Doubles:
    """Rewrites what one prediction, "epsilon" say, says of x_t as another, "velocity" or "edm sigma_data=1"."""
    noisy, told = _doubles(x=x, output=output)
    out = np.empty(noisy.shape)
    lib.prediction_convert(_of(schedule), t, _values.text(source, 'source'), _values.text(target, 'target'), noisy,
                           told, noisy.size, out)
    return out


def _of(schedule: Schedule) -> int:
    return handle_of(schedule, Schedule, 'schedule')


def _samples(data: ArrayLike, noise: ArrayLike, name: str) -> tuple[Floats, Floats]:
    rows, drawn = _values.rows(data, 'float32', None, name), _values.array(noise, 'float32', 'noise')
    if rows.shape != drawn.shape:
        raise ValueError(f'{name} has shape {rows.shape} and noise {drawn.shape}')
    return rows, drawn


def _sizes(rows: NDArray[Any]) -> tuple[int, int]:
    return len(rows), _values.size(rows.shape[1:])


def _doubles(**values: ArrayLike) -> list[Doubles]:
    """The arguments as arrays of one shape."""
    arrays = [_values.array(value, 'float64', name) for name, value in values.items()]
    return [np.require(array, 'float64', ['C', 'A']) for array in np.broadcast_arrays(*arrays)]


def _results(like: ArrayLike) -> tuple[Doubles, Doubles]:
    shape = np.shape(like)
    return np.empty(shape), np.empty(shape)
