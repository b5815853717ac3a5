package libdiffusion

// #include <diffusion.h>
import "C"

import "sync"

// Status is what a call came to, by the library's numbers. Each of them is a target of errors.Is.
type Status int32

// The library's statuses.
const (
	ErrArgument  Status = C.DIFFUSION_E_ARGUMENT  // a handle that is closed or nil, or a number outside its range
	ErrSpec      Status = C.DIFFUSION_E_SPEC      // a spec that does not parse
	ErrShape     Status = C.DIFFUSION_E_SHAPE     // sizes that do not fit one another
	ErrStep      Status = C.DIFFUSION_E_STEP      // a step t outside 1..T
	ErrKernel    Status = C.DIFFUSION_E_KERNEL    // the Gaussian or binomial kernel where the other is needed
	ErrName      Status = C.DIFFUSION_E_NAME      // a parameter, quantity or topic that does not exist
	ErrState     Status = C.DIFFUSION_E_STATE     // a call out of order
	ErrLabel     Status = C.DIFFUSION_E_LABEL     // a class label outside the model's classes
	ErrMemory    Status = C.DIFFUSION_E_MEMORY    // an allocation failed, or a size overflows
	ErrIO        Status = C.DIFFUSION_E_IO        // the operating system refused to open, read, write or rename
	ErrFormat    Status = C.DIFFUSION_E_FORMAT    // a file that breaks its format's rules
	ErrContent   Status = C.DIFFUSION_E_CONTENT   // a sound file with the wrong content
	ErrNonFinite Status = C.DIFFUSION_E_NONFINITE // a NaN or infinity in data, loss or gradient
)

// String is the library's name for the status, such as "spec".
func (s Status) String() string {
	return C.GoString(C.diffusion_status_name(C.diffusion_status(s)))
}

// Error makes a status a target of errors.Is.
func (s Status) Error() string {
	return "libdiffusion: " + s.String()
}

// Error is a call that was refused.
type Error struct {
	Status   Status
	Sentence string // names the argument, its value and what was expected
}

func (e *Error) Error() string {
	return e.Sentence
}

// Is tells whether the target is the error's status.
func (e *Error) Is(target error) bool {
	return target == error(e.Status)
}

// failure is how a callback ended that did not return nil.
type failure struct {
	err      error
	panicked bool
	value    any // of the panic
}

// Callbacks return the number under which their failure waits, which the library hands on unchanged to the call.
var failures = struct {
	sync.Mutex
	last    int32
	waiting map[int32]failure
}{waiting: map[int32]failure{}}

func keepFailure(of failure) C.int32_t {
	failures.Lock()
	defer failures.Unlock()
	for taken := true; taken; _, taken = failures.waiting[failures.last] {
		failures.last = failures.last%(1<<30) + 1 // above 0: the library's own statuses are below
	}
	failures.waiting[failures.last] = of
	return C.int32_t(failures.last)
}

func takeFailure(status C.diffusion_status) (failure, bool) {
	failures.Lock()
	defer failures.Unlock()
	of, found := failures.waiting[int32(status)]
	delete(failures.waiting, int32(status))
	return of, found
}

// check is the error of a call that returned a status, on the thread that made it.
func check(status C.diffusion_status) error {
	if status == C.DIFFUSION_OK {
		return nil
	}
	of, found := takeFailure(status)
	if found && of.panicked {
		panic(of.value)
	}
	if found {
		return of.err
	}
	return &Error{Status(status), C.GoString(C.diffusion_last_error())}
}
