"""The library's sentences, as exceptions that Python's own handlers catch."""
import pickle

import pytest

import libdiffusion as ld


@pytest.mark.parametrize('call, kind, also, name, sentence', [
    (lambda: ld.Schedule('cosine stpes=3'), ld.SpecError, ValueError, 'spec', 'did you mean .steps'),
    (lambda: ld.Schedule.from_betas([2]), ld.ArgumentError, ValueError, 'argument', 'beta_1=2'),
    (lambda: ld.Schedule('cosine steps=3').level(4), ld.StepError, ValueError, 'step', 't=4'),
    (lambda: ld.Schedule('cosine').values('gamma'), ld.UnknownNameError, KeyError, 'name', 'gamma'),
    (lambda: ld.Model.load('/no/such'), ld.FileError, OSError, 'io', '/no/such'),
    (lambda: ld.Model.load(__file__), ld.FormatError, ValueError, 'format', 'test_errors.py'),
    (lambda: ld.Model.from_bytes(b''), ld.FormatError, ValueError, 'format', 'memory'),
    (lambda: ld.Model('mlp shape=4096,4096,3 width=16384'), ld.OutOfMemoryError, MemoryError, 'memory', 'parameters'),
])
def test_each_status_is_an_exception_of_its_own(call, kind, also, name, sentence):
    with pytest.raises(kind, match=sentence) as caught:
        call()
    assert isinstance(caught.value, also) and isinstance(caught.value, ld.DiffusionError)
    assert caught.value.name == name and caught.value.status < 0
    assert not str(caught.value).startswith(("'", '[Errno'))


@pytest.mark.parametrize('kind', [ld.SpecError, ld.FileError, ld.UnknownNameError, ld.DiffusionError])
def test_exceptions_pickle(kind):
    back = pickle.loads(pickle.dumps(kind('a sentence', -11, 'spec')))
    assert (type(back), str(back), back.status, back.name) == (kind, 'a sentence', -11, 'spec')


def test_a_handle_of_another_kind_is_refused(model, schedule):
    with pytest.raises(TypeError, match='model must be a Model, not Schedule'):
        ld.Trainer(schedule, model, '')
    with pytest.raises(TypeError, match='condition must be a Condition, not list'):
        ld.Sampler(model, schedule, 'ddim').run(2, [0, 1])
    with pytest.raises(TypeError, match='spec must be a str, not bytes'):
        ld.Schedule(b'cosine')


def test_a_condition_of_another_length_is_refused(model, schedule):
    with ld.Model('mlp shape=2 classes=2') as of_classes, ld.Sampler(of_classes, schedule, 'ddim') as sampler:
        with pytest.raises(ld.ShapeError, match='2 samples, expected 3'):
            sampler.run(3, ld.Condition(labels=[0, 1]))
        with pytest.raises(ld.LabelError):
            sampler.run(2, ld.Condition(labels=[0, 2]))
