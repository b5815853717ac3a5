"""Python's functions called by the library: exceptions go around it, and a Ctrl-C never lands where it would be lost.

A callback that raises returns STOPPED; the library's call then fails with that value, and _library.py raises the very
exception. A signal's handler that ran as a callback is entered could raise before any `try`, where ctypes would print
and forget it: during a call SIGINT's handler is therefore put off until user code runs, or until the call has ended.
"""
from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional

STOPPED = 1


class _Thread(threading.local):
    raised: Optional[BaseException] = None
    in_user_code = False


_thread = _Thread()


class _Interrupts:
    """SIGINT during a call. Only the main thread hears it, and only its outermost call takes the handler over.

    What tells that it has been taken over is the table of signals itself, which no exception can leave half changed.
    """

    def __init__(self) -> None:
        self.handler: Any = None
        self.arrived: Optional[tuple[int, Any]] = None

    def on_signal(self, number: int, frame: Any) -> None:
        if _thread.in_user_code:
            self.handler(number, frame)
        else:
            self.arrived = (number, frame)

    def deliver(self) -> None:
        arrived, self.arrived = self.arrived, None
        if arrived is not None:
            self.handler(*arrived)


_interrupts = _Interrupts()


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _handler_taken_over() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGINT)
    if not _in_main_thread() or not callable(handler) or handler == _interrupts.on_signal:
        yield
        return
    _interrupts.handler, _interrupts.arrived = handler, None
    signal.signal(signal.SIGINT, _interrupts.on_signal)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) == _interrupts.on_signal:
            signal.signal(signal.SIGINT, handler)  # from here on it may raise between any two lines
        _interrupts.deliver()


@contextmanager
def interruptible() -> Iterator[None]:
    """A call of the library that may run long or call back: Ctrl-C ends it at its next callback."""
    was, _thread.in_user_code = _thread.in_user_code, False
    try:
        with _handler_taken_over():
            yield
    finally:
        _thread.in_user_code = was
        if was and _in_main_thread():
            _interrupts.deliver()


def _call_user(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    was = _thread.in_user_code
    try:
        _thread.in_user_code = True
        if _in_main_thread():
            _interrupts.deliver()
        function(*arguments)
    finally:
        _thread.in_user_code = was


def guarded(function: Callable[..., Any]) -> Callable[..., int]:
    """The function as a callback of the library: 0, or STOPPED with the exception kept for take_raised()."""
    def call(*arguments: Any) -> int:
        try:
            _call_user(function, arguments)
            return 0
        except BaseException as error:  # KeyboardInterrupt too: nothing may cross the library
            _thread.raised = error
            return STOPPED
    return call


def take_raised() -> Optional[BaseException]:
    """The exception of the callback that stopped this thread's last call."""
    raised, _thread.raised = _thread.raised, None
    return raised
