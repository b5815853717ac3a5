package libdiffusion

// #include <diffusion.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Schedule is the forward process q: its kernel, and how much it diffuses at each of the steps t = 1..T. It is immutable.
type Schedule struct {
	handle *handle
}

func newSchedule(out *C.diffusion_schedule) *Schedule {
	free := func(p unsafe.Pointer) { C.diffusion_schedule_free((*C.diffusion_schedule)(p)) }
	return &Schedule{newHandle(unsafe.Pointer(out), free, nil)}
}

func (s *Schedule) c() *C.diffusion_schedule {
	if s == nil {
		return nil
	}
	return (*C.diffusion_schedule)(s.handle.pointer)
}

// NewSchedule makes a schedule of a spec, such as "cosine steps=1000" or "constant_rate steps=2000 kernel=binomial
// rate=0.2".
func NewSchedule(spec string) (*Schedule, error) {
	var out *C.diffusion_schedule
	err := withText("schedule_create", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_schedule_create(&out, spec)
	})
	if err != nil {
		return nil, err
	}
	return newSchedule(out), nil
}

// NewScheduleFromBetas makes a schedule of given betas, each in (0, 1]. The spec holds keys of the kernel alone, "" for the
// Gaussian one.
func NewScheduleFromBetas(betas []float64, spec string) (*Schedule, error) {
	var out *C.diffusion_schedule
	err := withText("schedule_create_from_betas", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_schedule_create_from_betas(&out, first[C.double](betas), int32Of(len(betas)), spec)
	})
	if err != nil {
		return nil, err
	}
	return newSchedule(out), nil
}

// Close frees the schedule; what was made of it goes on living.
func (s *Schedule) Close() error {
	s.handle.close()
	return nil
}

// Steps is the number of steps T.
func (s *Schedule) Steps() int {
	defer runtime.KeepAlive(s)
	return int(C.diffusion_schedule_steps(s.c()))
}

// Spec is the complete spec: made again from it, a schedule has the same bits.
func (s *Schedule) Spec() string {
	defer runtime.KeepAlive(s)
	return C.GoString(C.diffusion_schedule_spec(s.c()))
}

// Values is one quantity for all steps, element t - 1 that of step t: "beta", "alpha_bar", "log_snr" and so on.
func (s *Schedule) Values(quantity string) ([]float64, error) {
	out := make([]float64, s.Steps())
	err := withText("schedule_values", "quantity", quantity, func(quantity *C.char) C.diffusion_status {
		return C.diffusion_schedule_values(s.c(), quantity, first[C.double](out))
	})
	return result(out, err)
}

// Level is the noise level at a time: x_t = Signal x_0 + Sigma epsilon.
type Level struct {
	Signal, Sigma float64
	LogSNR        float64 // 2 log(Signal / Sigma), infinite at the data
}

// Level is the noise level at a time from 0, the data, to T, whole or not.
func (s *Schedule) Level(t float64) (Level, error) {
	var signal, sigma, logSNR C.double
	err := call(func() C.diffusion_status {
		return C.diffusion_schedule_level(s.c(), C.double(t), &signal, &sigma, &logSNR)
	})
	return Level{float64(signal), float64(sigma), float64(logSNR)}, err
}

// Time is the time at which the log SNR has come down to a value: the inverse of Level.
func (s *Schedule) Time(logSNR float64) (float64, error) {
	var t C.double
	err := call(func() C.diffusion_status { return C.diffusion_schedule_time(s.c(), C.double(logSNR), &t) })
	return float64(t), err
}

// result is what a call filled, if it did not fail.
func result[T any](values []T, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	return values, nil
}
