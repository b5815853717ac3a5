package libdiffusion

// #include <diffusion.h>
import "C"

// What chains begun afterwards are given, [n, dim], is copied. A run draws a multiple of n samples, and sample i takes row
// i mod n. A chain that has begun is over.

// givenRows is the n of what is given: at least 1, as C takes 0 for nothing, which nil says here.
func givenRows(function, name string, length, dim int) (C.size_t, error) {
	if length == 0 {
		return 0, refuse(ErrShape, "%s: %s is empty, expected a multiple of %d values, or nil", function, name, dim)
	}
	n, err := rows(function, name, length, dim)
	return C.size_t(n), err
}

// SetStart gives the chain its first state: the x_T of a solver without noise of its own, or, for "ddim_inverse" and
// "heun_inverse", which go upwards, the data; nil draws it again.
func (s *Sampler) SetStart(x []float32) error {
	if x == nil {
		return call(func() C.diffusion_status { return C.diffusion_sampler_set_start(s.c(), nil, 0) })
	}
	n, err := givenRows("sampler_set_start", "x", len(x), s.functions.dim)
	if err != nil {
		return err
	}
	return call(func() C.diffusion_status { return C.diffusion_sampler_set_start(s.c(), first[C.float](x), n) })
}

// SetStartDouble is SetStart in the chain's own precision.
func (s *Sampler) SetStartDouble(x []float64) error {
	if x == nil {
		return s.SetStart(nil)
	}
	n, err := givenRows("sampler_set_start_double", "x", len(x), s.functions.dim)
	if err != nil {
		return err
	}
	return call(func() C.diffusion_status { return C.diffusion_sampler_set_start_double(s.c(), first[C.double](x), n) })
}

// SetKnown is inpainting: the values that the mask says are known come out as they were given, the others are drawn; nil
// forgets what was known.
func (s *Sampler) SetKnown(x0 []float32, mask []bool) error {
	const function = "sampler_set_known"
	if x0 == nil && mask == nil {
		return call(func() C.diffusion_status { return C.diffusion_sampler_set_known(s.c(), nil, nil, 0) })
	}
	n, err := givenRows(function, "x0", len(x0), s.functions.dim)
	if err == nil {
		err = expect(function, "mask", len(mask), int(n), s.functions.dim)
	}
	if err != nil {
		return err
	}
	bytes := bytesOf(mask)
	return call(func() C.diffusion_status {
		return C.diffusion_sampler_set_known(s.c(), first[C.float](x0), first[C.uint8_t](bytes), n)
	})
}

// SetObserved is denoising: y is x_0 with independent noise of a variance (binomial kernel: bits flipped with a
// probability); nil forgets it.
func (s *Sampler) SetObserved(y []float32, noise float64) error {
	if y == nil {
		return call(func() C.diffusion_status { return C.diffusion_sampler_set_observed(s.c(), nil, 1, 0) })
	}
	n, err := givenRows("sampler_set_observed", "y", len(y), s.functions.dim)
	if err != nil {
		return err
	}
	return call(func() C.diffusion_status {
		return C.diffusion_sampler_set_observed(s.c(), first[C.float](y), C.double(noise), n)
	})
}
