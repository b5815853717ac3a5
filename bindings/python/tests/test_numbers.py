"""Closed forms against numpy's own, and a network in Python whose bound is known."""
import numpy as np
import pytest

import libdiffusion as ld


def test_a_schedule_s_values(schedule):
    beta, alpha_bar = schedule.values('beta'), schedule.values('alpha_bar')
    assert beta.shape == (20,) and schedule.steps == 20
    assert np.allclose(np.cumprod(1 - beta), alpha_bar, rtol=1e-12)
    level = schedule.level(7)
    assert level.signal == pytest.approx(np.sqrt(alpha_bar[6]), rel=1e-14)
    assert level.sigma == pytest.approx(np.sqrt(1 - alpha_bar[6]), rel=1e-12)
    assert schedule.time(level.log_snr) == pytest.approx(7)


def test_betas_are_kept():
    assert ld.Schedule.from_betas([0.1, 0.2], 'kernel=binomial rate=0.5').values('beta').tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match='expected one dimension'):
        ld.Schedule.from_betas([[0.1]])


def test_forward_samples(schedule, points):
    noise = np.random.default_rng(2).standard_normal(points.shape).astype(np.float32)
    t = np.arange(64) % 20 + 1
    kept = schedule.values('alpha_bar')[t - 1, None]
    expected = np.sqrt(kept) * points + np.sqrt(1 - kept) * noise
    assert np.allclose(ld.forward_sample(schedule, t, points, noise), expected, atol=1e-6)
    beta = schedule.values('beta')[4]
    expected = np.sqrt(1 - beta) * points + np.sqrt(beta) * noise
    assert np.allclose(ld.forward_step(schedule, 5, points, noise), expected, atol=1e-6)
    with pytest.raises(ValueError, match='x0 has shape'):
        ld.forward_sample(schedule, 1, points, noise[:3])


def test_a_trajectory_takes_the_steps(schedule, points):
    noise = np.random.default_rng(3).standard_normal((20, 64, 2)).astype(np.float32)
    x = ld.forward_trajectory(schedule, points, noise)
    assert np.array_equal(x[0], ld.forward_step(schedule, 1, points, noise[0]))
    assert np.array_equal(x[9], ld.forward_step(schedule, 10, x[8], noise[9]))


def test_marginal_and_posterior(schedule):
    x0, xt, t = np.array([[0.5, -2.0]]), 0.3, 6
    alpha_bar, beta = schedule.values('alpha_bar'), schedule.values('beta')
    mean, variance = ld.marginal(schedule, t, x0)
    assert np.allclose(mean, np.sqrt(alpha_bar[5]) * x0) and np.allclose(variance, 1 - alpha_bar[5])
    mean, variance = ld.posterior(schedule, t, x0, xt)
    of_x0 = np.sqrt(alpha_bar[4]) * beta[5] / (1 - alpha_bar[5])
    of_xt = np.sqrt(1 - beta[5]) * (1 - alpha_bar[4]) / (1 - alpha_bar[5])
    assert mean.shape == x0.shape and np.allclose(mean, of_x0 * x0 + of_xt * xt)
    assert np.allclose(variance, (1 - alpha_bar[4]) / (1 - alpha_bar[5]) * beta[5])


def test_divergences_and_entropies(schedule):
    assert ld.gaussian_kl([0, 1], 1, [1, 1], 2) == pytest.approx(0.5 * (np.log(2) - 0.5 + 0.5 + np.log(2) - 0.5))
    assert ld.bernoulli_kl(0.5, 0.25) == pytest.approx(0.5 * np.log(2) + 0.5 * np.log(2 / 3))
    beta = schedule.values('beta')[2]
    assert ld.entropy(schedule, 'step', 3, np.zeros(4)) == pytest.approx(2 * np.log(2 * np.pi * np.e * beta))
    lower, upper = ld.entropy_bounds(schedule, 3)
    assert lower < upper == pytest.approx(0.5 * np.log(2 * np.pi * np.e * beta))
    with pytest.raises(ld.UnknownNameError):
        ld.entropy(schedule, 'nosuch', 3, [0.0])
    bits = ld.Schedule('constant_rate steps=9 kernel=binomial')
    with pytest.raises(ld.ArgumentError, match='second is NULL'):
        ld.entropy(bits, 'posterior', 3, [1.0])


def test_discretized_masses_add_up_to_one():
    grid = np.linspace(-1, 1, 17)
    nats = ld.discretized_log_likelihood(grid, 0.3, 0.1, levels=17)
    assert np.exp(nats).sum() == pytest.approx(1, rel=1e-12)


def test_predictions_convert(schedule):
    x, epsilon = np.array([0.4, -1.0]), np.array([0.1, 0.7])
    signal, sigma, _ = schedule.level(8)
    x0 = ld.prediction_convert(schedule, 8, 'epsilon', 'x0', x, epsilon)
    assert np.allclose(x0, (x - sigma * epsilon) / signal)
    assert np.allclose(ld.prediction_convert(schedule, 8, 'x0', 'epsilon', x, x0), epsilon)


def test_the_bound_of_a_perfect_network_is_the_likelihood(schedule, points):
    """For data N(0, 1) the reverse of a step is the step: K = log p(x_0)."""
    def network(x, t, condition):
        return x * sigma[t.astype(int) - 1, None]
    sigma = np.sqrt(schedule.values('one_minus_alpha_bar'))
    model = ld.Model.from_function(network, 'shape=2 predict=epsilon variance=fixed_large', double=True)
    evaluator = ld.Evaluator(model, schedule, 'elbo draws=10 seed=1 edge=forward').run(points)
    truth = (-0.5 * (points.astype(float) ** 2 + np.log(2 * np.pi)).sum(axis=1)).mean() / np.log(2)
    assert evaluator['k_bits'] == pytest.approx(truth, abs=4 * evaluator['draw_error_bits'])
