package libdiffusion

// #include <diffusion.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Model is the reverse process p(x_{t-1} | x_t): a network, and how its output is read. Any number of goroutines may use a
// model that none changes.
type Model struct {
	handle *handle
}

// newModel keeps what the model needs: the network behind a callback, say.
func newModel(out *C.diffusion_model, keep any) *Model {
	free := func(p unsafe.Pointer) { C.diffusion_model_free((*C.diffusion_model)(p)) }
	return &Model{newHandle(unsafe.Pointer(out), free, keep)}
}

func (m *Model) c() *C.diffusion_model {
	if m == nil {
		return nil
	}
	return (*C.diffusion_model)(m.handle.pointer)
}

// network is what samplers of the model keep, as it may be closed before them.
func (m *Model) network() any {
	if m == nil {
		return nil
	}
	return m.handle.keep
}

// NewModel makes a model with random parameters of a spec, such as "mlp shape=8,8,1 width=256 depth=4 predict=epsilon".
func NewModel(spec string, seed uint64) (*Model, error) {
	var out *C.diffusion_model
	err := withText("model_create", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_model_create(&out, spec, C.uint64_t(seed))
	})
	if err != nil {
		return nil, err
	}
	return newModel(out, nil), nil
}

// Close frees the model; what was made of it goes on living. A trainer's own model is closed with the trainer.
func (m *Model) Close() error {
	if m.handle.free != nil {
		m.handle.close()
	}
	return nil
}

// Dim is the number of values in one sample, the product of the shape.
func (m *Model) Dim() int {
	defer runtime.KeepAlive(m)
	return int(C.diffusion_model_dim(m.c()))
}

// Outputs is the number of values that the network gives for one sample: Dim, or twice that with a learned variance.
func (m *Model) Outputs() int {
	defer runtime.KeepAlive(m)
	return int(C.diffusion_model_outputs(m.c()))
}

// Classes is the number of classes that labels may name; 0 where there are none.
func (m *Model) Classes() int {
	defer runtime.KeepAlive(m)
	return int(C.diffusion_model_classes(m.c()))
}

// Shape is the shape of one sample, such as 28, 28, 1.
func (m *Model) Shape() ([]int, error) {
	return sizes(func(shape *C.int64_t, capacity C.size_t, rank *C.size_t) C.diffusion_status {
		return C.diffusion_model_shape(m.c(), shape, capacity, rank)
	})
}

// Spec is the complete spec, defaults spelled out.
func (m *Model) Spec() string {
	defer runtime.KeepAlive(m)
	return C.GoString(C.diffusion_model_spec(m.c()))
}

// Forward is the raw output of the network, [n, Outputs], of x, [n, Dim], and times, [n], as the key time= has them. The
// condition may be nil.
func (m *Model) Forward(x []float32, time []float64, condition *Condition) ([]float32, error) {
	const function = "model_forward"
	n := len(time)
	if err := expect(function, "x", len(x), n, m.Dim()); err != nil {
		return nil, err
	}
	if err := condition.usable(function); err != nil {
		return nil, err
	}
	out, err := zeros[float32](function, n, m.Outputs())
	if err != nil {
		return nil, err
	}
	return result(out, call(func() C.diffusion_status {
		return C.diffusion_model_forward(m.c(), first[C.float](x), first[C.double](time), condition.c(), C.size_t(n),
			first[C.float](out))
	}))
}

// Predict is mean and variance, [n, Dim], of p(x_{t-1} | x_t) for x, [n, Dim], and steps, [n], each 1..T; or rate and its
// variance for the binomial kernel.
func (m *Model) Predict(schedule *Schedule, x []float32, t []int32, condition *Condition) (mean, variance []float32,
	err error) {
	const function = "model_predict"
	n, dim := len(t), m.Dim()
	if err := expect(function, "x", len(x), n, dim); err != nil {
		return nil, nil, err
	}
	if err := condition.usable(function); err != nil {
		return nil, nil, err
	}
	mean, variance = make([]float32, n*dim), make([]float32, n*dim)
	err = call(func() C.diffusion_status {
		return C.diffusion_model_predict(m.c(), schedule.c(), first[C.float](x), first[C.int32_t](t), condition.c(),
			C.size_t(n), first[C.float](mean), first[C.float](variance))
	})
	if err != nil {
		return nil, nil, err
	}
	return mean, variance, nil
}

// sizes are sizes that C writes, asked for their number first.
func sizes(f func(shape *C.int64_t, capacity C.size_t, rank *C.size_t) C.diffusion_status) ([]int, error) {
	var rank C.size_t
	if err := call(func() C.diffusion_status { return f(nil, 0, &rank) }); err != nil {
		return nil, err
	}
	shape := make([]int64, rank)
	err := call(func() C.diffusion_status { return f(first[C.int64_t](shape), C.size_t(len(shape)), &rank) })
	return result(ints(shape), err)
}

func ints(values []int64) []int {
	out := make([]int, len(values))
	for i, value := range values {
		out[i] = int(value)
	}
	return out
}
