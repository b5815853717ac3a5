"""The few things that belong to the process or thread: version, threads, log, and the help texts of specs."""
from __future__ import annotations

from collections.abc import Callable
from ctypes import byref, c_size_t, create_string_buffer
from typing import Any, Optional

from . import _raw, _values
from ._handle import lib

_log: Any = None


def version() -> str:
    """The version of the loaded library."""
    return lib.version().decode()


def blas_core() -> str:
    """The OpenBLAS kernel set in use, such as "SkylakeX" or "Haswell"."""
    return lib.blas_core().decode()


def blas_threading() -> str:
    """How the loaded OpenBLAS makes threads: "serial", "pthreads" or "openmp"."""
    return lib.blas_threading().decode()


def threads() -> int:
    """The number of threads that a call made from this thread would use now."""
    return lib.threads()


def set_threads(threads: int) -> None:
    """How many threads the calls made from this thread may use, 1..1024; results do not depend on it.

    0 is the default: the environment's OMP_NUM_THREADS, else all processors.
    """
    lib.set_threads(_values.int32(threads, 'threads'))


def set_parameter_limit(count: int) -> None:
    """How many parameters a Model may be asked for, for the whole process; 2^30 unless it is set."""
    lib.set_parameter_limit(_values.count(count, 'count'))


def set_log(log: Optional[Callable[[str, str], Any]]) -> None:
    """The function that hears of warnings, log(level, message), for the whole process; None for silence.

    It is called from any thread that calls the library; what it raises is printed by sys.unraisablehook.
    """
    global _log

    def call(level: bytes, message: bytes, _user: Any) -> None:
        if log is not None:
            log(level.decode(), message.decode())

    callback = _raw.log_fn(0) if log is None else _raw.log_fn(call)
    lib.set_log(callback, None)
    _log = callback


def help(topic: str) -> str:
    """Every kind and key of a spec with its values, default and meaning, as text to print.

    Args:
        topic: "schedule", "model", "trainer", "sampler", "evaluator" or "coder".
    """
    needed, name = c_size_t(), _values.text(topic, 'topic')
    lib.help(name, None, 0, byref(needed))
    text = create_string_buffer(needed.value)
    lib.help(name, text, needed.value, None)
    return text.value.decode()
