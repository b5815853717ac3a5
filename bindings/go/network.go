package libdiffusion

// #include "callbacks.h"
import "C"

import (
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// Network fills out, [n, Outputs], of x, [n, Dim], and time, [n]: steps t, or what else the model's key time= says. The
// condition is nil if there is none. Any goroutine that uses the model may call it.
type Network func(x []float32, time []float64, condition *Condition, out []float32) error

// NetworkDouble is the same in float64, for closed forms and for measurements finer than float32.
type NetworkDouble func(x, time []float64, condition *Condition, out []float64) error

// network is what C knows of a Network, or a NetworkDouble.
type network struct {
	single       Network
	double       NetworkDouble
	dim, outputs int
}

// networkHandle keeps C's number of a network for as long as a model, or what was made of it, is there.
type networkHandle struct {
	handle cgo.Handle
	of     *network // objects without pointers may share memory, and then their finalizers need not run
}

// NewModelFromCallback makes a model of a network in any runtime, which the library calls for 1024 samples at a time at
// most. The spec says how its output is read: "shape=2 predict=epsilon variance=fixed_small". It works with samplers and
// evaluators, and cannot be trained or saved.
func NewModelFromCallback(spec string, predict Network) (*Model, error) {
	return newModelFromCallback(spec, &network{single: predict})
}

// NewModelFromCallbackDouble makes such a model without rounding x or the output to float32.
func NewModelFromCallbackDouble(spec string, predict NetworkDouble) (*Model, error) {
	return newModelFromCallback(spec, &network{double: predict})
}

func newModelFromCallback(spec string, of *network) (*Model, error) {
	var out *C.diffusion_model
	keep := &networkHandle{cgo.NewHandle(of), of}
	wide := C.int(0)
	if of.double != nil {
		wide = 1
	}
	err := withText("model_create_callback", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.model_create_go(&out, spec, wide, C.uintptr_t(keep.handle))
	})
	if err != nil {
		keep.handle.Delete()
		return nil, err
	}
	runtime.SetFinalizer(keep, func(keep *networkHandle) { keep.handle.Delete() })
	model := newModel(out, keep)
	of.dim, of.outputs = model.Dim(), model.Outputs()
	return model, nil
}

// ask calls a network with the condition that C hands over, which is there for the call alone.
func (of *network) ask(pointer *C.diffusion_condition, f func(*Condition) error) C.int32_t {
	return guard(func() error {
		if pointer == nil {
			return f(nil)
		}
		condition := &Condition{handle: &handle{pointer: unsafe.Pointer(pointer)}, dim: of.dim}
		defer condition.Close()
		return f(condition)
	})
}

//export goPredict
func goPredict(x *C.float, time *C.double, condition *C.diffusion_condition, n C.size_t, out *C.float,
	user C.uintptr_t) C.int32_t {
	of, count := cgo.Handle(user).Value().(*network), int(n)
	return of.ask(condition, func(condition *Condition) error {
		return of.single(slice[float32](x, count*of.dim), slice[float64](time, count), condition,
			room[float32](out, count*of.outputs))
	})
}

//export goPredictDouble
func goPredictDouble(x, time *C.double, condition *C.diffusion_condition, n C.size_t, out *C.double,
	user C.uintptr_t) C.int32_t {
	of, count := cgo.Handle(user).Value().(*network), int(n)
	return of.ask(condition, func(condition *Condition) error {
		return of.double(slice[float64](x, count*of.dim), slice[float64](time, count), condition,
			room[float64](out, count*of.outputs))
	})
}
