package libdiffusion

// #include <diffusion.h>
import "C"

import (
	"io"
	"runtime"
	"unsafe"
)

// LoadModel loads a model that was saved, the averaged weights of a trainer's checkpoint, or a folder of diffusers.
func LoadModel(path string) (*Model, error) {
	var out *C.diffusion_model
	err := withText("model_load", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_model_load(&out, path)
	})
	if err != nil {
		return nil, err
	}
	return newModel(out, nil), nil
}

// ReadModel loads a model from the bytes of a file, up to their end.
func ReadModel(r io.Reader) (*Model, error) {
	bytes, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var out *C.diffusion_model
	err = call(func() C.diffusion_status {
		return C.diffusion_model_load_memory(&out, unsafe.Pointer(first[C.uint8_t](bytes)), C.size_t(len(bytes)))
	})
	if err != nil {
		return nil, err
	}
	return newModel(out, nil), nil
}

// Save writes parameters, spec and texts as one safetensors file, whole or not at all.
func (m *Model) Save(path string) error {
	return withText("model_save", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_model_save(m.c(), path)
	})
}

// WriteTo writes the bytes of that file. A copy of a trainer's model that outlives the trainer is what [ReadModel] makes
// of them.
func (m *Model) WriteTo(w io.Writer) (int64, error) {
	var needed C.size_t
	err := call(func() C.diffusion_status { return C.diffusion_model_save_memory(m.c(), nil, 0, &needed) })
	if err != nil {
		return 0, err
	}
	bytes := make([]byte, needed)
	err = call(func() C.diffusion_status {
		return C.diffusion_model_save_memory(m.c(), unsafe.Pointer(first[C.uint8_t](bytes)), needed, nil)
	})
	if err != nil {
		return 0, err
	}
	n, err := w.Write(bytes)
	return int64(n), err
}

// SaveDiffusers writes a "unet" as a folder that diffusers' DDPMPipeline.from_pretrained() reads.
func (m *Model) SaveDiffusers(schedule *Schedule, path string) error {
	return withText("model_save_diffusers", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_model_save_diffusers(m.c(), schedule.c(), path)
	})
}

// ParameterNames are the names of the parameter tensors, in the order of [Trainer.Gradient]; none for a callback model.
func (m *Model) ParameterNames() []string {
	defer runtime.KeepAlive(m)
	names := make([]string, C.diffusion_model_parameter_count(m.c()))
	for i := range names {
		names[i] = C.GoString(C.diffusion_model_parameter_name(m.c(), C.size_t(i)))
	}
	return names
}

// ParameterShape is the shape of a parameter tensor.
func (m *Model) ParameterShape(name string) ([]int, error) {
	t, err := newText("model_parameter_shape", "name", name)
	if err != nil {
		return nil, err
	}
	defer t.free()
	return sizes(func(shape *C.int64_t, capacity C.size_t, rank *C.size_t) C.diffusion_status {
		return C.diffusion_model_parameter_shape(m.c(), t.c, shape, capacity, rank)
	})
}

// Parameter is a copy of a parameter tensor, row-major.
func (m *Model) Parameter(name string) ([]float32, error) {
	shape, err := m.ParameterShape(name)
	if err != nil {
		return nil, err
	}
	values := make([]float32, size(shape))
	return result(values, withText("model_parameter", "name", name, func(name *C.char) C.diffusion_status {
		return C.diffusion_model_parameter(m.c(), name, first[C.float](values), C.size_t(len(values)))
	}))
}

// SetParameter sets a parameter tensor, row-major.
func (m *Model) SetParameter(name string, values []float32) error {
	return withText("model_set_parameter", "name", name, func(name *C.char) C.diffusion_status {
		return C.diffusion_model_set_parameter(m.c(), name, first[C.float](values), C.size_t(len(values)))
	})
}

func size(shape []int) int {
	product := 1
	for _, length := range shape {
		product *= length
	}
	return product
}

// Metadata is a text that is stored with the model, such as how its data was scaled.
func (m *Model) Metadata(key string) (value string, found bool) {
	t, err := newText("model_metadata", "key", key)
	if err != nil {
		return "", false
	}
	defer t.free()
	defer runtime.KeepAlive(m)
	c := C.diffusion_model_metadata(m.c(), t.c)
	return C.GoString(c), c != nil
}

// SetMetadata stores a text with the model.
func (m *Model) SetMetadata(key, value string) error {
	t, err := newText("model_set_metadata", "value", value)
	if err != nil {
		return err
	}
	defer t.free()
	return withText("model_set_metadata", "key", key, func(key *C.char) C.diffusion_status {
		return C.diffusion_model_set_metadata(m.c(), key, t.c)
	})
}

// RemoveMetadata removes a text.
func (m *Model) RemoveMetadata(key string) error {
	return withText("model_set_metadata", "key", key, func(key *C.char) C.diffusion_status {
		return C.diffusion_model_set_metadata(m.c(), key, nil)
	})
}

// Moments say how large the noise is that a model sees, step by step, which variance=analytic and spacing=optimal go by.
// The evaluator of the kind "moments" measures them.
type Moments struct {
	Noise        []float64 // [T], of the model's noise squared, for each value
	Error        []float64 // [T], of its error squared; nil for what it is of a model that knows the mean
	DataVariance float64   // of x_0, the mean over its values
}

// Moments are the moments that are stored with the model, nil if there are none.
func (m *Model) Moments() (*Moments, error) {
	var steps C.size_t
	err := call(func() C.diffusion_status { return C.diffusion_model_moments(m.c(), nil, nil, nil, 0, &steps) })
	if err != nil || steps == 0 {
		return nil, err
	}
	moments, variance := &Moments{Noise: make([]float64, steps), Error: make([]float64, steps)}, C.double(0)
	err = call(func() C.diffusion_status {
		return C.diffusion_model_moments(m.c(), first[C.double](moments.Noise), first[C.double](moments.Error), &variance,
			steps, &steps)
	})
	if err != nil {
		return nil, err
	}
	moments.DataVariance = float64(variance)
	return moments, nil
}

// SetMoments stores moments of a schedule, in place of those the model had; nil forgets them.
func (m *Model) SetMoments(schedule *Schedule, moments *Moments) error {
	if moments == nil {
		return call(func() C.diffusion_status { return C.diffusion_model_set_moments(m.c(), schedule.c(), nil, nil, 0) })
	}
	const function = "model_set_moments"
	steps := schedule.Steps()
	if err := expect(function, "Noise", len(moments.Noise), steps, 1); err != nil {
		return err
	}
	var missed *C.double
	if moments.Error != nil {
		if err := expect(function, "Error", len(moments.Error), steps, 1); err != nil {
			return err
		}
		missed = first[C.double](moments.Error)
	}
	return call(func() C.diffusion_status {
		return C.diffusion_model_set_moments(m.c(), schedule.c(), first[C.double](moments.Noise), missed,
			C.double(moments.DataVariance))
	})
}

// FromData brings values, [n, Dim], from the data's own units to the numbers the model was trained on.
func (m *Model) FromData(values []float64) ([]float32, error) {
	n, err := rows("model_from_data", "values", len(values), m.Dim())
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(values))
	return result(x, call(func() C.diffusion_status {
		return C.diffusion_model_from_data(m.c(), first[C.double](values), C.size_t(n), first[C.float](x))
	}))
}

// ToData brings them back, whole numbers where the data had them.
func (m *Model) ToData(x []float32) ([]float64, error) {
	n, err := rows("model_to_data", "x", len(x), m.Dim())
	if err != nil {
		return nil, err
	}
	values := make([]float64, len(x))
	return result(values, call(func() C.diffusion_status {
		return C.diffusion_model_to_data(m.c(), first[C.float](x), C.size_t(n), first[C.double](values))
	}))
}

// Scaling is one number of that mapping for every value of a sample: "shift", "scale", "dequantize", "minimum" or
// "maximum".
func (m *Model) Scaling(quantity string) ([]float64, error) {
	values := make([]float64, m.Dim())
	return result(values, withText("model_scaling", "quantity", quantity, func(quantity *C.char) C.diffusion_status {
		return C.diffusion_model_scaling(m.c(), quantity, first[C.double](values))
	}))
}
