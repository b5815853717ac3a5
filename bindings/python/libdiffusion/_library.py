"""Finds and loads libdiffusion, and declares its functions: `lib.schedule_create` is diffusion_schedule_create()."""
from __future__ import annotations

import ctypes
import os
import pathlib
import sys
from types import SimpleNamespace
from typing import Any

from . import _raw
from ._callbacks import STOPPED, take_raised
from ._errors import error_of

_MAJOR_MINOR = '.'.join(_raw.VERSION.split('.')[:2])
_NAME, _PATTERN = {
    'darwin': (f'libdiffusion.{_MAJOR_MINOR}.dylib', 'libdiffusion*.dylib'),
    'win32': ('diffusion.dll', '*diffusion*.dll'),
}.get(sys.platform, (f'libdiffusion.so.{_MAJOR_MINOR}', 'libdiffusion.so*'))


def _find() -> str:
    """DIFFUSION_LIBRARY, or the library that a wheel carries, or the name by which the loader knows it."""
    carried = sorted((pathlib.Path(__file__).resolve().parent / 'lib').glob(_PATTERN))
    return os.environ.get('DIFFUSION_LIBRARY') or (str(carried[0]) if carried else _NAME)


def _load(path: str) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(path)
        version = library.diffusion_version
    except (OSError, AttributeError) as error:
        raise ImportError(f'libdiffusion cannot be loaded ({error}): install it, or name its file in the environment '
                          'variable DIFFUSION_LIBRARY') from None
    version.restype = ctypes.c_char_p
    found = version().decode()
    if found.split('.')[:2] != _MAJOR_MINOR.split('.'):
        raise ImportError(f'{path} is libdiffusion {found}, but this package is for version {_MAJOR_MINOR}: '
                          'install the package and the library of one version')
    return library


def _check(status: int, _function: Any, _arguments: Any) -> None:
    if status == 0:
        return
    raised = take_raised()
    if status == STOPPED and raised is not None:
        raise raised
    raise error_of(status, lib.last_error().decode(), lib.status_name(status).decode())


def _declare(library: ctypes.CDLL) -> SimpleNamespace:
    functions = {}
    prototypes: Any = _raw.PROTOTYPES
    for name, (result, *arguments) in prototypes.items():
        try:
            function: Any = library[f'diffusion_{name}']
        except AttributeError:
            raise ImportError(f'{path} lacks diffusion_{name}(): it is older than this package') from None
        function.argtypes = arguments
        function.restype = ctypes.c_int32 if result is _raw.STATUS else result
        if result is _raw.STATUS:
            function.errcheck = _check
        functions[name] = function
    return SimpleNamespace(**functions)


path = _find()
lib = _declare(_load(path))
