package libdiffusion

// #include "callbacks.h"
import "C"

// Version is the version of the loaded library, "major.minor.patch".
func Version() string {
	return C.GoString(C.diffusion_version())
}

// BLASCore is the OpenBLAS kernel set in use, such as "SkylakeX" or "Haswell".
func BLASCore() string {
	return C.GoString(C.diffusion_blas_core())
}

// BLASThreading is how the loaded OpenBLAS makes threads: "serial", "pthreads" or "openmp".
func BLASThreading() string {
	return C.GoString(C.diffusion_blas_threading())
}

// SetThreads sets how many threads the calls made from this thread may use, 1..1024, or 0 for the default: OMP_NUM_THREADS,
// else all processors. It is the operating system's thread that has the count, so it means something between
// runtime.LockOSThread and UnlockOSThread alone; for the whole process there is OMP_NUM_THREADS in its environment.
func SetThreads(threads int) error {
	return call(func() C.diffusion_status { return C.diffusion_set_threads(int32Of(threads)) })
}

// Threads is the number of threads that a call made from this thread would use now.
func Threads() int {
	return int(C.diffusion_threads())
}

// Help describes specs, to print: every kind and key with its values, default and meaning. The topic is "schedule",
// "model", "trainer", "sampler", "evaluator" or "coder".
func Help(topic string) (string, error) {
	var needed C.size_t
	t, err := newText("help", "topic", topic)
	if err != nil {
		return "", err
	}
	defer t.free()
	if err := call(func() C.diffusion_status { return C.diffusion_help(t.c, nil, 0, &needed) }); err != nil {
		return "", err
	}
	out := make([]byte, needed)
	err = call(func() C.diffusion_status { return C.diffusion_help(t.c, first[C.char](out), needed, nil) })
	if err != nil {
		return "", err
	}
	return string(out[:len(out)-1]), nil
}

// SetParameterLimit sets how many parameters [NewModel] may be asked for, in the whole process: 2^30 unless it is set. Call
// it before anything else, as no other call may run meanwhile.
func SetParameterLimit(count int) error {
	if count < 0 {
		count = 0 // which is refused too
	}
	return call(func() C.diffusion_status { return C.diffusion_set_parameter_limit(C.size_t(count)) })
}

var logger func(level, message string)

// SetLog sets what receives warnings, in the whole process; nil for silence. Call it before anything else, as no other call
// may run meanwhile. It must not panic.
func SetLog(log func(level, message string)) {
	logger = log
	C.set_log_go(flag(log != nil))
}

//export goLog
func goLog(level, message *C.char) {
	if log := logger; log != nil {
		log(C.GoString(level), C.GoString(message))
	}
}
