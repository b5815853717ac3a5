"""What goes in without a copy, what is converted, and what is refused."""
import numpy as np
import pytest

import libdiffusion as ld
from libdiffusion import _values
from libdiffusion._library import lib


@pytest.mark.parametrize('made', [np.float32, '>f4', np.float64, np.int64, bool])
def test_other_types_are_converted(model, points, made):
    whole = np.sign(points).clip(0)
    assert np.array_equal(model.forward(whole.astype(made), 3), model.forward(whole, 3))


@pytest.mark.parametrize('laid_out', [np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2], lambda x: x.tolist()])
def test_other_layouts_are_converted(model, points, laid_out):
    assert np.array_equal(model.forward(laid_out(points), 3), model.forward(points, 3))


def test_contiguous_float32_is_not_copied(points):
    assert np.shares_memory(_values.rows(points, 'float32', (2,), 'x'), points)
    assert np.shares_memory(_values.rows(points.reshape(64, 1, 2), 'float32', (2,), 'x'), points)


@pytest.mark.parametrize('wrong, error, sentence', [
    (np.zeros(2), ValueError, r'x has shape \(2,\), expected n rows of 2 values'),
    (np.zeros((3, 3)), ValueError, r'x has shape \(3, 3\), expected n rows of 2 values'),
    (np.zeros((3, 2), complex), TypeError, 'x must hold numbers, not complex128'),
    ([['a', 'b']], TypeError, 'x must hold numbers'),
    (None, TypeError, 'x must hold numbers, not object'),
    (np.ma.masked_less(np.zeros((3, 2)), 1), TypeError, 'x has masked values'),
])
def test_what_does_not_fit_is_refused(model, wrong, error, sentence):
    with pytest.raises(error, match=sentence):
        model.forward(wrong, 3)


def test_labels_are_integers_of_32_bits():
    assert ld.Condition(labels=np.array([3, -1])).labels.dtype == np.int32
    with pytest.raises(TypeError, match='labels must hold integers, not float64'):
        ld.Condition(labels=[0.5])
    with pytest.raises(ValueError, match='labels has values outside'):
        ld.Condition(labels=[2**32])


@pytest.mark.parametrize('call', [
    lambda s: s.run(-1), lambda s: ld.Model('mlp shape=2', seed=-1), lambda s: ld.Model('mlp shape=2', seed=2**64),
    lambda s: ld.set_threads(2**33), lambda s: ld.Schedule('cosine\0steps=3'), lambda s: s.begin(-5),
])
def test_numbers_and_texts_are_never_cut(sampler, call):
    with pytest.raises(ValueError):
        call(sampler)


def test_images_in_another_order_of_axes_are_refused():
    """[n, channels, height, width] has as many values, and would be misread."""
    schedule = ld.Schedule('cosine steps=5')
    model = ld.Model('mlp shape=4,3,2 width=8', seed=1)
    turned = np.zeros((6, 2, 4, 3), np.float32)
    sampler, trainer = ld.Sampler(model, schedule, 'ancestral'), ld.Trainer(model, schedule, '')
    elbo, compared = ld.Evaluator(model, schedule, 'elbo'), ld.Evaluator(None, None, 'nearest')
    compared.set_reference(np.zeros((6, 4, 3, 2)))
    theirs = [ld.Model.from_function(lambda x, t, c: x.transpose(0, 3, 1, 2), f'shape=4,3,2 {keys}')
              for keys in ('', 'variance=learned')]
    for call in (lambda: model.forward(turned, 1), lambda: model.to_data(turned), lambda: trainer.step(turned),
                 lambda: sampler.set_known(turned, turned > 0), lambda: sampler.run(6, out=turned),
                 lambda: trainer.step(np.zeros((6, 24)), ld.Condition(observed=turned == 0)),
                 lambda: elbo.run(turned), lambda: compared.run(turned),
                 *(lambda own=own: own.forward(np.zeros((6, 4, 3, 2)), 1) for own in theirs)):
        with pytest.raises(ValueError, match=r'4, 3, 2\)'):
            call()
    for fine in np.zeros((6, 24)), np.zeros((6, 1, 4, 3, 2)), np.zeros((6, 4, 3, 2)):
        assert np.isfinite(trainer.step(fine, ld.Condition(observed=fine == 0)))
        assert model.forward(fine, 1).shape == (6, 24) and elbo.run(fine) is elbo and compared.run(fine) is compared


def test_samples_go_where_they_are_told(sampler):
    for out in np.empty((4, 2), np.float32), np.empty((4, 1, 2), np.float32):
        assert sampler.run(4, out=out) is out
        assert np.array_equal(out.reshape(4, 2), sampler.run(4))


@pytest.mark.parametrize('out', [np.empty((4, 2)), np.empty((2, 4), np.float32), np.empty((4, 2), np.float32, 'F'),
                                 np.broadcast_to(np.float32(0), (4, 2)), [[0, 0]] * 4,
                                 np.empty(33, np.uint8)[1:].view(np.float32).reshape(4, 2)])
def test_an_out_that_does_not_fit_is_refused(sampler, out):
    with pytest.raises(ValueError, match='out must be a writable, aligned, C-contiguous array of float32'):
        sampler.run(4, out=out)


def test_the_raw_layer_takes_nothing_else(model, points):
    out = np.empty((64, 2), np.float32)
    for wrong in points.astype(float), points[:, ::-1], points.tolist(), None:
        with pytest.raises(Exception, match='expected a C-contiguous array of float32'):
            lib.model_forward(model._handle, wrong, np.ones(64), None, 64, out)


def test_an_empty_batch_is_the_library_s_to_judge(model, sampler):
    assert sampler.run(0).shape == (0, 2)
    assert model.forward(np.empty((0, 2)), 3).shape == (0, 2)
