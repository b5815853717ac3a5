package libdiffusion

// #include "callbacks.h"
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// Coder codes discrete data without loss, in as many bits as the bound K says that it has. It is for one goroutine at a
// time while it runs.
type Coder struct {
	handle *handle
	caller
}

func (c *Coder) c() *C.diffusion_coder {
	if c == nil {
		return nil
	}
	return (*C.diffusion_coder)(c.handle.pointer)
}

func newCoder(out *C.diffusion_coder, model *Model) *Coder {
	caller, release := newCaller(model.Dim())
	free := func(p unsafe.Pointer) {
		C.diffusion_coder_free((*C.diffusion_coder)(p))
		release()
	}
	return &Coder{newHandle(unsafe.Pointer(out), free, model.network()), caller}
}

// NewCoder makes a coder, such as "bits_back steps=100".
func NewCoder(model *Model, schedule *Schedule, spec string) (*Coder, error) {
	var out *C.diffusion_coder
	err := withText("coder_create", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_coder_create(&out, model.c(), schedule.c(), spec)
	})
	if err != nil {
		return nil, err
	}
	return newCoder(out, model), nil
}

// LoadCoder makes a coder of a file that Save wrote, with the data that is coded in it. Model, schedule, version and
// arithmetic must be those that coded it.
func LoadCoder(model *Model, schedule *Schedule, path string) (*Coder, error) {
	var out *C.diffusion_coder
	err := withText("coder_load", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_coder_load(&out, model.c(), schedule.c(), path)
	})
	if err != nil {
		return nil, err
	}
	return newCoder(out, model), nil
}

// Close frees the coder.
func (c *Coder) Close() error {
	c.handle.close()
	return nil
}

// run makes a call that may call back.
func (c *Coder) run(ctx context.Context, f func() C.diffusion_status) error {
	return c.caller.run(ctx, func(set C.int) C.diffusion_status {
		return C.coder_set_progress_go(c.c(), set, c.user)
	}, f)
}

// Encode codes data, [n, dim], in place of what was coded before: the middles of `levels` bins over -1..1, or bits. Labels
// are coded with it; the condition may be nil.
func (c *Coder) Encode(ctx context.Context, x0 []float32, condition *Condition) error {
	n, err := rows("coder_encode", "x0", len(x0), c.functions.dim)
	if err == nil {
		err = condition.usable("coder_encode")
	}
	if err != nil {
		return err
	}
	return c.run(ctx, func() C.diffusion_status {
		return C.diffusion_coder_encode(c.c(), first[C.float](x0), condition.c(), C.size_t(n))
	})
}

// Decode gives back what has been coded, which stays: the data, [n, dim], and the labels, [n], -1 for none.
func (c *Coder) Decode(ctx context.Context) (x0 []float32, labels []int32, err error) {
	samples, err := c.Value("samples")
	if err != nil {
		return nil, nil, err
	}
	n := int(samples)
	x0, err = zeros[float32]("coder_decode", n, c.functions.dim)
	if err != nil {
		return nil, nil, err
	}
	labels = make([]int32, n)
	err = c.run(ctx, func() C.diffusion_status {
		return C.diffusion_coder_decode(c.c(), first[C.float](x0), first[C.int32_t](labels), C.size_t(n))
	})
	if err != nil {
		return nil, nil, err
	}
	return x0, labels, nil
}

// Value is one figure of what has been coded, such as "bytes", "code_bits" and "k_bits".
func (c *Coder) Value(quantity string) (float64, error) {
	var out C.double
	err := withText("coder_value", "quantity", quantity, func(quantity *C.char) C.diffusion_status {
		return C.diffusion_coder_value(c.c(), quantity, &out)
	})
	return float64(out), err
}

// Save writes the code to a file, whole or not at all.
func (c *Coder) Save(path string) error {
	return withText("coder_save", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_coder_save(c.c(), path)
	})
}

// Spec is the complete spec, defaults spelled out.
func (c *Coder) Spec() string {
	defer runtime.KeepAlive(c)
	return C.GoString(C.diffusion_coder_spec(c.c()))
}

// SetProgress sets what hears of progress during a run; nil for none.
func (c *Coder) SetProgress(progress Progress) {
	c.functions.progress = progress
}
