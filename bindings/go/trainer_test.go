package libdiffusion

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const training = "objective=hybrid rate=1e-2 ema=0.9 seed=1"

func batch(step int) []float32 {
	x0 := make([]float32, 16)
	for i := range x0 {
		x0[i] = float32((i*7+step*3)%11)/5 - 1
	}
	return x0
}

func TestResumedTrainingGoesOnToTheSameBits(t *testing.T) {
	model, schedule := small(t)
	path := filepath.Join(t.TempDir(), "a.ckpt")
	trainer := must(NewTrainer(model, schedule, training))(t)
	for step := 0; step < 5; step++ {
		must(trainer.Step(batch(step), nil))(t)
	}
	succeeds(t, trainer.SetMetadata("note", "five steps"))
	succeeds(t, trainer.Save(path))
	resumed := must(ResumeTrainer(path))(t)
	note, _ := resumed.Metadata("note")
	equal(t, []any{resumed.Steps(), note}, []any{int64(5), "five steps"})
	succeeds(t, resumed.RemoveMetadata("note"))
	if note, found := resumed.Metadata("note"); found {
		t.Error(note)
	}
	for step := 5; step < 8; step++ {
		equal(t, must(resumed.Step(batch(step), nil))(t), must(trainer.Step(batch(step), nil))(t))
	}
	equal(t, must(resumed.Draw(100, 10))(t), must(trainer.Draw(100, 10))(t))
	var a, b bytes.Buffer
	must(trainer.Model().WriteTo(&a))(t)
	must(resumed.Model().WriteTo(&b))(t)
	equal(t, a.Bytes(), b.Bytes())
}

func TestGradientTakesNoStep(t *testing.T) {
	model, schedule := small(t)
	trainer := must(NewTrainer(model, schedule, training))(t)
	loss, gradient, err := trainer.Gradient(batch(0), nil)
	succeeds(t, err)
	largest := float32(0)
	for _, value := range gradient {
		if value > largest {
			largest = value
		}
	}
	if largest == 0 || trainer.Steps() != 0 {
		t.Error(largest, trainer.Steps())
	}
	held := must(trainer.Loss(batch(1), nil, 0))(t)
	equal(t, must(trainer.Loss(batch(1), nil, 0))(t), held)
	equal(t, must(trainer.Step(batch(0), nil))(t), loss)
	succeeds(t, trainer.Change("rate=5e-3"))
	equal(t, trainer.Rate(), 5e-3)
	if !strings.Contains(trainer.Spec(), "rate=0.005") {
		t.Error(trainer.Spec())
	}
}

func TestSnapshotsAverage(t *testing.T) {
	model, schedule := small(t)
	trainer := must(NewTrainer(model, schedule, training+" post_hoc_ema=yes"))(t)
	folder, paths := t.TempDir(), []string{}
	for step := 0; step < 8; step++ {
		must(trainer.Step(batch(step), nil))(t)
		paths = append(paths, filepath.Join(folder, fmt.Sprint(step)))
		succeeds(t, trainer.SaveSnapshot(paths[step]))
	}
	average, distance, err := AverageSnapshots(paths, 0.1)
	succeeds(t, err)
	if _, found := average.Metadata("average_width"); !found || distance >= 0.1 {
		t.Error(found, distance)
	}
	_, _, err = AverageSnapshots(nil, 0.1)
	refuses(t, err, ErrArgument, "count=0")
}

func TestLearnedScheduleIsTheTrainersOwn(t *testing.T) {
	model := must(NewModel("mlp shape=2 width=8 depth=2 predict=perturbation variance=learned", 1))(t)
	schedule := must(NewSchedule("cosine steps=10"))(t)
	trainer := must(NewTrainer(model, schedule, "objective=bound learn_schedule=yes schedule_rate=0.1 seed=1"))(t)
	before := must(trainer.Schedule())(t)
	for step := 0; step < 5; step++ {
		must(trainer.Step(batch(step), nil))(t)
	}
	equal(t, must(before.Values("beta"))(t), must(schedule.Values("beta"))(t))
	old, now := must(before.Values("beta"))(t), must(must(trainer.Schedule())(t).Values("beta"))(t)
	if old[5] == now[5] {
		t.Error("no beta has moved")
	}
}

// The program of README.md, in a module of its own.
func TestReadme(t *testing.T) {
	text := string(must(os.ReadFile("README.md"))(t))
	_, program, found := strings.Cut(text, "```go\n")
	program, _, ended := strings.Cut(program, "```")
	if !found || !ended {
		t.Fatal("README.md has no program")
	}
	folder, here := t.TempDir(), must(os.Getwd())(t)
	module := "module corners\n\ngo 1.19\n\nrequire libdiffusion v0.1.0\n\nreplace libdiffusion => " + here + "\n"
	succeeds(t, os.WriteFile(filepath.Join(folder, "go.mod"), []byte(module), 0o600))
	succeeds(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(program), 0o600))
	command := exec.Command("go", "run", ".")
	command.Dir = folder
	out, err := command.CombinedOutput()
	if err != nil || strings.Count(string(out), "\n") != 1 {
		t.Fatalf("%s%v", out, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "corners.safetensors")); err != nil {
		t.Error(err)
	}
}
