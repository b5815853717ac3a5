package libdiffusion

import (
	"context"
	"errors"
	"testing"
)

const zero = "shape=2 classes=3 predict=epsilon variance=fixed_small"

var errStop = errors.New("stop")

func TestNetworkIsGivenSamplesTimesAndCondition(t *testing.T) {
	schedule := must(NewSchedule("cosine steps=4"))(t)
	var times []float64
	var kept *Condition
	model := must(NewModelFromCallback(zero, func(x []float32, time []float64, c *Condition, out []float32) error {
		equal(t, []int{len(x), len(time), len(out)}, []int{6, 3, 6})
		equal(t, c.Labels(), []int32{2, -1, 0})
		times, kept = append(times, time[0]), c
		fill(out, 0)
		return nil
	}))(t)
	condition := must(NewConditionFromLabels([]int32{2, -1, 0}))(t)
	sampler := must(NewSampler(model, schedule, "ddim steps=4 seed=1"))(t)
	succeeds(t, model.Close()) // the sampler goes on
	equal(t, len(must(sampler.Run(background, condition, 3))(t)), 6)
	equal(t, times, []float64{4, 3, 2, 1})
	equal(t, kept.Count(), 0) // it was there for the call alone
}

func fill[T any](values []T, with T) {
	for i := range values {
		values[i] = with
	}
}

func TestWhatACallbackLeavesOutIsRefused(t *testing.T) {
	model, schedule := small(t)
	lazy := must(NewModelFromCallback(zero, func(_ []float32, _ []float64, _ *Condition, out []float32) error {
		out[0] = 0
		return nil
	}))(t)
	_, err := must(NewSampler(lazy, schedule, "ddim"))(t).Run(background, nil, 1)
	refuses(t, err, ErrNonFinite, "nan")
	sampler := must(NewSampler(model, schedule, "ancestral"))(t)
	succeeds(t, sampler.SetNoise(func([]float64, int64, int) error { return nil }))
	_, err = sampler.Run(background, nil, 1)
	refuses(t, err, ErrNonFinite, "nan")
	succeeds(t, sampler.SetNoise(nil))
	succeeds(t, sampler.SetGuidance(func(_ []float64, _ float64, _ []float64) error { return nil }))
	_, err = sampler.Run(background, nil, 1)
	refuses(t, err, ErrNonFinite, "nan")
}

func TestNetworkMayReadVectorsAndWhatIsObserved(t *testing.T) {
	schedule := must(NewSchedule("cosine steps=2"))(t)
	spec := "shape=2 condition=3 predict=x0 variance=fixed_small"
	model := must(NewModelFromCallback(spec, func(_ []float32, time []float64, c *Condition, out []float32) error {
		vectors, width := c.Vectors()
		fill(out, 0)
		for i, observed := range c.Observed() {
			if observed {
				out[i] = vectors[i/2*width+i%2]
			}
		}
		return nil
	}))(t)
	condition := must(NewCondition(2))(t)
	succeeds(t, condition.SetVectors([]float32{0.5, 1, 2, -0.25, 3, 4}, 3))
	succeeds(t, condition.SetObserved([]bool{true, true, true, false}, 2))
	sampler := must(NewSampler(model, schedule, "ddim"))(t)
	equal(t, must(sampler.Run(background, condition, 2))(t), []float32{0.5, 1, -0.25, 0})
}

func TestErrorOfACallbackComesBackOut(t *testing.T) {
	model, schedule := small(t)
	failing := must(NewModelFromCallback(zero, func([]float32, []float64, *Condition, []float32) error {
		return errStop
	}))(t)
	_, err := failing.Forward(make([]float32, 2), []float64{1}, nil)
	equal(t, err, errStop)

	sampler := must(NewSampler(model, schedule, "ancestral seed=1"))(t)
	run := func() error {
		_, err := sampler.Run(background, nil, 2)
		return err
	}
	sampler.SetProgress(func(done, total int64) error {
		if done < 4 {
			return nil
		}
		return errStop
	})
	equal(t, run(), errStop)
	sampler.SetProgress(nil)
	succeeds(t, sampler.SetNoise(func([]float64, int64, int) error { return errStop }))
	equal(t, run(), errStop)
	succeeds(t, sampler.SetNoise(nil))
	succeeds(t, sampler.SetGuidance(func([]float64, float64, []float64) error { return errStop }))
	equal(t, run(), errStop)
	succeeds(t, sampler.SetGuidance(nil))
	succeeds(t, run())

	evaluator := must(NewEvaluator(model, schedule, "elbo seed=1"))(t)
	evaluator.SetProgress(func(int64, int64) error { return errStop })
	equal(t, evaluator.Run(background, make([]float32, 4), nil), errStop)
	evaluator.SetProgress(nil)
	succeeds(t, evaluator.SetNoise(func([]float64, int64, int) error { return errStop }))
	equal(t, evaluator.Run(background, make([]float32, 4), nil), errStop)
	equal(t, len(failures.waiting), 0)
}

func TestPanicGoesOnBehindTheCall(t *testing.T) {
	model, schedule := small(t)
	sampler := must(NewSampler(model, schedule, "ddim steps=5 seed=3"))(t)
	expected := must(sampler.Run(background, nil, 2))(t)
	sampler.SetProgress(func(int64, int64) error { panic("no further") })
	func() {
		defer func() { equal(t, recover(), "no further") }()
		sampler.Run(background, nil, 2)
		t.Error("no panic")
	}()
	sampler.SetProgress(nil)
	equal(t, must(sampler.Run(background, nil, 2))(t), expected)
}

func TestContextStopsARun(t *testing.T) {
	model, schedule := small(t)
	ctx, cancel := context.WithCancel(background)
	sampler := must(NewSampler(model, schedule, "ancestral seed=1"))(t)
	expected := must(sampler.Run(ctx, nil, 2))(t)
	calls := 0
	succeeds(t, sampler.SetNoise(func(values []float64, _ int64, _ int) error {
		if calls++; calls == 7 {
			cancel()
		}
		fill(values, 0)
		return nil
	}))
	_, err := sampler.Run(ctx, nil, 2)
	equal(t, err, context.Canceled)
	if calls < 7 || calls > 10 {
		t.Errorf("%d draws, expected the run to end at its next step", calls)
	}
	succeeds(t, sampler.SetNoise(nil))
	_, err = sampler.Run(ctx, nil, 2)
	equal(t, err, context.Canceled)
	equal(t, must(sampler.Run(background, nil, 2))(t), expected)
	evaluator := must(NewEvaluator(model, schedule, "elbo"))(t)
	equal(t, evaluator.Run(ctx, make([]float32, 4), nil), context.Canceled)
	coder := must(NewCoder(model, schedule, "bits_back levels=17"))(t)
	equal(t, coder.Encode(ctx, make([]float32, 4), nil), context.Canceled)
}

func TestCallbackMayCallTheLibrary(t *testing.T) {
	_, schedule := small(t)
	inner := must(NewModelFromCallback(zero, func([]float32, []float64, *Condition, []float32) error {
		return errStop
	}))(t)
	outer := must(NewModelFromCallback(zero, func(x []float32, time []float64, _ *Condition, out []float32) error {
		_, err := inner.Forward(x, time, nil)
		equal(t, err, errStop)
		for i := range out {
			out[i] = 0.5
		}
		return nil
	}))(t)
	equal(t, must(outer.Forward(make([]float32, 2), []float64{1}, nil))(t), []float32{0.5, 0.5})

	sampler := must(NewSampler(outer, schedule, "ddim steps=5"))(t)
	heard := 0
	sampler.SetProgress(func(int64, int64) error {
		heard++
		_, err := sampler.Run(background, nil, 1) // is running
		refuses(t, err, ErrState, "sampler_run")
		_, _, err = sampler.State() // may be read
		return err
	})
	must(sampler.Run(background, nil, 1))(t)
	equal(t, heard, 5)
}

func TestCallbackMayCloseItsOwnHandle(t *testing.T) {
	model, schedule := small(t)
	sampler := must(NewSampler(model, schedule, "ancestral"))(t)
	expected := must(sampler.Run(background, nil, 1))(t)
	heard := 0
	sampler.SetProgress(func(int64, int64) error {
		heard++
		return sampler.Close()
	})
	equal(t, must(sampler.Run(background, nil, 1))(t), expected) // it goes when the run ends
	equal(t, heard, 10)
	_, err := sampler.Run(background, nil, 1)
	refuses(t, err, ErrArgument, "sampler is NULL")
}

func TestNoiseReplacesTheGenerator(t *testing.T) {
	schedule := must(NewSchedule("cosine steps=4"))(t)
	spec := "shape=1 predict=x0 variance=fixed_small"
	model := must(NewModelFromCallbackDouble(spec, func(x, time []float64, _ *Condition, out []float64) error {
		copy(out, x)
		return nil
	}))(t)
	sampler := must(NewSampler(model, schedule, "ancestral seed=1"))(t)
	var drawn [][2]int
	succeeds(t, sampler.SetNoise(func(values []float64, sample int64, step int) error {
		drawn = append(drawn, [2]int{int(sample), step})
		fill(values, 0)
		return nil
	}))
	equal(t, must(sampler.Run(background, nil, 2))(t), []float32{0, 0})
	equal(t, drawn[:4], [][2]int{{0, 5}, {1, 5}, {0, 4}, {1, 4}})
}

func TestGuidanceMovesSamples(t *testing.T) {
	model, schedule := small(t)
	sampler := must(NewSampler(model, schedule, "ancestral seed=2"))(t)
	mean := func() (mean float32) {
		for _, value := range must(sampler.Run(background, nil, 50))(t) {
			mean += value / 100
		}
		return mean
	}
	free := mean()
	succeeds(t, sampler.SetGuidance(func(x []float64, at float64, gradient []float64) error {
		for i := range x {
			gradient[i] = 4 - x[i]
		}
		return nil
	}))
	if guided := mean(); guided < free+0.5 {
		t.Errorf("mean %v with guidance, %v without", guided, free)
	}
}
