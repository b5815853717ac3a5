"""Python's functions called by the library: exceptions go around it, and a signal never lands where it would be lost.

A callback that raises returns STOPPED; the library's call then fails with that value, and _library.py raises the very
exception. A signal's handler that ran as a callback is entered could raise before any `try`, where ctypes would print
and forget it, be it a Ctrl-C, a time-out by SIGALRM or the end that SIGTERM asks for: during a call the handlers of
Python's are therefore put off until user code runs, or until the call has ended.
"""
from __future__ import annotations

import signal
import threading
from _signal import getsignal  # signal.getsignal() makes enumerations: for all numbers that takes longer than a step
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Optional

STOPPED = 1


class _Thread(threading.local):
    raised: Optional[BaseException] = None
    in_user_code = False


_thread = _Thread()


class _Signals:
    """Signals during a call. Only the main thread hears them, and only its outermost call takes their handlers over.

    A handler may raise as soon as the first one is given back. Those that are not then are given back when their signal
    comes, or after the next call.
    """

    def __init__(self) -> None:
        self.numbers = [int(number) for number in signal.valid_signals()]
        self.running = False
        self.handlers: dict[int, Any] = {}
        self.arrived: dict[int, Any] = {}

    def on_signal(self, number: int, frame: Any) -> None:
        self.arrived[number] = frame
        if not self.running:
            self.give_back()
        if _thread.in_user_code or not self.running:
            self.deliver()

    def deliver(self) -> None:
        while self.arrived:
            number, frame = self.arrived.popitem()
            try:
                self.handlers[number](number, frame)
            finally:
                self.deliver()  # the others, should this one raise

    def take_over(self) -> None:
        self.running = True
        for number in self.numbers:
            handler = getsignal(number)
            if callable(handler) and handler != self.on_signal:
                self.handlers[number] = handler
                try:
                    signal.signal(number, self.on_signal)
                except ValueError:  # a host began Python in another thread than `threading`: that one hears
                    return

    def give_back(self) -> None:
        for number, handler in list(self.handlers.items()):
            if getsignal(number) == self.on_signal:
                signal.signal(number, handler)


_signals = _Signals()


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _handlers_taken_over() -> Iterator[None]:
    if not _in_main_thread() or _signals.running:
        yield
        return
    try:
        _signals.take_over()
        yield
    finally:
        _signals.running = False  # from here on handlers may raise between any two lines
        try:
            _signals.deliver()
        finally:
            _signals.give_back()


@contextmanager
def interruptible() -> Iterator[None]:
    """A call of the library that may run long or call back: its next callback ends it if a signal's handler raises."""
    was, _thread.in_user_code = _thread.in_user_code, False
    try:
        with _handlers_taken_over():
            yield
    finally:
        _thread.in_user_code = was
        if was and _in_main_thread():
            _signals.deliver()


def _call_user(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    was = _thread.in_user_code
    try:
        _thread.in_user_code = True
        if _in_main_thread():
            _signals.deliver()
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
