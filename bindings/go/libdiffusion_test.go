package libdiffusion

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

var background = context.Background()

// must ends a test at an error that should not be.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		succeeds(t, err)
		return value
	}
}

func succeeds(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refuses holds an error against the status and words of its sentence that it should have.
func refuses(t *testing.T, err error, status Status, words string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, expected one with %q", words)
	} else if !errors.Is(err, status) || !strings.Contains(err.Error(), words) {
		t.Errorf("%q, expected %v with %q", err, status, words)
	}
}

func equal(t *testing.T, got, expected any) {
	t.Helper()
	if !reflect.DeepEqual(got, expected) {
		t.Errorf("%v, expected %v", got, expected)
	}
}

func near(t *testing.T, got, expected float64) {
	t.Helper()
	if !(math.Abs(got-expected) <= 1e-12*(1+math.Abs(expected))) {
		t.Errorf("%v, expected %v, difference %g", got, expected, got-expected)
	}
}

// small is a small model of two values and three classes, and its schedule.
func small(t *testing.T) (*Model, *Schedule) {
	t.Helper()
	model := must(NewModel("mlp shape=2 classes=3 width=8 depth=2 predict=epsilon variance=learned_range", 1))(t)
	return model, must(NewSchedule("cosine steps=10"))(t)
}

func draw(t *testing.T, model *Model, schedule *Schedule, spec string, n int) []float32 {
	t.Helper()
	sampler := must(NewSampler(model, schedule, spec))(t)
	defer sampler.Close()
	return must(sampler.Run(background, nil, n))(t)
}

func TestLibraryTellsOfItself(t *testing.T) {
	if !strings.HasPrefix(Version(), "0.1.") || BLASCore() == "" || BLASThreading() == "" || Threads() < 1 {
		t.Error(Version(), BLASCore(), BLASThreading(), Threads())
	}
	if text := must(Help("sampler"))(t); !strings.Contains(text, "dpmsolver++") {
		t.Error(text)
	}
	_, err := Help("nothing")
	refuses(t, err, ErrName, "nothing")
}

func TestProcessWideSettings(t *testing.T) {
	succeeds(t, SetParameterLimit(10))
	_, err := NewModel("mlp shape=2", 1)
	refuses(t, err, ErrMemory, "10")
	refuses(t, SetParameterLimit(-1), ErrArgument, "0")
	succeeds(t, SetParameterLimit(1<<30))
	warned := ""
	SetLog(func(level, message string) { warned = level + message }) // warns at once, if at all
	SetLog(nil)
	if warned != "" && !strings.HasPrefix(warned, "warningOpenBLAS") {
		t.Error(warned)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	succeeds(t, SetThreads(1))
	equal(t, Threads(), 1)
	succeeds(t, SetThreads(0))
	refuses(t, SetThreads(math.MaxInt), ErrArgument, "2147483647")
}

func TestErrorHasTheSentenceAndTheStatus(t *testing.T) {
	_, err := NewSchedule("cosine stepz=10")
	refuses(t, err, ErrSpec, "stepz")
	var of *Error
	if !errors.As(err, &of) || of.Status != -11 || of.Status.String() != "spec" || errors.Is(err, ErrIO) {
		t.Errorf("%#v", err)
	}
	_, err = LoadModel("/nowhere/at/all")
	refuses(t, err, ErrIO, "/nowhere/at/all")
}

func TestTextsWithNULAreRefused(t *testing.T) {
	model, _ := small(t)
	_, err := NewSchedule("cosine\x00steps=1")
	refuses(t, err, ErrArgument, "NUL byte at 6")
	refuses(t, model.SetMetadata("note", "a\x00"), ErrArgument, "value")
	refuses(t, model.Save("a\x00b"), ErrArgument, "path")
}

func TestScheduleTellsItsLevels(t *testing.T) {
	schedule := must(NewScheduleFromBetas([]float64{0.1, 0.2, 0.5}, ""))(t)
	equal(t, must(schedule.Values("beta"))(t), []float64{0.1, 0.2, 0.5})
	level := must(schedule.Level(2))(t)
	near(t, level.Signal*level.Signal, 0.72)
	near(t, level.Signal*level.Signal+level.Sigma*level.Sigma, 1)
	near(t, must(schedule.Time(level.LogSNR))(t), 2)
	again := must(NewSchedule(schedule.Spec()))(t)
	equal(t, must(again.Values("alpha_bar"))(t), must(schedule.Values("alpha_bar"))(t))
	equal(t, schedule.Steps(), 3)
}

func TestProcessIsInClosedForm(t *testing.T) {
	s := must(NewScheduleFromBetas([]float64{0.1, 0.2}, ""))(t)
	mean, variance, err := s.Marginal(2, []float64{2})
	succeeds(t, err)
	near(t, mean[0], 2*math.Sqrt(0.72))
	near(t, variance[0], 0.28)
	mean, variance, err = s.Posterior(2, []float64{1}, []float64{0.5})
	succeeds(t, err)
	near(t, mean[0], (math.Sqrt(0.9)*0.2+math.Sqrt(0.8)*0.1*0.5)/0.28)
	near(t, variance[0], 0.1/0.28*0.2)
	x := must(s.ForwardTrajectory([]float32{1}, []float32{0, 0}, 1))(t)
	equal(t, must(s.ForwardStep(2, x[:1], []float32{0}, 1))(t), x[1:])
	equal(t, must(s.ForwardSample([]int32{1}, []float32{0}, []float32{1}))(t)[0], float32(math.Sqrt(0.1)))
	near(t, must(GaussianKL([]float64{0}, []float64{1}, []float64{1}, []float64{1}))(t), 0.5)
	near(t, must(BernoulliKL([]float64{1}, []float64{0.5}))(t), math.Ln2)
	bin := must(DiscretizedLogLikelihood("normal", []float64{0}, []float64{0}, []float64{1e-9}, 3))(t)
	near(t, bin[0], 0)
	normal := func(variance float64) float64 { return 0.5 * math.Log(2*math.Pi*math.E*variance) }
	near(t, must(s.Entropy("marginal", 2, []float64{0}, nil))(t), normal(0.28))
	near(t, must(s.Entropy("posterior", 2, []float64{0}, []float64{0}))(t), normal(0.02/0.28))
	lower, upper, err := s.EntropyBounds(2)
	if err != nil || !(lower <= upper) {
		t.Error(lower, upper, err)
	}
	level := must(s.Level(2))(t)
	epsilon := must(s.ConvertPrediction(2, "x0", "epsilon", []float64{0.5}, []float64{1}))(t)
	near(t, epsilon[0], (0.5-level.Signal)/level.Sigma)
}

func TestChainIsTakenStepByStep(t *testing.T) {
	model, schedule := small(t)
	sampler := must(NewSampler(model, schedule, "ddim steps=5 seed=4"))(t)
	expected := must(sampler.Run(background, nil, 3))(t)
	same := must(NewSampler(model, schedule, sampler.Spec()))(t)
	equal(t, must(same.Run(background, nil, 3))(t), expected)
	succeeds(t, sampler.Begin(background, nil, 3))
	start, at, err := sampler.State()
	for at > 0 && err == nil {
		succeeds(t, sampler.Step(background))
		_, at, err = sampler.State()
	}
	x, _, err := sampler.State()
	succeeds(t, err)
	equal(t, x, expected)
	equal(t, must(sampler.Evaluations())(t), []int64{5, 5, 5})
	succeeds(t, sampler.SetStart(start))
	again := must(sampler.Run(background, nil, 3))(t)
	wide := make([]float64, len(start))
	for i := range start {
		wide[i] = float64(start[i])
	}
	succeeds(t, sampler.SetStartDouble(wide))
	equal(t, must(sampler.Run(background, nil, 3))(t), again)
	succeeds(t, sampler.SetStart(nil))
	equal(t, must(sampler.Run(background, nil, 3))(t), expected)
}

func TestKnownValuesComeOutAsGiven(t *testing.T) {
	model, schedule := small(t)
	sampler := must(NewSampler(model, schedule, "ancestral seed=1"))(t)
	free := must(sampler.Run(background, nil, 2))(t)
	succeeds(t, sampler.SetKnown([]float32{0.25, 9}, []bool{true, false}))
	x := must(sampler.Run(background, nil, 2))(t)
	equal(t, []float32{x[0], x[2]}, []float32{0.25, 0.25})
	succeeds(t, sampler.SetKnown(nil, nil))
	succeeds(t, sampler.SetObserved([]float32{0.5, 0.5}, 1e-6))
	for _, value := range must(sampler.Run(background, nil, 1))(t) {
		if math.Abs(float64(value)-0.5) > 0.1 {
			t.Errorf("%v, expected what was observed, 0.5", value)
		}
	}
	succeeds(t, sampler.SetObserved(nil, 0))
	equal(t, must(sampler.Run(background, nil, 2))(t), free)
}
