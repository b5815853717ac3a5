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
    """SIGINT during a call: only the main thread gets it, and only its outermost call takes the handler over."""

    def __init__(self) -> None:
        self.handler: Optional[Callable[..., Any]] = None
        self.arrived: Optional[tuple[int, Any]] = None

    def on_signal(self, number: int, frame: Any) -> None:
        if _thread.in_user_code and self.handler is not None:
            self.handler(number, frame)
        else:
            self.arrived = (number, frame)

    def deliver(self) -> None:
        if self.arrived is not None and self.handler is not None:
            arrived, self.arrived = self.arrived, None
            self.handler(*arrived)


_interrupts = _Interrupts()


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _handler_taken_over() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGINT)
    if not _in_main_thread() or not callable(handler) or _interrupts.handler is not None:
        yield
        return
    _interrupts.handler = handler
    signal.signal(signal.SIGINT, _interrupts.on_signal)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        try:
            _interrupts.deliver()
        finally:
            _interrupts.handler = None


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
