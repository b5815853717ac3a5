package libdiffusion

// #include <diffusion.h>
// #include <stdlib.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Trainer fits a model's reverse process to data, and keeps all that is needed to go on later to the same bits. It is for
// one goroutine at a time, and nothing else may use its model while it takes a step.
type Trainer struct {
	handle *handle
	model  *Model // the library's own
}

func newTrainer(out *C.diffusion_trainer) *Trainer {
	free := func(p unsafe.Pointer) { C.diffusion_trainer_free((*C.diffusion_trainer)(p)) }
	h := newHandle(unsafe.Pointer(out), free, nil)
	model := &handle{pointer: unsafe.Pointer(C.diffusion_trainer_model(out)), keep: h}
	return &Trainer{h, &Model{model}}
}

func (t *Trainer) c() *C.diffusion_trainer {
	if t == nil {
		return nil
	}
	return (*C.diffusion_trainer)(t.handle.pointer)
}

// NewTrainer makes a trainer that changes the model in place, of a spec such as "objective=hybrid optimizer=adamw rate=2e-4
// ema=0.9995 batch=128 seed=1".
func NewTrainer(model *Model, schedule *Schedule, spec string) (*Trainer, error) {
	var out *C.diffusion_trainer
	err := withText("trainer_create", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_trainer_create(&out, model.c(), schedule.c(), spec)
	})
	if err != nil {
		return nil, err
	}
	return newTrainer(out), nil
}

// ResumeTrainer makes a trainer, with a model and schedule of its own, that goes on from a checkpoint to the same bits.
func ResumeTrainer(path string) (*Trainer, error) {
	var out *C.diffusion_trainer
	err := withText("trainer_resume", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_trainer_resume(&out, path)
	})
	if err != nil {
		return nil, err
	}
	return newTrainer(out), nil
}

// Close frees the trainer and closes what [Trainer.Model] returned; samplers that were made of that go on living.
func (t *Trainer) Close() error {
	t.model.handle.pointer = nil
	t.handle.close()
	return nil
}

// Draw is which of count samples the next step should train on, n of them, in an order shuffled anew for each epoch. It
// depends on seed and step alone, so a resumed run goes on where it stopped.
func (t *Trainer) Draw(count, n int) ([]int, error) {
	indices, err := zeros[int64]("trainer_draw", n, 1)
	if err != nil {
		return nil, err
	}
	err = call(func() C.diffusion_status {
		return C.diffusion_trainer_draw(t.c(), C.int64_t(count), C.size_t(n), first[C.int64_t](indices))
	})
	return result(ints(indices), err)
}

// batch is the n of a call's data, [n, dim], whose condition suits to be handed over.
func (t *Trainer) batch(function string, x0 []float32, condition *Condition) (C.size_t, error) {
	if t.c() == nil {
		return 0, refuse(ErrArgument, "%s: the trainer is closed", function)
	}
	n, err := rows(function, "x0", len(x0), t.model.Dim())
	if err == nil {
		err = condition.usable(function)
	}
	return C.size_t(n), err
}

// Step takes one step on data, [n, dim], and returns the batch's loss before it. The condition may be nil.
func (t *Trainer) Step(x0 []float32, condition *Condition) (loss float64, err error) {
	n, err := t.batch("trainer_step", x0, condition)
	if err != nil {
		return 0, err
	}
	var out C.double
	err = call(func() C.diffusion_status {
		return C.diffusion_trainer_step(t.c(), first[C.float](x0), condition.c(), n, &out)
	})
	return float64(out), err
}

// Gradient is the loss and its gradient for the next step's draws, without taking the step: of all parameters, one after
// another in the order of [Model.ParameterNames].
func (t *Trainer) Gradient(x0 []float32, condition *Condition) (loss float64, gradient []float32, err error) {
	n, err := t.batch("trainer_gradient", x0, condition)
	if err != nil {
		return 0, nil, err
	}
	count := 0
	for _, name := range t.model.ParameterNames() {
		shape, err := t.model.ParameterShape(name)
		if err != nil {
			return 0, nil, err
		}
		count += size(shape)
	}
	var out C.double
	gradient = make([]float32, count)
	err = call(func() C.diffusion_status {
		return C.diffusion_trainer_gradient(t.c(), first[C.float](x0), condition.c(), n, &out, first[C.float](gradient),
			C.size_t(count))
	})
	if err != nil {
		return 0, nil, err
	}
	return float64(out), gradient, nil
}

// Loss is the mean loss of samples, [n, dim], that are not trained on, by the weights of [Trainer.Model]. Sample i has the
// draws of index start + i, which are those of no step.
func (t *Trainer) Loss(x0 []float32, condition *Condition, start uint64) (float64, error) {
	n, err := t.batch("trainer_loss", x0, condition)
	if err != nil {
		return 0, err
	}
	var out C.double
	err = call(func() C.diffusion_status {
		return C.diffusion_trainer_loss(t.c(), first[C.float](x0), condition.c(), n, C.uint64_t(start), &out)
	})
	return float64(out), err
}

// Change changes keys of the spec in mid-run: rate, decay, steps and batch, such as "rate=1e-4 steps=3000".
func (t *Trainer) Change(spec string) error {
	return withText("trainer_change", "spec", spec, func(spec *C.char) C.diffusion_status {
		return C.diffusion_trainer_change(t.c(), spec)
	})
}

// Steps is the number of steps taken so far, those before a resume included.
func (t *Trainer) Steps() int64 {
	defer runtime.KeepAlive(t)
	return int64(C.diffusion_trainer_steps(t.c()))
}

// Rate is the learning rate of the next step, warm-up and decay applied.
func (t *Trainer) Rate() float64 {
	defer runtime.KeepAlive(t)
	return float64(C.diffusion_trainer_rate(t.c()))
}

// Spec is the complete spec, defaults spelled out.
func (t *Trainer) Spec() string {
	defer runtime.KeepAlive(t)
	return C.GoString(C.diffusion_trainer_spec(t.c()))
}

// Model is the model with the averaged weights, or the trained model itself with ema=0. It changes with every step and is
// closed with the trainer.
func (t *Trainer) Model() *Model {
	return t.model
}

// Schedule makes a copy of the schedule as it stands: the one given, or with learn_schedule the one reached.
func (t *Trainer) Schedule() (*Schedule, error) {
	defer runtime.KeepAlive(t)
	return NewSchedule(C.GoString(C.diffusion_schedule_spec(C.diffusion_trainer_schedule(t.c()))))
}

// Save writes everything as one safetensors file, whole or not at all.
func (t *Trainer) Save(path string) error {
	return withText("trainer_save", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_trainer_save(t.c(), path)
	})
}

// SaveSnapshot writes the two averages that post_hoc_ema=yes keeps.
func (t *Trainer) SaveSnapshot(path string) error {
	return withText("trainer_save_snapshot", "path", path, func(path *C.char) C.diffusion_status {
		return C.diffusion_trainer_save_snapshot(t.c(), path)
	})
}

// AverageSnapshots makes the model whose weights are the average of any width, at the last of some snapshots' steps, and
// says how far the combined profile is from the one wanted.
func AverageSnapshots(paths []string, width float64) (model *Model, distance float64, err error) {
	const pointer = unsafe.Sizeof((*C.char)(nil))
	array := C.calloc(C.size_t(len(paths)+1), C.size_t(pointer)) // C's memory, as Go's may not hold pointers for C
	defer C.free(array)
	texts := slice[*C.char]((**C.char)(array), len(paths))
	for i, path := range paths {
		t, err := newText("trainer_average", "path", path)
		if err != nil {
			return nil, 0, err
		}
		defer t.free()
		texts[i] = t.c
	}
	var out *C.diffusion_model
	var missed C.double
	err = call(func() C.diffusion_status {
		return C.diffusion_trainer_average(&out, (**C.char)(array), C.size_t(len(paths)), C.double(width), &missed)
	})
	if err != nil {
		return nil, 0, err
	}
	return newModel(out, nil), float64(missed), nil
}

// Metadata is a text that was stored with the trainer.
func (t *Trainer) Metadata(key string) (value string, found bool) {
	name, err := newText("trainer_metadata", "key", key)
	if err != nil {
		return "", false
	}
	defer name.free()
	defer runtime.KeepAlive(t)
	c := C.diffusion_trainer_metadata(t.c(), name.c)
	return C.GoString(c), c != nil
}

// SetMetadata stores a text with the trainer's checkpoints, such as the losses so far.
func (t *Trainer) SetMetadata(key, value string) error {
	v, err := newText("trainer_set_metadata", "value", value)
	if err != nil {
		return err
	}
	defer v.free()
	return withText("trainer_set_metadata", "key", key, func(key *C.char) C.diffusion_status {
		return C.diffusion_trainer_set_metadata(t.c(), key, v.c)
	})
}

// RemoveMetadata removes a text.
func (t *Trainer) RemoveMetadata(key string) error {
	return withText("trainer_set_metadata", "key", key, func(key *C.char) C.diffusion_status {
		return C.diffusion_trainer_set_metadata(t.c(), key, nil)
	})
}
