"""PyTorch's networks inside the library's samplers and evaluators, beside the same network of the library's own."""
import numpy as np
import pytest

import libdiffusion as ld

torch = pytest.importorskip('torch')


class Mlp(torch.nn.Module):
    """The network "mlp": layers with SiLU over [x, sines and cosines of the time, one-hot label]."""

    def __init__(self, parameters, features=32, classes=3):
        super().__init__()
        self.layers = torch.nn.ModuleList()
        self.classes = classes
        self.frequencies = 10000.0 ** -(torch.arange(features // 2, dtype=torch.float64) / (features // 2))
        for name in parameters:
            if name.endswith('.weight'):
                weight, bias = parameters[name], parameters[name.replace('weight', 'bias')]
                layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
                layer.weight.data, layer.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
                self.layers.append(layer)

    def forward(self, x, time, labels):
        angles = time[:, None] * self.frequencies
        one_hot = torch.nn.functional.one_hot(labels, self.classes)
        y = torch.cat([x, angles.sin().float(), angles.cos().float(), one_hot], dim=1)
        for layer in self.layers[:-1]:
            y = torch.nn.functional.silu(layer(y))
        return self.layers[-1](y)


@pytest.fixture(scope='module')
def schedule():
    return ld.Schedule('cosine steps=30')


@pytest.fixture(scope='module')
def own(schedule):
    """A model that has learned three clusters."""
    random = np.random.default_rng(1)
    labels = np.arange(600) % 3
    data = (0.2 * random.standard_normal((600, 2)) + np.array([[1, 0], [-1, 1], [0, -1.0]])[labels]).astype(np.float32)
    model = ld.Model('mlp shape=2 width=64 depth=3 classes=3 predict=v variance=learned_range', seed=1)
    with ld.Trainer(model, schedule, 'objective=hybrid rate=3e-3 ema=0 seed=1') as trainer:
        trainer.fit(data, labels, steps=400, batch=64)
    return model


@pytest.fixture(scope='module')
def theirs(own):
    network = Mlp(own.parameters)

    def predict(x, time, condition):
        with torch.no_grad():
            labels = torch.from_numpy(condition.labels.astype(np.int64))
            return network(torch.from_numpy(x), torch.from_numpy(time), labels)
    return ld.Model.from_function(predict, 'shape=2 classes=3 predict=v variance=learned_range')


@pytest.fixture
def condition():
    return ld.Condition(labels=np.arange(60) % 3)


def test_outputs_agree(own, theirs, condition):
    x = np.random.default_rng(2).standard_normal((60, 2))
    expected = own.forward(x, np.arange(60) % 30 + 1, condition)
    assert np.abs(expected).max() > 0.5
    assert np.allclose(theirs.forward(x, np.arange(60) % 30 + 1, condition), expected, atol=1e-5)


@pytest.mark.parametrize('spec', ['ancestral seed=3', 'ddim steps=10', 'dpmsolver++ steps=8', 'heun steps=8'])
def test_samples_agree(own, theirs, schedule, condition, spec):
    expected = ld.Sampler(own, schedule, spec).run(60, condition)
    assert np.allclose(ld.Sampler(theirs, schedule, spec).run(60, condition), expected, atol=1e-4)


def test_bounds_agree(own, theirs, schedule, condition):
    x0 = ld.Sampler(own, schedule, 'ancestral').run(60, condition)
    expected, found = (ld.Evaluator(model, schedule, 'elbo draws=2 seed=1').run(x0, condition)
                       for model in (own, theirs))
    assert found['k_bits'] == pytest.approx(expected['k_bits'], abs=1e-4)
    assert np.allclose(found.samples().values, expected.samples().values, atol=1e-3)


def test_a_tensor_that_wants_its_gradient_is_told(schedule):
    layer = torch.nn.Linear(2, 2)
    model = ld.Model.from_function(lambda x, t, c: layer(torch.from_numpy(x)), 'shape=2')
    with pytest.raises(RuntimeError, match='grad'):
        model.forward(np.zeros((1, 2)), 1)


def test_guidance_by_autograd(own, schedule, condition):
    def gradient(x, t):
        at = torch.from_numpy(x).requires_grad_()
        (-((at - 2) ** 2).sum()).backward()
        return at.grad
    sampler = ld.Sampler(own, schedule, 'ancestral seed=3')
    free = sampler.run(60, condition).mean()
    sampler.set_guidance(gradient)
    assert sampler.run(60, condition).mean() > free + 0.3
