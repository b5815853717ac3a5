"""Python's functions called by the library: what they raise comes back out."""
import sys
import traceback
import types

import numpy as np
import pytest

import libdiffusion as ld


class Stop(Exception):
    pass


def raise_stop(*_):
    raise Stop('here')


@pytest.mark.parametrize('call', [
    lambda model, schedule: ld.Sampler(model, schedule, 'ddim').run(2, progress=raise_stop),
    lambda model, schedule: ld.Sampler(ld.Model.from_function(raise_stop, 'shape=2'), schedule, 'ddim').run(2),
    lambda model, schedule: ld.Model.from_function(raise_stop, 'shape=2', double=True).forward([[0, 0]], 1),
    lambda model, schedule: ld.Evaluator(model, schedule, 'elbo').run(np.zeros((2, 2)), progress=raise_stop),
    lambda model, schedule: _set(ld.Sampler(model, schedule, 'ancestral'), 'set_noise').run(2),
    lambda model, schedule: _set(ld.Evaluator(model, schedule, 'elbo'), 'set_noise').run(np.zeros((2, 2))),
    lambda model, schedule: _set(ld.Sampler(model, schedule, 'ancestral'), 'set_guidance').run(2),
    lambda model, schedule: ld.Trainer(model, schedule, '').fit(np.zeros((4, 2)), steps=2, progress=raise_stop),
])
def test_an_exception_comes_back_out_with_its_traceback(model, schedule, call):
    with pytest.raises(Stop, match='here') as caught:
        call(model, schedule)
    assert 'raise_stop' in ''.join(traceback.format_tb(caught.value.__traceback__))


def _set(thing, setter):
    getattr(thing, setter)(raise_stop)
    return thing


def test_after_an_exception_all_goes_on(sampler):
    expected = sampler.run(3)
    with pytest.raises(Stop):
        sampler.run(3, progress=raise_stop)
    assert np.array_equal(sampler.run(3), expected)


def test_an_error_of_the_library_within_a_callback_comes_out_as_it_is(sampler):
    with pytest.raises(ld.SpecError, match='nosuch'):
        sampler.run(2, progress=lambda done, total: ld.Schedule('nosuch'))


def test_callbacks_may_nest(schedule):
    inner = ld.Sampler(ld.Model.from_function(lambda x, t, c: x, 'shape=2'), schedule, 'ddim')
    deep = ld.Sampler(ld.Model.from_function(raise_stop, 'shape=2'), schedule, 'ddim')

    def network(x, t, condition):
        assert inner.run(2).shape == (2, 2)
        with pytest.raises(Stop):
            deep.run(1)
        return x
    outer = ld.Sampler(ld.Model.from_function(network, 'shape=2'), schedule, 'ddim steps=3')
    assert outer.run(2).shape == (2, 2)


def test_a_callback_may_read_and_close_its_object(sampler):
    seen = []

    def progress(done, total):
        seen.append(sampler.state.t)
        with pytest.raises(ld.StateError):
            sampler.step()
        if done == total:
            sampler.close()
    assert sampler.run(2, progress=progress).shape == (2, 2)
    assert seen[0] > seen[-1] and sampler.closed


def test_a_chain_that_is_refused_leaves_the_one_before(sampler):
    def progress(done, total):
        with pytest.raises(ld.StateError, match='has not returned'):
            sampler.run(5)
        assert sampler.state.x.shape == (2, 2)
    sampler.run(2, progress=progress)
    with pytest.raises(ValueError, match='out must be'):
        sampler.run(5, out=np.empty(3))
    assert sampler.state.x.shape == (2, 2)


@pytest.mark.parametrize('double', [False, True])
def test_a_network_sees_what_the_library_has(schedule, double):
    seen = []

    def network(x, t, condition):
        seen.append((x, t, condition))
        return x * t[:, None]
    spec = 'shape=2 classes=3 condition=1 predict=epsilon'
    model = ld.Model.from_function(network, spec, double=double)
    condition = ld.Condition(labels=[0, 2], vectors=[[5], [6]], observed=[[True, False], [True, True]])
    x = np.array([[1, 2], [3, 4]])
    assert model.forward(x, [1, 2], condition).tolist() == [[1, 2], [6, 8]]
    given, t, told = seen[0]
    assert given.dtype == (np.float64 if double else np.float32) and given.tolist() == x.tolist()
    assert t.tolist() == [1, 2] and told.labels.tolist() == [0, 2] and told.vectors.tolist() == [[5], [6]]
    assert told.observed.tolist() == [[1, 0], [1, 1]]
    assert model.forward(x, 1).tolist() == x.tolist() and seen[1][2] is None


@pytest.mark.parametrize('returned, error', [
    (np.zeros((2, 3)), 'has shape \\(2, 3\\), expected 2 rows of 2'), (np.zeros(4), 'expected 2 rows of 2'),
    ('text', 'must hold numbers'), (None, 'must hold numbers'), (np.zeros((3, 2)), 'expected 2 rows'),
])
def test_a_network_s_output_is_checked(returned, error):
    model = ld.Model.from_function(lambda x, t, c: returned, 'shape=2')
    with pytest.raises((TypeError, ValueError), match=error):
        model.forward(np.zeros((2, 2)), 1)


def test_images_keep_their_shape():
    shapes = []
    model = ld.Model.from_function(lambda x, t, c: shapes.append(x.shape) or x, 'shape=4,3,1')
    assert model.forward(np.zeros((5, 12)), 1).shape == (5, 12) and shapes == [(5, 4, 3, 1)]


def test_noise_of_one_s_own_is_used(sampler):
    drawn = np.random.default_rng(5)
    sampler.set_noise(lambda count, sample, step: drawn.standard_normal(count))
    first = sampler.run(2)
    drawn = np.random.default_rng(5)
    assert np.array_equal(sampler.run(2), first)
    sampler.set_noise(lambda count, sample, step: [0.0])
    with pytest.raises(ValueError, match='the noise has 1 values, expected 2'):
        sampler.run(2)
    sampler.set_noise(None)
    assert not np.array_equal(sampler.run(2), first)


def test_guidance_pulls(schedule):
    """From x_0 ~ N(0, 1) towards 3, by r(x) = exp(-(x - 3)^2 / 2)."""
    def network(x, t, condition):
        return x * np.array([[schedule.level(time).sigma] for time in t])
    sampler = ld.Sampler(ld.Model.from_function(network, 'shape=1 predict=epsilon'), schedule, 'ancestral seed=1')
    sampler.set_guidance(lambda x, t: 3.0 - x)
    assert 1 < sampler.run(500).mean() < 3
    sampler.set_guidance(None)
    assert abs(sampler.run(500).mean()) < 0.2


def test_progress_shows_a_bar_of_tqdm_s(monkeypatch, sampler):
    bars = []

    class Bar:
        n, total = 0, None

        def __enter__(self):
            bars.append(self)
            return self

        def __exit__(self, *exception):
            self.closed = True

        def update(self, by):
            self.n += by

    monkeypatch.setitem(sys.modules, 'tqdm', types.ModuleType('tqdm'))
    monkeypatch.setitem(sys.modules, 'tqdm.auto', types.SimpleNamespace(tqdm=lambda **options: Bar()))
    sampler.run(3, progress=True)
    assert len(bars) == 1 and bars[0].n == bars[0].total == 60 and bars[0].closed
    monkeypatch.setitem(sys.modules, 'tqdm.auto', None)
    assert sampler.run(3, progress=True).shape == (3, 2)


def test_progress_counts_up_to_the_total(sampler):
    told = []
    sampler.run(3, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (60, 60) and told == sorted(told)
    sampler.run(3)
    assert told[-1] == (60, 60)
