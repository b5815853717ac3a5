package libdiffusion

// #include "callbacks.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// Evaluator measures models on data, and samples against data. It is for one goroutine at a time while it runs.
type Evaluator struct {
	handle *handle
	caller     // its dim is the model's, or else the reference's; 0 as long as there is neither
	steps  int // of the schedule, 0 without one
	n      int // samples of the last run
}

func (e *Evaluator) c() *C.diffusion_evaluator {
	if e == nil {
		return nil
	}
	return (*C.diffusion_evaluator)(e.handle.pointer)
}

// NewEvaluator makes an evaluator: "elbo draws=4 seed=1", "iwae samples=64", "flow rtol=1e-5" or "moments rows=100"; or, with
// neither model nor schedule (nil), "parzen bandwidth=0.2", "sliced_wasserstein", "mmd", "two_sample" or "nearest".
func NewEvaluator(model *Model, schedule *Schedule, spec string) (*Evaluator, error) {
	var out *C.diffusion_evaluator
	err := withText("evaluator_create", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_evaluator_create(&out, model.c(), schedule.c(), spec)
	})
	if err != nil {
		return nil, err
	}
	caller, release := newCaller(model.Dim())
	free := func(p unsafe.Pointer) {
		C.diffusion_evaluator_free((*C.diffusion_evaluator)(p))
		release()
	}
	h := newHandle(unsafe.Pointer(out), free, model.network())
	return &Evaluator{handle: h, caller: caller, steps: schedule.Steps()}, nil
}

// Close frees the evaluator.
func (e *Evaluator) Close() error {
	e.handle.close()
	return nil
}

// SetReference sets what a run is measured against, [m, dim]: the model's samples ("parzen"), or the data that samples are
// compared with.
func (e *Evaluator) SetReference(samples []float32, dim int) error {
	m, err := rows("evaluator_set_reference", "samples", len(samples), dim)
	if err != nil {
		return err
	}
	err = call(func() C.diffusion_status {
		return C.diffusion_evaluator_set_reference(e.c(), first[C.float](samples), C.size_t(m), C.size_t(dim))
	})
	if err == nil {
		e.functions.dim = dim // the model's, if there is one, as another is refused
	}
	return err
}

// Run measures data, [n, dim], which the model should not have seen, or compares samples with the reference. The condition
// may be nil. The figures of the last run that succeeded stay if this one fails; a context that is done stops it.
func (e *Evaluator) Run(ctx context.Context, x0 []float32, condition *Condition) error {
	const function = "evaluator_run"
	if e.functions.dim == 0 {
		return refuse(ErrState, "%s: no reference is set (call SetReference first)", function)
	}
	n, err := rows(function, "x0", len(x0), e.functions.dim)
	if err == nil {
		err = condition.usable(function)
	}
	if err != nil {
		return err
	}
	err = e.caller.run(ctx, func(set C.int) C.diffusion_status {
		return C.evaluator_set_progress_go(e.c(), set, e.user)
	}, func() C.diffusion_status {
		return C.diffusion_evaluator_run(e.c(), first[C.float](x0), condition.c(), C.size_t(n))
	})
	if err == nil {
		e.n = n
	}
	return err
}

// SetProgress sets what hears of progress during a run; nil for none.
func (e *Evaluator) SetProgress(progress Progress) {
	e.functions.progress = progress
}

// SetNoise replaces the seeded generator, in the order of draws that evaluator.h lists; nil restores it.
func (e *Evaluator) SetNoise(noise Noise) error {
	err := call(func() C.diffusion_status {
		return C.evaluator_set_noise_go(e.c(), flag(noise != nil), e.user)
	})
	if err == nil {
		e.functions.noise = noise
	}
	return err
}

// Spec is the complete spec, defaults spelled out.
func (e *Evaluator) Spec() string {
	defer runtime.KeepAlive(e)
	return C.GoString(C.diffusion_evaluator_spec(e.c()))
}

// Value is one figure of the last run, the mean over samples, such as "k_bits" and "standard_error_bits".
func (e *Evaluator) Value(quantity string) (float64, error) {
	var out C.double
	err := withText("evaluator_value", "quantity", quantity, func(quantity *C.char) C.diffusion_status {
		return C.diffusion_evaluator_value(e.c(), quantity, &out)
	})
	return float64(out), err
}

// pair is two arrays of one length that a call fills.
func pair(n int, f func(a, b *C.double) C.diffusion_status) (a, b []float64, err error) {
	a, b = make([]float64, n), make([]float64, n)
	if err := call(func() C.diffusion_status { return f(first[C.double](a), first[C.double](b)) }); err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

// Terms is the term of every step ("elbo"), [T], in bits per sample, and its standard error over samples.
func (e *Evaluator) Terms() (bits, standardError []float64, err error) {
	return pair(e.steps, func(bits, standardError *C.double) C.diffusion_status {
		return C.diffusion_evaluator_terms(e.c(), bits, standardError)
	})
}

// Samples is the figure of every sample, [n]: K, the log density, or ("nearest") the distance; and its standard error over
// its draws.
func (e *Evaluator) Samples() (bits, standardError []float64, err error) {
	return pair(e.n, func(bits, standardError *C.double) C.diffusion_status {
		return C.diffusion_evaluator_samples(e.c(), bits, standardError, C.size_t(e.n))
	})
}

// Neighbours is which row of the reference is nearest to every sample ("nearest"), [n].
func (e *Evaluator) Neighbours() ([]int, error) {
	indices := make([]int64, e.n)
	err := call(func() C.diffusion_status {
		return C.diffusion_evaluator_neighbours(e.c(), first[C.int64_t](indices), C.size_t(e.n))
	})
	return result(ints(indices), err)
}

// Moments are the means of every step ("moments"), and the data's variance: what [Model.SetMoments] stores.
func (e *Evaluator) Moments() (*Moments, error) {
	noise, missed, err := pair(e.steps, func(noise, missed *C.double) C.diffusion_status {
		return C.diffusion_evaluator_moments(e.c(), noise, missed)
	})
	if err != nil {
		return nil, err
	}
	variance, err := e.Value("data_variance")
	if err != nil {
		return nil, err
	}
	return &Moments{noise, missed, variance}, nil
}
