package libdiffusion

// #include <diffusion.h>
import "C"

import (
	"context"
	"math"
	"runtime/cgo"
)

// Progress hears that done of total units of a long call are finished; an error stops the call.
type Progress func(done, total int64) error

// Noise fills values with standard normal draws (binomial kernel: uniform ones in [0, 1)) for a sample of the call and a
// step t.
type Noise func(values []float64, sample int64, step int) error

// Guidance fills the gradient of log r(x), [n, dim], at the states x, [n, dim], of a time t.
type Guidance func(x []float64, t float64, gradient []float64) error

// functions are what a run may call.
type functions struct {
	ctx      context.Context
	progress Progress
	noise    Noise
	guidance Guidance
	dim      int
}

// slot is where C finds the functions of the run that is under way. Between runs it refers to none, so that they may refer
// to the handle that they belong to.
type slot struct {
	running *functions
	release func() // at the end of a run that closed its own handle
}

// caller is the part of a sampler, evaluator or coder that is called back.
type caller struct {
	functions functions
	slot      *slot
	user      C.uintptr_t // the slot's cgo.Handle
	heard     bool        // C calls goProgress
}

// newCaller makes one whose slot C may look up until release is called.
func newCaller(dim int) (of caller, release func()) {
	slot := &slot{}
	user := cgo.NewHandle(slot)
	release = func() {
		if slot.running != nil {
			slot.release = user.Delete
		} else {
			user.Delete()
		}
	}
	return caller{functions: functions{dim: dim}, slot: slot, user: C.uintptr_t(user)}, release
}

// run makes a call that may call back. C calls goProgress where somebody wants to hear, or may stop the call: listen says
// so.
func (c *caller) run(ctx context.Context, listen func(set C.int) C.diffusion_status, f func() C.diffusion_status) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if wanted := ctx.Done() != nil || c.functions.progress != nil; wanted != c.heard {
		if err := call(func() C.diffusion_status { return listen(flag(wanted)) }); err != nil {
			return err
		}
		c.heard = wanted
	}
	running, outer := c.functions, c.slot.running // outer is there where a callback of a run makes this call
	running.ctx = ctx
	c.slot.running = &running
	defer func() {
		c.slot.running = outer
		if outer == nil && c.slot.release != nil {
			c.slot.release()
			c.slot.release = nil
		}
	}()
	return call(f)
}

func flag(value bool) C.int {
	if value {
		return 1
	}
	return 0
}

// guard runs a callback and turns whatever comes of it into a status. No panic goes through a frame of C.
func guard(body func() error) (status C.int32_t) {
	returned := false
	defer func() {
		if value := recover(); !returned {
			status = keepFailure(failure{panicked: true, value: value})
		}
	}()
	err := body()
	returned = true
	if err != nil {
		return keepFailure(failure{err: err})
	}
	return 0
}

func running(user C.uintptr_t) *functions {
	return cgo.Handle(user).Value().(*slot).running
}

// room is an array to fill: what is left out is refused as not finite.
func room[To float32 | float64, From any](values *From, count int) []To {
	out := slice[To](values, count)
	for i := range out {
		out[i] = To(math.NaN())
	}
	return out
}

//export goProgress
func goProgress(done, total C.int64_t, user C.uintptr_t) C.int32_t {
	return guard(func() error {
		f := running(user)
		if f == nil { // a call that is no run, such as the probe of a coder's file
			return nil
		}
		if err := f.ctx.Err(); err != nil || f.progress == nil {
			return err
		}
		return f.progress(int64(done), int64(total))
	})
}

//export goNoise
func goNoise(values *C.double, count C.size_t, sample C.int64_t, step C.int32_t, user C.uintptr_t) C.int32_t {
	return guard(func() error {
		return running(user).noise(room[float64](values, int(count)), int64(sample), int(step))
	})
}

//export goGuidance
func goGuidance(x *C.double, t C.double, n C.size_t, gradient *C.double, user C.uintptr_t) C.int32_t {
	return guard(func() error {
		f := running(user)
		count := int(n) * f.dim
		return f.guidance(slice[float64](x, count), float64(t), room[float64](gradient, count))
	})
}
