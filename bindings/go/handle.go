package libdiffusion

/*
#cgo pkg-config: libdiffusion
#include <diffusion.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"unsafe"
)

// handle is a pointer of the library's that frees itself. It refers to nothing that a program's closures could refer back
// from: what has a finalizer and is part of a circle might never be freed.
type handle struct {
	pointer unsafe.Pointer
	free    func(unsafe.Pointer)
	keep    any // reachable as long as the handle is, and finalized behind it
}

func newHandle(pointer unsafe.Pointer, free func(unsafe.Pointer), keep any) *handle {
	h := &handle{pointer, free, keep}
	runtime.SetFinalizer(h, (*handle).close)
	return h
}

func (h *handle) close() {
	if h.pointer != nil && h.free != nil {
		h.free(h.pointer)
	}
	h.pointer, h.keep = nil, nil
	runtime.SetFinalizer(h, nil)
}

// call makes a call of the library, whose sentence is the thread's: no other goroutine's call may come between. What the
// closure refers to is kept until the call is over.
func call(f func() C.diffusion_status) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	status := f()
	runtime.KeepAlive(f)
	return check(status)
}

// text is a copy of a string for C.
type text struct{ c *C.char }

func newText(function, name, value string) (text, error) {
	if at := strings.IndexByte(value, 0); at >= 0 {
		return text{}, refuse(ErrArgument, "%s: %s has a NUL byte at %d", function, name, at)
	}
	return text{C.CString(value)}, nil
}

func (t text) free() {
	C.free(unsafe.Pointer(t.c))
}

// withText makes a call that takes one string.
func withText(function, name, value string, f func(*C.char) C.diffusion_status) error {
	t, err := newText(function, name, value)
	if err != nil {
		return err
	}
	defer t.free()
	return call(func() C.diffusion_status { return f(t.c) })
}

var nothing [8]byte

// first is the address of a slice's values, or, of none, any that is not NULL.
func first[To, From any](values []From) *To {
	if len(values) == 0 {
		return (*To)(unsafe.Pointer(&nothing))
	}
	return (*To)(unsafe.Pointer(&values[0]))
}

// slice is an array of C's, as long as that stays.
func slice[To, From any](values *From, count int) []To {
	if count == 0 {
		return nil
	}
	return unsafe.Slice((*To)(unsafe.Pointer(values)), count)
}

// rows is the n of an array [n, dim].
func rows(function, name string, length, dim int) (int, error) {
	if dim > 0 && length%dim == 0 {
		return length / dim, nil
	}
	return 0, refuse(ErrShape, "%s: %s has %d values, expected a multiple of %d", function, name, length, dim)
}

// expect refuses an array of another length than [n, dim].
func expect(function, name string, length, n, dim int) error {
	if size, err := product(function, n, dim); err != nil || size != length {
		return refuse(ErrShape, "%s: %s has %d values, expected %d x %d", function, name, length, n, dim)
	}
	return nil
}

// product is n * dim, which must be a size that a slice can have.
func product(function string, n, dim int) (int, error) {
	if n < 0 || dim < 0 {
		return 0, refuse(ErrArgument, "%s: n=%d samples of %d values", function, n, dim)
	}
	const most = math.MaxInt / 8
	if dim > 0 && n > most/dim {
		return 0, refuse(ErrMemory, "%s: n=%d samples of %d values cannot be addressed", function, n, dim)
	}
	return n * dim, nil
}

// zeros is room for a result [n, dim].
func zeros[T any](function string, n, dim int) (values []T, err error) {
	size, err := product(function, n, dim)
	if err != nil {
		return nil, err
	}
	defer func() {
		if recover() != nil { // longer than any slice
			err = refuse(ErrMemory, "%s: no memory for n=%d samples of %d values", function, n, dim)
		}
	}()
	return make([]T, size), nil
}

// int32Of is a number for C, or one that it refuses too.
func int32Of(value int) C.int32_t {
	if value > math.MaxInt32 {
		return math.MaxInt32
	}
	if value < math.MinInt32 {
		return math.MinInt32
	}
	return C.int32_t(value)
}

func refuse(status Status, format string, arguments ...any) error {
	return &Error{status, fmt.Sprintf(format, arguments...)}
}
