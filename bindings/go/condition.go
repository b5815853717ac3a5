package libdiffusion

// #include <diffusion.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Condition is what each sample of a batch is conditioned on: a class, a vector, which of its values are observed.
type Condition struct {
	handle *handle
	dim    int // values to a sample of what is observed, which C does not tell
}

func (c *Condition) c() *C.diffusion_condition {
	if c == nil {
		return nil
	}
	return (*C.diffusion_condition)(c.handle.pointer)
}

// usable refuses a condition that is closed: to C it would be none at all.
func (c *Condition) usable(function string) error {
	if c != nil && c.handle.pointer == nil {
		return refuse(ErrArgument, "%s: the condition is closed", function)
	}
	return nil
}

// NewCondition makes the conditions of n samples, with nothing set.
func NewCondition(n int) (*Condition, error) {
	if n < 0 {
		return nil, refuse(ErrArgument, "condition_create: n=%d", n)
	}
	var out *C.diffusion_condition
	if err := call(func() C.diffusion_status { return C.diffusion_condition_create(&out, C.size_t(n)) }); err != nil {
		return nil, err
	}
	free := func(p unsafe.Pointer) { C.diffusion_condition_free((*C.diffusion_condition)(p)) }
	return &Condition{handle: newHandle(unsafe.Pointer(out), free, nil)}, nil
}

// NewConditionFromLabels makes the conditions of as many samples as there are labels.
func NewConditionFromLabels(labels []int32) (*Condition, error) {
	condition, err := NewCondition(len(labels))
	if err == nil {
		err = condition.SetLabels(labels)
	}
	if err != nil {
		return nil, err
	}
	return condition, nil
}

// Close frees the condition; a call that reads it, in whose callback it is closed, has it until it ends.
func (c *Condition) Close() error {
	c.handle.close()
	return nil
}

// Count is the number of samples.
func (c *Condition) Count() int {
	defer runtime.KeepAlive(c)
	return int(C.diffusion_condition_count(c.c()))
}

// SetLabels sets each sample's class, 0..classes-1 of the model, or -1 for a sample without one; nil removes them.
func (c *Condition) SetLabels(labels []int32) error {
	if labels == nil {
		return call(func() C.diffusion_status { return C.diffusion_condition_set_labels(c.c(), nil) })
	}
	if err := expect("condition_set_labels", "labels", len(labels), c.Count(), 1); err != nil {
		return err
	}
	return call(func() C.diffusion_status {
		return C.diffusion_condition_set_labels(c.c(), first[C.int32_t](labels))
	})
}

// Labels are a copy of the labels, nil where none are set.
func (c *Condition) Labels() []int32 {
	defer runtime.KeepAlive(c)
	labels := C.diffusion_condition_labels(c.c())
	if labels == nil {
		return nil
	}
	return append([]int32{}, slice[int32](labels, c.Count())...)
}

// SetVectors sets a vector for each sample, [n, width], for models with the key condition=width; nil removes them.
func (c *Condition) SetVectors(vectors []float32, width int) error {
	if vectors == nil {
		return call(func() C.diffusion_status { return C.diffusion_condition_set_vectors(c.c(), nil, 0) })
	}
	if err := expect("condition_set_vectors", "vectors", len(vectors), c.Count(), width); err != nil {
		return err
	}
	return call(func() C.diffusion_status {
		return C.diffusion_condition_set_vectors(c.c(), first[C.float](vectors), C.size_t(width))
	})
}

// Vectors are a copy of the vectors, [n, width], nil where none are set, and their width.
func (c *Condition) Vectors() (vectors []float32, width int) {
	defer runtime.KeepAlive(c)
	var size C.size_t
	values := C.diffusion_condition_vectors(c.c(), &size)
	if values == nil {
		return nil, 0
	}
	return append([]float32{}, slice[float32](values, c.Count()*int(size))...), int(size)
}

// SetObserved sets which values of each sample are observed, [n, dim]; nil takes all for observed. A trainer leaves the
// others out of its loss, and a network behind a callback is told; to draw what is missing see [Sampler.SetKnown].
func (c *Condition) SetObserved(observed []bool, dim int) error {
	if observed == nil {
		return call(func() C.diffusion_status { return C.diffusion_condition_set_observed(c.c(), nil, 0) })
	}
	if err := expect("condition_set_observed", "observed", len(observed), c.Count(), dim); err != nil {
		return err
	}
	bytes := bytesOf(observed)
	err := call(func() C.diffusion_status {
		return C.diffusion_condition_set_observed(c.c(), first[C.uint8_t](bytes), C.size_t(dim))
	})
	if err == nil {
		c.dim = dim
	}
	return err
}

// Observed is a copy of which values are observed, [n, dim], nil where nothing is said.
func (c *Condition) Observed() []bool {
	defer runtime.KeepAlive(c)
	observed := C.diffusion_condition_observed(c.c())
	if observed == nil {
		return nil
	}
	values := make([]bool, c.Count()*c.dim)
	for i, value := range slice[uint8](observed, len(values)) {
		values[i] = value != 0
	}
	return values
}

func bytesOf(values []bool) []uint8 {
	bytes := make([]uint8, len(values))
	for i, value := range values {
		if value {
			bytes[i] = 1
		}
	}
	return bytes
}
