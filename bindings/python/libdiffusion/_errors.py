"""Exceptions: one for each group of the library's status codes, also deriving from what Python itself would raise."""
from __future__ import annotations

from typing import Any

from . import _raw


class DiffusionError(Exception):
    """A call of the library that failed. str() is the library's sentence.

    Attributes:
        status: the number, negative; or what a callback stopped the call with.
        name: the status by name, such as "spec".
    """

    def __init__(self, sentence: str, status: int = 0, name: str = '') -> None:
        super().__init__(sentence)
        self.status = status
        self.name = name

    __str__ = Exception.__str__  # the sentence alone, also where KeyError or OSError would put it otherwise

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.status, self.name)


class ArgumentError(DiffusionError, ValueError):
    """A number outside its range, or something missing."""


class SpecError(DiffusionError, ValueError):
    """A spec that does not parse: unknown kind or key, bad value, contradiction."""


class ShapeError(DiffusionError, ValueError):
    """Sizes that do not fit one another."""


class StepError(DiffusionError, ValueError):
    """A step t outside 1..T."""


class KernelError(DiffusionError, ValueError):
    """The Gaussian or binomial kernel where the other is needed."""


class UnknownNameError(DiffusionError, KeyError):
    """A parameter, quantity or topic that does not exist."""


class StateError(DiffusionError, RuntimeError):
    """A call out of order, such as a step of a sampler that has finished."""


class LabelError(DiffusionError, ValueError):
    """A class label outside the model's classes, or labels where there are none."""


class OutOfMemoryError(DiffusionError, MemoryError):
    """An allocation failed, or a size cannot be addressed."""


class FileError(DiffusionError, OSError):
    """The operating system refused to open, read, write or rename."""


class FormatError(DiffusionError, ValueError):
    """A file that breaks its format's rules."""


class ContentError(DiffusionError, ValueError):
    """A sound file with the wrong content."""


class NonfiniteError(DiffusionError, ValueError):
    """A NaN or infinity in data, loss or gradient."""


_CLASSES = {
    _raw.E_ARGUMENT: ArgumentError, _raw.E_SPEC: SpecError, _raw.E_SHAPE: ShapeError, _raw.E_STEP: StepError,
    _raw.E_KERNEL: KernelError, _raw.E_NAME: UnknownNameError, _raw.E_STATE: StateError, _raw.E_LABEL: LabelError,
    _raw.E_MEMORY: OutOfMemoryError, _raw.E_IO: FileError, _raw.E_FORMAT: FormatError,
    _raw.E_CONTENT: ContentError, _raw.E_NONFINITE: NonfiniteError,
}


def error_of(status: int, sentence: str, name: str) -> DiffusionError:
    return _CLASSES.get(status, DiffusionError)(sentence, status, name)
