package libdiffusion

// #include <diffusion.h>
import "C"

// ForwardSample draws x_t from q(x_t | x_0), [n, dim], for steps t, [n], of data, [n, dim], and as many normal draws
// (binomial kernel: uniform ones in [0, 1)).
func (s *Schedule) ForwardSample(t []int32, x0, noise []float32) ([]float32, error) {
	const function = "forward_sample"
	n := len(t)
	dim, err := rows(function, "x0", len(x0), n)
	if err == nil {
		err = expect(function, "noise", len(noise), n, dim)
	}
	if err != nil {
		return nil, err
	}
	xt := make([]float32, len(x0))
	return result(xt, call(func() C.diffusion_status {
		return C.diffusion_forward_sample(s.c(), first[C.int32_t](t), first[C.float](x0), first[C.float](noise),
			C.size_t(n), C.size_t(dim), first[C.float](xt))
	}))
}

// ForwardStep draws one step, x_t from q(x_t | x_{t-1}), of x_{t-1}, [n, dim], and as many draws.
func (s *Schedule) ForwardStep(t int, previous, noise []float32, dim int) ([]float32, error) {
	const function = "forward_step"
	n, err := rows(function, "previous", len(previous), dim)
	if err == nil {
		err = expect(function, "noise", len(noise), n, dim)
	}
	if err != nil {
		return nil, err
	}
	xt := make([]float32, len(previous))
	return result(xt, call(func() C.diffusion_status {
		return C.diffusion_forward_step(s.c(), int32Of(t), first[C.float](previous), first[C.float](noise), C.size_t(n),
			C.size_t(dim), first[C.float](xt))
	}))
}

// ForwardTrajectory draws a whole trajectory x_1..x_T, [T, n, dim], of data, [n, dim], and draws, [T, n, dim].
func (s *Schedule) ForwardTrajectory(x0, noise []float32, dim int) ([]float32, error) {
	const function = "forward_trajectory"
	n, err := rows(function, "x0", len(x0), dim)
	if err == nil {
		err = expect(function, "noise", len(noise), s.Steps(), len(x0))
	}
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(noise))
	return result(x, call(func() C.diffusion_status {
		return C.diffusion_forward_trajectory(s.c(), first[C.float](x0), first[C.float](noise), C.size_t(n),
			C.size_t(dim), first[C.float](x))
	}))
}

// Marginal is mean and variance of q(x_t | x_0), or rate and its variance for the binomial kernel.
func (s *Schedule) Marginal(t int, x0 []float64) (mean, variance []float64, err error) {
	return pair(len(x0), func(mean, variance *C.double) C.diffusion_status {
		return C.diffusion_marginal(s.c(), int32Of(t), first[C.double](x0), C.size_t(len(x0)), mean, variance)
	})
}

// Posterior is mean and variance of q(x_{t-1} | x_t, x_0), or rate and its variance for the binomial kernel.
func (s *Schedule) Posterior(t int, x0, xt []float64) (mean, variance []float64, err error) {
	if err := expect("posterior", "xt", len(xt), len(x0), 1); err != nil {
		return nil, nil, err
	}
	return pair(len(x0), func(mean, variance *C.double) C.diffusion_status {
		return C.diffusion_posterior(s.c(), int32Of(t), first[C.double](x0), first[C.double](xt), C.size_t(len(x0)), mean,
			variance)
	})
}

// Entropy is the entropy, in nats, of a conditional of the forward process, summed over components: "step" is q(x_t |
// x_{t-1}) of first, x_{t-1}; "marginal" q(x_t | x_0) of first, x_0; "posterior" q(x_{t-1} | x_t, x_0) of first, x_0, and
// second, x_t. Otherwise second is nil.
func (s *Schedule) Entropy(which string, t int, x, second []float64) (float64, error) {
	var other *C.double
	if second != nil {
		if err := expect("entropy", "second", len(second), len(x), 1); err != nil {
			return 0, err
		}
		other = first[C.double](second)
	}
	var nats C.double
	err := withText("entropy", "which", which, func(which *C.char) C.diffusion_status {
		return C.diffusion_entropy(s.c(), which, int32Of(t), first[C.double](x), other, C.size_t(len(x)), &nats)
	})
	return float64(nats), err
}

// EntropyBounds are the bounds on the reverse conditional's entropy H(X_{t-1} | X_t), in nats per dimension.
func (s *Schedule) EntropyBounds(t int) (lower, upper float64, err error) {
	var l, u C.double
	err = call(func() C.diffusion_status { return C.diffusion_entropy_bounds(s.c(), int32Of(t), &l, &u) })
	return float64(l), float64(u), err
}

// ConvertPrediction rewrites what one prediction says of x_t, at a time t, as another: from and to are names of predict=
// and keys of models that they hang on, such as "velocity" and "edm sigma_data=1".
func (s *Schedule) ConvertPrediction(t float64, from, to string, x, output []float64) ([]float64, error) {
	const function = "prediction_convert"
	if err := expect(function, "output", len(output), len(x), 1); err != nil {
		return nil, err
	}
	target, err := newText(function, "to", to)
	if err != nil {
		return nil, err
	}
	defer target.free()
	out := make([]float64, len(x))
	return result(out, withText(function, "from", from, func(from *C.char) C.diffusion_status {
		return C.diffusion_prediction_convert(s.c(), C.double(t), from, target.c, first[C.double](x),
			first[C.double](output), C.size_t(len(x)), first[C.double](out))
	}))
}

// GaussianKL is KL(N(mean1, variance1) || N(mean2, variance2)) in nats, summed over independent components.
func GaussianKL(mean1, variance1, mean2, variance2 []float64) (float64, error) {
	for _, values := range [][]float64{variance1, mean2, variance2} {
		if err := expect("gaussian_kl", "an array", len(values), len(mean1), 1); err != nil {
			return 0, err
		}
	}
	var nats C.double
	err := call(func() C.diffusion_status {
		return C.diffusion_gaussian_kl(first[C.double](mean1), first[C.double](variance1), first[C.double](mean2),
			first[C.double](variance2), C.size_t(len(mean1)), &nats)
	})
	return float64(nats), err
}

// BernoulliKL is KL(B(rate1) || B(rate2)) in nats, summed over independent bits.
func BernoulliKL(rate1, rate2 []float64) (float64, error) {
	if err := expect("bernoulli_kl", "rate2", len(rate2), len(rate1), 1); err != nil {
		return 0, err
	}
	var nats C.double
	err := call(func() C.diffusion_status {
		return C.diffusion_bernoulli_kl(first[C.double](rate1), first[C.double](rate2), C.size_t(len(rate1)), &nats)
	})
	return float64(nats), err
}

// DiscretizedLogLikelihood is the log probability, in nats, of data on a number of levels spread over -1..1 under a
// Gaussian: the mass of each value's bin. The cdf is "normal", or "tanh", the approximation that published bits per
// dimension use.
func DiscretizedLogLikelihood(cdf string, x, mean, variance []float64, levels int) ([]float64, error) {
	const function = "discretized_log_likelihood"
	if err := expect(function, "mean", len(mean), len(x), 1); err != nil {
		return nil, err
	}
	if err := expect(function, "variance", len(variance), len(x), 1); err != nil {
		return nil, err
	}
	nats := make([]float64, len(x))
	return result(nats, withText(function, "cdf", cdf, func(cdf *C.char) C.diffusion_status {
		return C.diffusion_discretized_log_likelihood(cdf, first[C.double](x), first[C.double](mean),
			first[C.double](variance), C.size_t(len(x)), int32Of(levels), first[C.double](nats))
	}))
}
