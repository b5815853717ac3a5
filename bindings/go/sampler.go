package libdiffusion

// #include "callbacks.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// Sampler draws from the reverse process, from x_T down to x_0. It is for one goroutine at a time; goroutines that draw at
// once have a sampler each, of one model.
type Sampler struct {
	handle *handle
	caller
	n int // samples of the chain that was begun last
}

func (s *Sampler) c() *C.diffusion_sampler {
	if s == nil {
		return nil
	}
	return (*C.diffusion_sampler)(s.handle.pointer)
}

// NewSampler makes a sampler, such as "ancestral steps=100 seed=7" or "dpmsolver++ steps=20 spacing=karras seed=7". The
// model may be closed at any time.
func NewSampler(model *Model, schedule *Schedule, spec string) (*Sampler, error) {
	var out *C.diffusion_sampler
	err := withText("sampler_create", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_sampler_create(&out, model.c(), schedule.c(), spec)
	})
	if err != nil {
		return nil, err
	}
	caller, release := newCaller(model.Dim())
	free := func(p unsafe.Pointer) {
		C.diffusion_sampler_free((*C.diffusion_sampler)(p))
		release()
	}
	return &Sampler{handle: newHandle(unsafe.Pointer(out), free, model.network()), caller: caller}, nil
}

// Close frees the sampler.
func (s *Sampler) Close() error {
	s.handle.close()
	return nil
}

// run makes a call that may call back.
func (s *Sampler) run(ctx context.Context, f func() C.diffusion_status) error {
	return s.caller.run(ctx, func(set C.int) C.diffusion_status {
		return C.sampler_set_progress_go(s.c(), set, s.user)
	}, f)
}

// Run draws n samples, [n, dim]. The condition may be nil. A context that is done stops the run, which then returns its
// error.
func (s *Sampler) Run(ctx context.Context, condition *Condition, n int) ([]float32, error) {
	x0, err := zeros[float32]("sampler_run", n, s.functions.dim)
	if err != nil {
		return nil, err
	}
	return result(x0, s.RunInto(ctx, condition, x0))
}

// RunInto draws as many samples as have room in x0, [n, dim], which stays as it is if that fails.
func (s *Sampler) RunInto(ctx context.Context, condition *Condition, x0 []float32) error {
	n, err := rows("sampler_run", "x0", len(x0), s.functions.dim)
	if err == nil {
		err = condition.usable("sampler_run")
	}
	if err != nil {
		return err
	}
	return s.start(n, func() error {
		return s.run(ctx, func() C.diffusion_status {
			return C.diffusion_sampler_run(s.c(), condition.c(), C.size_t(n), first[C.float](x0))
		})
	})
}

// start begins a chain of n samples, which callbacks may look at already.
func (s *Sampler) start(n int, f func() error) error {
	before := s.n
	s.n = n
	err := f()
	if err != nil {
		s.n = before
	}
	return err
}

// Begin begins n samples step by step: draws the first state. Run is this, and steps until the time is 0.
func (s *Sampler) Begin(ctx context.Context, condition *Condition, n int) error {
	if _, err := product("sampler_begin", n, s.functions.dim); err != nil {
		return err
	}
	if err := condition.usable("sampler_begin"); err != nil {
		return err
	}
	return s.start(n, func() error {
		return s.run(ctx, func() C.diffusion_status {
			return C.diffusion_sampler_begin(s.c(), condition.c(), C.size_t(n))
		})
	})
}

// Step takes one step along the chain.
func (s *Sampler) Step(ctx context.Context) error {
	return s.run(ctx, func() C.diffusion_status { return C.diffusion_sampler_step(s.c()) })
}

// State is x_t, [n, dim], of the chain that was begun last, and the time t at which it stands, T..0; 0 when finished.
func (s *Sampler) State() (x []float32, t float64, err error) {
	if _, err := s.Evaluations(); err != nil { // the chain is not of n samples, after a beginning that failed
		return nil, 0, err
	}
	var time C.double
	x = make([]float32, s.n*s.functions.dim)
	err = call(func() C.diffusion_status { return C.diffusion_sampler_state(s.c(), first[C.float](x), &time) })
	if err != nil {
		return nil, 0, err
	}
	return x, float64(time), nil
}

// Evaluations is how often the model has been asked about each sample, [n], since its chain began.
func (s *Sampler) Evaluations() ([]int64, error) {
	evaluations := make([]int64, s.n)
	return result(evaluations, call(func() C.diffusion_status {
		return C.diffusion_sampler_evaluations(s.c(), first[C.int64_t](evaluations), C.size_t(s.n))
	}))
}

// Spec is the complete spec, defaults spelled out.
func (s *Sampler) Spec() string {
	defer runtime.KeepAlive(s)
	return C.GoString(C.diffusion_sampler_spec(s.c()))
}

// SetProgress sets what hears how many samples times steps of the chain are done, of how many in all; nil for none.
func (s *Sampler) SetProgress(progress Progress) {
	s.functions.progress = progress
}

// SetNoise replaces the seeded generator, in the order of draws that sampler.h lists; nil restores it.
func (s *Sampler) SetNoise(noise Noise) error {
	err := call(func() C.diffusion_status {
		return C.sampler_set_noise_go(s.c(), flag(noise != nil), s.user)
	})
	if err == nil {
		s.functions.noise = noise
	}
	return err
}

// SetGuidance moves samples along the gradient of any smooth log r(x); nil for none.
func (s *Sampler) SetGuidance(guidance Guidance) error {
	err := call(func() C.diffusion_status {
		return C.sampler_set_guidance_go(s.c(), flag(guidance != nil), s.user)
	})
	if err == nil {
		s.functions.guidance = guidance
	}
	return err
}
