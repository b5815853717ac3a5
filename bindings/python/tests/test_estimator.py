"""The estimator in the manner of scikit-learn, and with scikit-learn itself where it is installed."""
import os
import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import libdiffusion as ld


@pytest.fixture(scope='module')
def data():
    """Two columns far from 0, of other units: a mixture of two, and whole numbers."""
    random = np.random.default_rng(1)
    side = random.integers(0, 2, 500)
    return np.column_stack([1000 + 50 * side + 5 * random.standard_normal(500), random.poisson(4, 500)]), side


@pytest.fixture(scope='module')
def fitted(data):
    return ld.DiffusionEstimator(steps=400, batch=64, schedule='cosine steps=40', random_state=1).fit(data[0])


def test_samples_have_the_data_s_units(fitted, data):
    x = fitted.sample(400)
    assert x.shape == (400, 2)
    assert abs(x[:, 0].mean() - data[0][:, 0].mean()) < 6 and 20 < x[:, 0].std() < 32
    assert np.array_equal(x[:, 1], np.round(x[:, 1])) and x[:, 1].min() >= 0
    assert np.array_equal(x, fitted.sample(400)) and not np.array_equal(x, fitted.sample(400, random_state=2))


def test_scores_are_of_the_data_s_units(fitted, data):
    scores = fitted.score_samples(data[0])
    assert scores.shape == (500,) and fitted.score(data[0]) == pytest.approx(scores.mean())
    truth = -0.5 * np.log(2 * np.pi * np.e * 25) - np.log(2) - 2.06  # 2.06: the entropy of Poisson(4)
    assert truth - 1.0 < scores.mean() < truth + 0.2
    assert fitted.score([[1025, 4]]) < scores.mean() - 1  # between the two

def test_scores_follow_the_unit(data):
    scores = [ld.DiffusionEstimator('mlp width=8', trainer='', schedule='cosine steps=10', steps=5, random_state=1)
              .fit(data[0] * unit).score(data[0] * unit) for unit in ([1, 1], [10, 1])]
    assert scores[1] == pytest.approx(scores[0] - np.log(10), abs=1e-3)


def test_the_model_knows_its_scale(fitted, data, tmp_path):
    fitted.model_.save(tmp_path / 'model.safetensors')
    model = ld.Model.load(tmp_path / 'model.safetensors')
    assert model.scaling('minimum').tolist() == data[0].min(axis=0).tolist()
    assert np.array_equal(model.to_data(model.from_data(data[0]))[:, 1], data[0][:, 1])
    assert model.metadata['schedule'] == fitted.schedule_.spec


def test_classes_are_learned(data):
    names = np.array(['low', 'high'])[data[1]]
    fitted = ld.DiffusionEstimator(steps=200, batch=64, schedule='cosine steps=20', random_state=1).fit(data[0], names)
    assert fitted.classes_.tolist() == ['high', 'low']
    high, low = fitted.sample(100, 'high'), fitted.sample(100, ['low'] * 100)
    assert high[:, 0].mean() > low[:, 0].mean() + 35
    assert fitted.sample(10).shape == (10, 2)
    assert fitted.score(data[0], names) > fitted.score(data[0], names[::-1])
    for y, sentence in ('middle', "'middle', a class that fit"), (None, 'y is needed'):
        with pytest.raises(ValueError, match=sentence):
            fitted.score_samples(data[0][:1], y)


def test_images_have_one_scale():
    images = np.random.default_rng(1).integers(0, 256, (40, 4, 4, 1))
    estimator = ld.DiffusionEstimator('mlp width=16', trainer='', schedule='cosine steps=10', steps=20, random_state=1)
    fitted = estimator.fit(images)
    assert fitted.model_.shape == (4, 4, 1) and len(set(fitted.model_.scaling('scale').flat)) == 1
    x = fitted.sample(3)
    assert x.shape == (3, 4, 4, 1) and np.array_equal(x, np.round(x)) and x.min() >= 0 and x.max() <= 255


@pytest.mark.parametrize('wrong, sentence', [
    ([1.0, 2.0], 'X has shape'), ([[np.nan]], 'not finite'), (np.empty((0, 2)), 'no rows'), ([['a']], 'hold numbers'),
])
def test_wrong_data_is_refused(wrong, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        ld.DiffusionEstimator(steps=1).fit(wrong)


@pytest.mark.parametrize('y, sentence', [
    ([1.0, np.nan], 'missing'), (['a', None], 'missing'), ([1], r'y has shape \(1,\)'), ([[1], [2]], 'y has shape'),
])
def test_wrong_classes_are_refused(y, sentence):
    fitted = ld.DiffusionEstimator('mlp width=8', trainer='', steps=1).fit([[1.0], [2.0]], [1, 2])
    for call in fitted.fit, fitted.score_samples:
        with pytest.raises(ValueError, match=sentence):
            call([[1.0], [2.0]], y)
    assert fitted.classes_.tolist() == [1, 2]  # a fit that fails leaves it as it was


class Frame:
    """What the estimator sees of a data frame."""

    def __init__(self, **columns):
        self.columns, self._values = list(columns), np.array(list(columns.values())).T

    def __array__(self, dtype=None, copy=None):
        return self._values.astype(object)  # as pandas gives columns of several types


def test_columns_of_another_order_are_refused():
    estimator = ld.DiffusionEstimator('mlp width=8', trainer='', steps=1, random_state=1)
    fitted = estimator.fit(Frame(a=[1.5, 2.5], b=[True, False]))
    assert fitted.feature_names_in_.tolist() == ['a', 'b']
    assert np.array_equal(fitted.score_samples(Frame(a=[1.5, 2.5], b=[1, 0])), fitted.score_samples([[1.5, 1], [2.5, 0]]))
    with pytest.raises(ValueError, match=r'X has the columns b, a, but fit\(\) had a, b'):
        fitted.score_samples(Frame(b=[1, 0], a=[1.5, 2.5]))
    assert not hasattr(fitted.fit([[1.0], [2.0]]), 'feature_names_in_')


def test_parameters_are_set_and_read():
    estimator = ld.DiffusionEstimator(steps=7)
    assert estimator.get_params()['steps'] == 7 and repr(estimator) == 'DiffusionEstimator(steps=7)'
    assert estimator.set_params(batch=3) is estimator and estimator.batch == 3
    with pytest.raises(ValueError, match="'nosuch' is no parameter"):
        estimator.set_params(nosuch=1)
    with pytest.raises(ValueError, match='not fitted'):
        estimator.sample()
    with pytest.raises(ValueError, match="scale is 'nosuch'"):
        ld.DiffusionEstimator(steps=1, scale='nosuch').fit([[1.0], [2.0]])


def test_it_pickles(fitted, data):
    same = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(same.score_samples(data[0][:9]), fitted.score_samples(data[0][:9]))


def test_scikit_learn_takes_it(data):
    base, pipeline = pytest.importorskip('sklearn.base'), pytest.importorskip('sklearn.pipeline')
    preprocessing = pytest.importorskip('sklearn.preprocessing')
    selection = pytest.importorskip('sklearn.model_selection')
    estimator = ld.DiffusionEstimator('mlp width=16', trainer='', steps=20, schedule='cosine steps=10', random_state=1)
    assert base.clone(estimator).get_params() == estimator.get_params()
    line = pipeline.make_pipeline(preprocessing.StandardScaler(), estimator).fit(data[0])
    assert line.score_samples(data[0]).shape == (500,) and np.isfinite(line.score(data[0]))
    search = selection.GridSearchCV(estimator, {'steps': [2, 100]}, cv=2).fit(data[0])
    assert search.best_params_['steps'] == 100


def test_nothing_else_is_imported():
    script = 'import libdiffusion, sys; print(sorted({"sklearn", "torch", "tqdm"} & set(sys.modules)))'
    environment = {**os.environ, 'PYTHONPATH': str(pathlib.Path(ld.__file__).parent.parent)}
    assert subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True,
                          env=environment).stdout == '[]\n'
