"""libdiffusion: train, sample and measure diffusion probabilistic models on an ordinary CPU.

    import libdiffusion as ld

    schedule = ld.Schedule("cosine steps=100")
    model = ld.Model("mlp shape=2 width=128 depth=3 predict=epsilon", seed=1)
    trainer = ld.Trainer(model, schedule, "objective=simple rate=1e-3 seed=1")
    trainer.fit(x0, steps=1000)                          # x0: [n, 2], scaled to mean 0 and variance 1
    x = ld.Sampler(trainer.model, schedule, "ddim steps=20 seed=7").run(16)

Whatever has options is made from one line of text, a kind and then key=value pairs; help("model") and the like print
every kind, key, default and range. Arrays are numpy's: float32 contiguous ones go in without a copy, others are
converted, and what does not fit is refused. Samples are [n, *shape], images [n, height, width, channels].

Errors are DiffusionError and its subclasses, with the library's sentence, .status and .name. An exception that a
callback raises comes out of the call that it stopped.

Threads. Calls release the GIL. Schedules and conditions are immutable; a model may be used by any number of threads as
long as none changes it. A trainer, sampler, evaluator or coder is for one thread at a time: a call that meets another
thread's is refused by StateError. Results do not depend on the number of threads.
"""
from ._errors import (ArgumentError, ContentError, DiffusionError, FileError, FormatError, KernelError, LabelError,
                      NonfiniteError, OutOfMemoryError, ShapeError, SpecError, StateError, StepError,
                      UnknownNameError)
from .coder import Coder
from .condition import Condition
from .estimator import DiffusionEstimator
from .evaluator import Evaluator, Figures
from .model import Model, Moments
from .process import (bernoulli_kl, discretized_log_likelihood, entropy, entropy_bounds, forward_sample, forward_step,
                      forward_trajectory, gaussian_kl, marginal, posterior, prediction_convert)
from .runtime import blas_core, blas_threading, help, set_log, set_parameter_limit, set_threads, threads, version
from .sampler import Sampler, State
from .schedule import Level, Schedule
from .trainer import Trainer

__version__ = version()
__all__ = [
    'ArgumentError', 'Coder', 'Condition', 'ContentError', 'DiffusionError', 'DiffusionEstimator', 'Evaluator',
    'Figures', 'FileError', 'FormatError', 'KernelError', 'LabelError', 'Level', 'Model', 'Moments', 'NonfiniteError',
    'OutOfMemoryError', 'Sampler', 'Schedule', 'ShapeError', 'SpecError', 'State', 'StateError', 'StepError', 'Trainer',
    'UnknownNameError', 'bernoulli_kl', 'blas_core', 'blas_threading', 'discretized_log_likelihood', 'entropy',
    'entropy_bounds', 'forward_sample', 'forward_step', 'forward_trajectory', 'gaussian_kl', 'help', 'marginal',
    'posterior', 'prediction_convert', 'set_log', 'set_parameter_limit', 'set_threads', 'threads', 'version',
]
