package libdiffusion

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestClosedHandlesAreRefused(t *testing.T) {
	model, schedule := small(t)
	sampler := must(NewSampler(model, schedule, "ddim steps=5 seed=3"))(t)
	trainer := must(NewTrainer(model, schedule, "objective=hybrid"))(t)
	averaged := trainer.Model()
	condition := must(NewConditionFromLabels([]int32{1}))(t)
	of := must(NewSampler(averaged, schedule, "ddim steps=5 seed=3"))(t)
	for i := 0; i < 2; i++ {
		succeeds(t, condition.Close())
		succeeds(t, averaged.Close()) // the trainer's: nothing happens
		succeeds(t, model.Close())
		succeeds(t, schedule.Close())
	}
	equal(t, averaged.Dim(), 2)
	succeeds(t, trainer.Close())
	equal(t, []int{averaged.Dim(), model.Dim(), schedule.Steps()}, []int{0, 0, 0})
	_, err := trainer.Step(make([]float32, 2), nil)
	refuses(t, err, ErrArgument, "closed")
	_, err = NewSampler(averaged, schedule, "ddim")
	refuses(t, err, ErrArgument, "model is NULL")
	_, err = sampler.Run(background, condition, 1)
	refuses(t, err, ErrArgument, "condition is closed")
	refuses(t, condition.SetLabels([]int32{}), ErrArgument, "condition is NULL")
	equal(t, must(sampler.Run(background, nil, 1))(t), must(of.Run(background, nil, 1))(t)) // go on living
	succeeds(t, sampler.Close())
	_, err = sampler.Run(background, nil, 1)
	refuses(t, err, ErrArgument, "sampler is NULL")
	_, err = NewSampler(nil, nil, "ddim")
	refuses(t, err, ErrArgument, "NULL")
}

// What a network's closure refers to goes when the model and its samplers are unreachable, and no sooner.
func TestUnreachableHandlesAreFreed(t *testing.T) {
	type witness struct{ values [16]float32 }
	gone := make(chan bool, 1)
	sampler := func() *Sampler {
		of := &witness{}
		runtime.SetFinalizer(of, func(*witness) { gone <- true })
		model := must(NewModelFromCallback(zero, func(_ []float32, _ []float64, _ *Condition, out []float32) error {
			copy(out, of.values[:])
			return nil
		}))(t)
		sampler := must(NewSampler(model, must(NewSchedule("cosine steps=4"))(t), "ddim"))(t)
		sampler.SetProgress(func(int64, int64) error { // refers to the sampler that it belongs to
			_, _, err := sampler.State()
			return err
		})
		return sampler
	}()
	for i := 0; i < 5; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	must(sampler.Run(background, nil, 1))(t)
	select {
	case <-gone:
		t.Fatal("the network is gone, but not the sampler")
	default:
	}
	sampler = nil
	for i := 0; i < 200; i++ {
		runtime.GC()
		select {
		case <-gone:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Error("the network is never freed")
}

func TestGoroutinesDrawTheSameOfOneModel(t *testing.T) {
	model, schedule := small(t)
	expected := draw(t, model, schedule, "ddim steps=5 seed=3", 20)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			sampler, err := NewSampler(model, schedule, "ddim steps=5 seed=3")
			if err != nil {
				t.Error(err)
				return
			}
			x, err := sampler.Run(background, nil, 20)
			if err != nil {
				t.Error(err)
			}
			equal(t, x, expected)
		}()
	}
	group.Wait()
}

// Calls that are long enough for goroutines to change threads behind them.
func TestSentencesAreEachCallsOwn(t *testing.T) {
	const n = 1 << 16
	var group sync.WaitGroup
	for i := 1; i <= 16; i++ {
		i := i
		group.Add(1)
		go func() {
			defer group.Done()
			mean, ones := make([]float64, n), make([]float64, n)
			for j := range ones {
				ones[j] = 1
			}
			mean[n-i] = math.NaN()
			for j := 0; j < 20; j++ {
				_, err := GaussianKL(mean, ones, mean, ones)
				refuses(t, err, ErrNonFinite, fmt.Sprint(n-i))
			}
		}()
	}
	group.Wait()
}

func TestSlicesOfAnotherLengthAreRefused(t *testing.T) {
	model, schedule := small(t)
	two, three := make([]float32, 2), make([]float32, 3)
	_, err := model.Forward(three, []float64{1}, nil)
	refuses(t, err, ErrShape, "x has 3 values, expected 1 x 2")
	_, _, err = model.Predict(schedule, two, []int32{1, 2}, nil)
	refuses(t, err, ErrShape, "expected 2 x 2")
	refuses(t, model.SetParameter(model.ParameterNames()[0], []float32{0}), ErrShape, "1")
	refuses(t, model.SetMoments(schedule, &Moments{Noise: make([]float64, 9)}), ErrShape, "Noise has 9")
	_, err = model.ToData(three)
	refuses(t, err, ErrShape, "multiple of 2")
	_, err = model.FromData([]float64{1})
	refuses(t, err, ErrShape, "multiple of 2")

	condition := must(NewCondition(2))(t)
	refuses(t, condition.SetLabels([]int32{0}), ErrShape, "labels has 1 values, expected 2 x 1")
	refuses(t, condition.SetVectors(three, 3), ErrShape, "expected 2 x 3")
	refuses(t, condition.SetObserved([]bool{true}, math.MaxInt), ErrShape, "observed has 1")
	refuses(t, condition.SetObserved([]bool{}, -1), ErrShape, "observed has 0")
	_, err = NewCondition(-1)
	refuses(t, err, ErrArgument, "-1")

	sampler := must(NewSampler(model, schedule, "ancestral"))(t)
	refuses(t, sampler.RunInto(background, nil, three), ErrShape, "x0 has 3 values, expected a multiple of 2")
	_, err = sampler.Run(background, nil, math.MaxInt)
	refuses(t, err, ErrMemory, "cannot be addressed")
	_, err = sampler.Run(background, nil, math.MaxInt/16)
	refuses(t, err, ErrMemory, "no memory")
	_, err = sampler.Run(background, nil, -1)
	refuses(t, err, ErrArgument, "n=-1")
	refuses(t, sampler.Begin(background, nil, -1), ErrArgument, "n=-1")
	_, err = sampler.Run(background, condition, 3)
	refuses(t, err, ErrShape, "3")
	refuses(t, sampler.SetKnown(two, []bool{true}), ErrShape, "mask has 1")
	refuses(t, sampler.SetStart([]float32{}), ErrShape, "x is empty")
	refuses(t, sampler.SetStartDouble([]float64{0}), ErrShape, "x has 1")
	refuses(t, sampler.SetObserved(three, 0.1), ErrShape, "y has 3")
	_, _, err = sampler.State()
	refuses(t, err, ErrState, "no chain has begun")

	trainer := must(NewTrainer(model, schedule, "objective=hybrid"))(t)
	_, err = trainer.Step(three, nil)
	refuses(t, err, ErrShape, "x0 has 3 values")
	_, err = trainer.Step(nil, nil)
	refuses(t, err, ErrArgument, "0")
	_, err = trainer.Step(make([]float32, 6), condition)
	refuses(t, err, ErrShape, "2")
	_, err = schedule.ForwardSample(nil, nil, nil)
	refuses(t, err, ErrShape, "multiple of 0")
	_, err = schedule.ForwardTrajectory(two, three, 2)
	refuses(t, err, ErrShape, "noise has 3")
	_, _, err = schedule.Marginal(math.MaxInt, []float64{0})
	refuses(t, err, ErrStep, "2147483647")
	parzen := must(NewEvaluator(nil, nil, "parzen bandwidth=1"))(t)
	refuses(t, parzen.Run(background, two, nil), ErrState, "SetReference")
	refuses(t, parzen.SetReference(three, 2), ErrShape, "multiple of 2")
}

func TestModelsComeBackAsTheyWere(t *testing.T) {
	model, schedule := small(t)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	succeeds(t, model.SetMetadata("data.scale", "2,4"))
	succeeds(t, model.Save(path))
	var file bytes.Buffer
	must(model.WriteTo(&file))(t)
	loaded, copied := must(LoadModel(path))(t), must(ReadModel(&file))(t)
	equal(t, loaded.Spec(), model.Spec())
	equal(t, must(copied.Scaling("scale"))(t), []float64{2, 4})
	equal(t, must(copied.FromData([]float64{1, 1}))(t), []float32{0.5, 0.25})
	equal(t, must(copied.ToData([]float32{0.5, 0.25}))(t), []float64{1, 1})
	expected := draw(t, model, schedule, "ddim steps=3 seed=1", 4)
	equal(t, draw(t, loaded, schedule, "ddim steps=3 seed=1", 4), expected)
	equal(t, draw(t, copied, schedule, "ddim steps=3 seed=1", 4), expected)
	succeeds(t, model.RemoveMetadata("data.scale"))
	if value, found := model.Metadata("data.scale"); found {
		t.Error(value)
	}
	name := model.ParameterNames()[0]
	values := must(model.Parameter(name))(t)
	equal(t, len(values), size(must(model.ParameterShape(name))(t)))
	values[0] = 7
	succeeds(t, model.SetParameter(name, values))
	equal(t, must(model.Parameter(name))(t), values)
	equal(t, must(model.Shape())(t), []int{2})
	equal(t, []int{model.Outputs(), model.Classes()}, []int{4, 3})

	unet := must(NewModel("unet shape=4,4,1 channels=8 groups=4 blocks=1 predict=epsilon variance=fixed_small", 1))(t)
	folder := filepath.Join(t.TempDir(), "pipeline")
	succeeds(t, unet.SaveDiffusers(must(NewSchedule("linear steps=10"))(t), folder))
	x := make([]float32, 16)
	same := must(must(LoadModel(folder))(t).Forward(x, []float64{3}, nil))(t)
	equal(t, must(unet.Forward(x, []float64{3}, nil))(t), same)
}
