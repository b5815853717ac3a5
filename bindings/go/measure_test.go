package libdiffusion

import (
	"bytes"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// Data N(0.5, 0.7^2), whose exact reverse process is known: the bound is the likelihood itself (examples/callback.c).
func TestExactNetworkReachesTheLikelihood(t *testing.T) {
	const m, s2, n = 0.5, 0.49, 200
	schedule := must(NewSchedule("cosine steps=50"))(t)
	beta, bar := must(schedule.Values("beta"))(t), must(schedule.Values("alpha_bar"))(t)
	logit := func(p float64) float64 { return math.Log(p) - math.Log1p(-p) }
	exact := func(x, time []float64, _ *Condition, out []float64) error {
		for i, at := range time {
			before := 1.0
			if at > 1 {
				before = bar[int(at)-2]
			}
			b, prior := beta[int(at)-1], before*s2+1-before
			variance := 1 / ((1-b)/b + 1/prior)
			out[2*i] = variance * (math.Sqrt(1-b)/b*x[i] + math.Sqrt(before)*m/prior)
			out[2*i+1] = logit(variance) - logit(b)
		}
		return nil
	}
	model := must(NewModelFromCallbackDouble("shape=1 predict=mean variance=learned", exact))(t)
	x0, truth := make([]float32, n), 0.0
	for i := range x0 {
		x0[i] = float32(m + 0.98*math.Sin(float64(i)*12.9898))
		z := (float64(x0[i]) - m) / math.Sqrt(s2)
		truth -= 0.5 * (z*z + math.Log(2*math.Pi*s2)) / math.Ln2 / n
	}
	evaluator := must(NewEvaluator(model, schedule, "elbo edge=model draws=8 seed=1"))(t)
	succeeds(t, evaluator.Run(background, x0, nil))
	k, missed := must(evaluator.Value("k_bits"))(t), must(evaluator.Value("draw_error_bits"))(t)
	if math.Abs(k-truth) > 4*missed {
		t.Errorf("K %v +- %v, truth %v", k, missed, truth)
	}
	samples, _, err := evaluator.Samples()
	succeeds(t, err)
	terms, _, err := evaluator.Terms()
	succeeds(t, err)
	equal(t, []int{len(samples), len(terms)}, []int{n, 50})
	sum := must(evaluator.Value("prior_bits"))(t)
	for _, term := range terms {
		sum += term
	}
	near(t, -sum, k)
	_, err = evaluator.Moments()
	refuses(t, err, ErrState, "elbo")
}

func TestRowsAreComparedWithAReference(t *testing.T) {
	nearest := must(NewEvaluator(nil, nil, "nearest"))(t)
	succeeds(t, nearest.SetReference([]float32{0, 0, 3, 4}, 2))
	succeeds(t, nearest.Run(background, []float32{3, 3, 0, 2, 3, 4}, nil))
	distances, _, err := nearest.Samples()
	succeeds(t, err)
	equal(t, distances, []float64{1, 2, 0})
	equal(t, must(nearest.Neighbours())(t), []int{1, 0, 1})
	if !strings.HasPrefix(nearest.Spec(), "nearest") {
		t.Error(nearest.Spec())
	}
}

func TestMomentsAreMeasuredAndStored(t *testing.T) {
	model, schedule := small(t)
	equal(t, must(model.Moments())(t), (*Moments)(nil))
	evaluator := must(NewEvaluator(model, schedule, "moments rows=20 seed=1"))(t)
	x0 := make([]float32, 20)
	x0[0] = 1
	succeeds(t, evaluator.Run(background, x0, nil))
	moments := must(evaluator.Moments())(t)
	succeeds(t, model.SetMoments(schedule, moments))
	equal(t, must(model.Moments())(t), moments)
	draw(t, model, schedule, "ancestral steps=5 variance=analytic spacing=optimal", 1)
	succeeds(t, model.SetMoments(schedule, nil))
	equal(t, must(model.Moments())(t), (*Moments)(nil))
}

func TestDataIsCodedAndComesBack(t *testing.T) {
	model, schedule := small(t)
	x0, labels := make([]float32, 40), make([]int32, 20)
	for i := range x0 {
		x0[i] = -1 + 2*float32(i*5%17)/16
		labels[i/2] = int32(i / 2 % 3)
	}
	coder := must(NewCoder(model, schedule, "bits_back levels=17"))(t)
	last := [2]int64{}
	coder.SetProgress(func(done, total int64) error {
		last = [2]int64{done, total}
		return nil
	})
	succeeds(t, coder.Encode(background, x0, must(NewConditionFromLabels(labels))(t)))
	if last[0] != last[1] || last[0] == 0 {
		t.Error(last)
	}
	path := filepath.Join(t.TempDir(), "data.bits")
	succeeds(t, coder.Save(path))
	loaded := must(LoadCoder(model, schedule, path))(t)
	for _, coder := range []*Coder{coder, loaded} {
		x, l, err := coder.Decode(background)
		succeeds(t, err)
		equal(t, x, x0)
		equal(t, l, labels)
	}
	equal(t, must(loaded.Value("samples"))(t), 20.0)
	if !strings.Contains(loaded.Spec(), "levels=17") {
		t.Error(loaded.Spec())
	}
}

func TestReadCSV(t *testing.T) {
	table := must(ReadCSV(strings.NewReader("1,2.5, -3\n4,5,6e1\n")))(t)
	equal(t, table, &Table{[]int{2, 3}, []float32{1, 2.5, -3, 4, 5, 60}})
	equal(t, table.Row(1), []float32{4, 5, 60})
	for text, words := range map[string]string{
		"1,2\n3\n":      "line 2",
		"x,y\n1,2\n":    `line 1, column 1: "x"`,
		"1,2\n3,1e99\n": "line 2, column 2",
		"NaN\n":         "finite",
		"1,\n":          "column 2",
	} {
		if _, err := ReadCSV(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, expected %q", text, err, words)
		}
	}
}

func TestReadIDX(t *testing.T) {
	images := []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 255}
	table := must(ReadIDX(bytes.NewReader(images)))(t)
	equal(t, table, &Table{[]int{2, 1, 2}, []float32{1, 2, 3, 255}})
	equal(t, []int{table.Rows(), table.Width()}, []int{2, 2})
	numbers := []byte{0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0}
	equal(t, must(ReadIDX(bytes.NewReader(numbers)))(t).Values, []float32{1.5})
	for _, damaged := range [][]byte{
		images[:3], images[:9], images[:18], append(images[:20:20], 0), {1, 0, 8, 1, 0, 0, 0, 0}, {0, 0, 7, 1, 0, 0, 0, 0},
		{0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, {0, 0, 8, 0},
	} {
		if table, err := ReadIDX(bytes.NewReader(damaged)); err == nil {
			t.Errorf("% x: %v", damaged, table)
		}
	}
}
