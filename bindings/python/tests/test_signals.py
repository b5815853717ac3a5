"""Signals that come while the library runs: what their handlers raise comes out of the call, and nothing of it is lost."""
import os
import signal
import threading
import time
from contextlib import contextmanager

import pytest

import libdiffusion as ld


class Raised(Exception):
    """What the handlers here raise."""


def interrupt(number, frame):
    raise Raised(number)


@contextmanager
def handling(number, handler=interrupt):
    before = signal.signal(number, handler)
    try:
        yield
        assert signal.getsignal(number) is handler
    finally:
        signal.signal(number, before)


@pytest.fixture(params=[signal.SIGINT, signal.SIGALRM, signal.SIGTERM], ids=lambda number: number.name)
def number(request):
    with handling(request.param):
        yield request.param


def send_soon(*numbers, after=0.05):
    threading.Timer(after, lambda: [os.kill(os.getpid(), number) for number in numbers]).start()


def test_a_run_ends(model, number):
    with ld.Schedule('cosine steps=1000') as schedule, ld.Sampler(model, schedule, 'ancestral') as sampler:
        for _ in range(3):
            with pytest.raises(Raised):
                send_soon(number)
                sampler.run(100_000)
        assert sampler.run(1).shape == (1, 2)


def test_ctrl_c_is_a_keyboard_interrupt(model):
    with ld.Schedule('cosine steps=1000') as schedule, pytest.raises(KeyboardInterrupt):
        send_soon(signal.SIGINT)
        ld.Sampler(model, schedule, 'ancestral').run(100_000)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_none_is_lost(sampler, number):
    """Whenever it comes: between two lines of the binding's own, say."""
    for i in range(80):
        with pytest.raises(Raised):
            send_soon(number, after=0.0005 + i * 1e-4)
            end = time.monotonic() + 60
            while time.monotonic() < end:
                sampler.run(3)


def test_two_at_once_are_both_heard(sampler):
    """Though one of them raises."""
    heard = []

    def hear(number, frame):
        heard.append(number)
        if number == signal.SIGALRM:
            raise Raised(number)
    with handling(signal.SIGALRM, hear), handling(signal.SIGTERM, hear):
        for i in range(40):
            heard.clear()
            end = time.monotonic() + 60
            with pytest.raises(Raised):
                send_soon(signal.SIGALRM, signal.SIGTERM, after=0.0005 + i * 1e-4)
                while time.monotonic() < end:
                    sampler.run(3)
            while len(heard) < 2 and time.monotonic() < end:
                time.sleep(1e-4)
            assert sorted(heard) == [signal.SIGALRM, signal.SIGTERM]
        sampler.run(1)


def test_a_network_of_python_s_ends(schedule, number):
    def network(x, t, condition):
        time.sleep(600)
        return x
    model = ld.Model.from_function(network, 'shape=2')
    with pytest.raises(Raised):
        send_soon(number)
        ld.Sampler(model, schedule, 'ddim').run(1)


def test_a_handler_of_the_host_s_stays_and_is_heard(model, schedule):
    heard = []
    with handling(signal.SIGUSR1, lambda number, frame: heard.append(number)):
        sampler = ld.Sampler(model, schedule, 'ddim')
        sampler.run(2, progress=lambda done, total: heard or os.kill(os.getpid(), signal.SIGUSR1))
        assert heard and set(heard) == {signal.SIGUSR1}


def test_a_thread_that_signals_are_not_for_is_served(monkeypatch, sampler):
    """The main thread by `threading`, but not by `signal`: of a host that embeds Python."""
    def refuse(number, handler):
        raise ValueError('signal only works in main thread of the main interpreter')
    monkeypatch.setattr(signal, 'signal', refuse)
    assert sampler.run(2, progress=lambda done, total: None).shape == (2, 2)


def test_a_handler_that_a_callback_sets_stays(sampler):
    before = signal.getsignal(signal.SIGUSR2)
    try:
        sampler.run(2, progress=lambda done, total: signal.signal(signal.SIGUSR2, interrupt))
        assert signal.getsignal(signal.SIGUSR2) is interrupt
    finally:
        signal.signal(signal.SIGUSR2, before)
