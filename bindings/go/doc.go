// Package libdiffusion trains, samples and measures diffusion probabilistic models on an ordinary CPU, by the C library of
// the same name.
//
// Whatever has options is made from one line of text, a kind and then key=value pairs, which [Help] lists. Arrays are
// row-major slices, [n, dim]; data is float32, mathematics is float64. Steps count t = 1..T, x_0 is data and x_T is noise.
// A slice of a length that does not fit is refused.
//
// # Errors
//
// A call that the library refuses returns an [*Error] with its sentence and status; errors.Is tells the statuses apart:
// errors.Is(err, libdiffusion.ErrSpec). The error of a callback, or of a context, stops the call and is what the call
// returns, itself. A callback's panic goes on from the call, where no frame of C is left on the stack. A callback must
// not call runtime.Goexit, as FailNow of a test does.
//
// # Goroutines
//
// A [Schedule] is immutable, and for any number of goroutines. So are a [Model] and a [Condition] as long as none changes
// them: trains the model, sets a parameter or a text, or closes them. A [Trainer], [Sampler], [Evaluator] or [Coder] is for
// one goroutine at a time; goroutines that draw at once have a sampler each, of one model, which nothing may train
// meanwhile. Callbacks run on the goroutine that made the call. A call uses all processors, but when others run at the
// same time each works alone; same seed, same bits, for any number of threads.
//
// # Memory
//
// Handles free themselves once they are unreachable; Close frees them at once, and every later call on them is refused.
// What a handle was made of may be closed before it. The slices that a callback is given are the library's, for the call
// alone, and so is the condition.
package libdiffusion
