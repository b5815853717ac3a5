"""Training, sampling, measuring and coding as a user does them."""
import numpy as np
import pytest

import libdiffusion as ld


@pytest.fixture
def trained(schedule, points):
    model = ld.Model('mlp shape=2 width=32 depth=2 predict=v variance=learned_range', seed=1)
    trainer = ld.Trainer(model, schedule, 'objective=hybrid rate=3e-3 ema=0.9 seed=1')
    trainer.fit(points * [[1.5, 0.5]], steps=300, batch=32)
    return trainer


def test_fitting_lowers_the_loss(schedule, points):
    with ld.Model('mlp shape=2 width=32 depth=2') as model, ld.Trainer(model, schedule, 'rate=3e-3') as trainer:
        held_out = trainer.loss(points[:16])
        losses = trainer.fit(points[16:] * 0.1, steps=300, batch=16)
        assert losses.shape == (300,) and trainer.steps == 300
        assert losses[-50:].mean() < 0.5 * losses[:50].mean()
        assert trainer.loss(points[:16]) != held_out == pytest.approx(1, abs=0.5)


def test_fit_is_draw_and_step(schedule, points):
    def trainer():
        return ld.Trainer(ld.Model('mlp shape=2 classes=2', seed=1), schedule, 'seed=2 batch=16')
    labels = np.arange(64) % 2
    one, other = trainer(), trainer()
    one.change('batch=8')
    one.fit(points, labels, steps=3)
    one.fit(points, labels, steps=2, batch=8)
    for _ in range(5):
        chosen = other.draw(64, 8)
        other.step(points[chosen], ld.Condition(labels=labels[chosen]))
    assert one.model.to_bytes() == other.model.to_bytes()


def test_a_checkpoint_goes_on_to_the_same_bits(tmp_path, trained, points):
    trained.metadata['note'] = 'on the way'
    trained.save(tmp_path / 'checkpoint.safetensors')
    with ld.Trainer.resume(tmp_path / 'checkpoint.safetensors') as resumed:
        assert resumed.steps == 300 and resumed.metadata['note'] == 'on the way'
        assert resumed.step(points) == trained.step(points)
        assert resumed.model.to_bytes() == trained.model.to_bytes()
        assert resumed.schedule.spec == trained.schedule.spec


def test_a_gradient_has_the_parameters_shapes(model, schedule, points):
    with ld.Trainer(model, schedule, 'ema=0 optimizer=sgd momentum=0 rate=0.5') as trainer:
        before = {name: model.parameters[name] for name in model.parameters}
        loss, gradient = trainer.gradient(points)
        assert gradient.keys() == before.keys() and trainer.step(points) == loss
        for name, slope in gradient.items():
            assert np.allclose(model.parameters[name], before[name] - 0.5 * slope, atol=1e-6)


def test_changes_in_mid_run(trained):
    trained.change('rate=1e-4')
    assert trained.rate == pytest.approx(1e-4) and 'rate=0.0001' in trained.spec
    with pytest.raises(ld.SpecError):
        trained.change('ema=0.5')


def test_snapshots_average(tmp_path, schedule, points):
    trainer = ld.Trainer(ld.Model('mlp shape=2 width=8', seed=1), schedule, 'post_hoc_ema=yes')
    paths = []
    for i in range(6):
        trainer.fit(points, steps=20, batch=8)
        paths.append(tmp_path / f'{i}.safetensors')
        trainer.save_snapshot(paths[-1])
    average, error = ld.Trainer.average(paths, 0.1)
    assert average.dim == 2 and 0 <= error < 0.1
    assert average.metadata['average_width'] == '0.1'


def test_models_are_saved_and_loaded(tmp_path, trained, points):
    trained.model.save(tmp_path / 'model.safetensors')
    loaded = ld.Model.load(tmp_path / 'model.safetensors')
    with pytest.raises(ld.SpecError, match='unet'):
        loaded.save_diffusers(tmp_path / 'folder', trained.schedule)
    assert loaded.metadata['schedule'] == trained.schedule.spec and loaded.shape == (2,) and loaded.outputs == 4
    mean, variance = loaded.predict(trained.schedule, points, 4)
    assert mean.shape == variance.shape == (64, 2)
    assert np.array_equal(mean, trained.model.predict(trained.schedule, points, 4)[0])


def test_a_chain_step_by_step(trained):
    with ld.Sampler(trained.model, trained.schedule, 'ancestral seed=7') as sampler:
        whole = sampler.run(5)
        states = list(sampler.trajectory(5))
        assert [state.t for state in states] == [*range(20, -1, -1)]
        assert np.array_equal(states[-1].x, whole)
        assert sampler.evaluations().tolist() == [20] * 5
        steps = sampler.trajectory(5)
        next(steps)
        sampler.begin(3)
        with pytest.raises(ld.StateError, match='another chain'):
            next(steps)
        assert sampler.state.t == 20 and sampler.state.x.shape == (3, 2)
        with pytest.raises(ld.ShapeError):
            sampler.begin(3, ld.Condition(labels=[0]))


def test_chains_go_up_and_down(trained, points):
    up = ld.Sampler(trained.model, trained.schedule, 'ddim_inverse')
    up.set_start(points)
    states = list(up.trajectory(64))
    assert len(states) > 10 and states[-1].t > states[0].t
    down = ld.Sampler(trained.model, trained.schedule, 'ddim')
    down.set_start(states[-1].x)
    back = down.run(64)
    assert np.abs(back - points).mean() < 0.3
    down.set_start(None)
    assert not np.array_equal(down.run(64), back)


def test_known_values_stay(trained, points):
    sampler = ld.Sampler(trained.model, trained.schedule, 'ancestral')
    mask = np.tile([True, False], (64, 1))
    sampler.set_known(points, mask)
    x = sampler.run(64)
    assert np.array_equal(x[:, 0], points[:, 0]) and not np.array_equal(x[:, 1], points[:, 1])
    with pytest.raises(ValueError, match='x0 has 64 rows and mask 2'):
        sampler.set_known(points, mask[:2])
    with pytest.raises(TypeError, match='mask must hold booleans, not float64'):
        sampler.set_known(points, mask * np.nan)
    with pytest.raises(ValueError, match='belong together'):
        sampler.set_known(points)
    sampler.set_known(None)


def test_an_observation_pulls(trained):
    sampler = ld.Sampler(trained.model, trained.schedule, 'ancestral posterior=exact')
    sampler.set_observed([[1.0, 0.2]], noise=0.01)
    x = sampler.run(100)
    assert np.abs(x.mean(axis=0) - [1.0, 0.2]).max() < 0.2
    sampler.set_observed(None)


def test_an_evaluator_s_figures(trained, points):
    evaluator = ld.Evaluator(trained.model, trained.schedule, 'elbo draws=2 seed=1')
    with pytest.raises(ld.StateError):
        evaluator['k_bits']
    k = evaluator.run(points).samples()
    assert k.values.shape == k.standard_error.shape == (64,)
    assert k.values.mean() == pytest.approx(evaluator['k_bits'])
    assert evaluator.terms().values.shape == (20,)
    assert -evaluator.terms().values.sum() - evaluator['prior_bits'] == pytest.approx(evaluator['k_bits'])
    with pytest.raises(KeyError, match='nosuch'):
        evaluator['nosuch']


def test_moments_make_steps_optimal(trained, points):
    evaluator = ld.Evaluator(trained.model, trained.schedule, 'moments rows=64 seed=1').run(points)
    model = ld.Model.from_bytes(trained.model.to_bytes())
    assert model.moments is None
    model.set_moments(trained.schedule, evaluator.moments())
    assert np.array_equal(model.moments.noise, evaluator.moments().noise)
    sampler = ld.Sampler(model, trained.schedule, 'ancestral steps=5 spacing=optimal variance=analytic')
    assert sampler.run(2).shape == (2, 2)
    model.set_moments(trained.schedule, None)
    assert model.moments is None


def test_sets_of_rows_are_compared(points):
    with ld.Evaluator(None, None, 'nearest') as evaluator:
        evaluator.set_reference(points)
        evaluator.run(points[[5, 9]] + 1e-4)
        assert evaluator.neighbours().tolist() == [5, 9]
        assert np.allclose(evaluator.samples().values, np.sqrt(2) * 1e-4, rtol=0.01)
        with pytest.raises(ValueError, match='expected n rows of 2'):
            evaluator.run(np.zeros((4, 3)))
        evaluator.set_reference(np.eye(3))
        assert evaluator.run(np.eye(3)[::-1]).neighbours().tolist() == [2, 1, 0]


def test_data_comes_back_from_its_code(tmp_path, schedule):
    whole = np.random.default_rng(1).integers(0, 17, (20, 2))
    x0 = -1 + 2 * whole / 16
    with ld.Model('mlp shape=2 width=8 classes=2', seed=1) as model:
        coder = ld.Coder(model, schedule, 'bits_back levels=17')
        coder.encode(x0, ld.Condition(labels=np.arange(20) % 2))
        coder.save(tmp_path / 'code')
        loaded = ld.Coder.load(model, schedule, tmp_path / 'code')
        for one in coder, loaded:
            back, labels = one.decode()
            assert np.allclose(back, x0) and labels.tolist() == [0, 1] * 10
        assert loaded['samples'] == 20 and 'levels=17' in loaded.spec


def test_units_of_data(model):
    model.metadata['data.shift'], model.metadata['data.scale'] = '10,-5', '2,4'
    assert model.from_data([[12, -5], [10, 3]]).tolist() == [[1, 0], [0, 2]]
    assert model.to_data([[1, 0], [0, 2]]).tolist() == [[12, -5], [10, 3]]
    assert model.scaling('scale').tolist() == [2, 4]


def test_threads_change_no_bit(trained, points):
    sampler = ld.Sampler(trained.model, trained.schedule, 'ddim')
    expected = sampler.run(100)
    ld.set_threads(1)
    try:
        assert ld.threads() == 1 and np.array_equal(sampler.run(100), expected)
    finally:
        ld.set_threads(0)


def test_help_and_log():
    assert 'steps=' in ld.help('schedule') and ld.version() == ld.__version__
    assert ld.blas_threading() in ('serial', 'pthreads', 'openmp') and ld.blas_core()
    ld.set_log(lambda level, message: None)
    ld.set_log(None)
