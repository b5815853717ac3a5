// Digits learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out: the same
// program, and the same lines, as examples/digits.c.
//
//	gunzip -c data/digits.csv.gz >digits.csv
//	go run ./examples/digits digits.csv
//
// A row is 64 grey values 0..16 and the digit that they show.
package main

import (
	"context"
	"fmt"
	"os"

	diffusion "libdiffusion"
)

const (
	dim     = 64
	classes = 10
	heldOut = 297
	batch   = 64
	steps   = 3000
)

// readRows reads the images, [n, dim], grey values brought to -1..1, and the digits that they show.
func readRows(path string) (images []float32, digits []int32, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	table, err := diffusion.ReadCSV(file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if table.Width() != dim+1 || table.Rows() <= heldOut {
		return nil, nil, fmt.Errorf("%s: expected more than %d rows of %d values", path, heldOut, dim+1)
	}
	for i := 0; i < table.Rows(); i++ {
		row := table.Row(i)
		for _, grey := range row[:dim] {
			images = append(images, grey/8-1)
		}
		digits = append(digits, int32(row[dim]))
	}
	return images, digits, nil
}

func train(trainer *diffusion.Trainer, images []float32, digits []int32) error {
	labels := make([]int32, batch)
	x0 := make([]float32, batch*dim)
	condition, err := diffusion.NewCondition(batch)
	if err != nil {
		return err
	}
	defer condition.Close()
	for step := 1; step <= steps; step++ {
		chosen, err := trainer.Draw(len(digits)-heldOut, batch)
		if err != nil {
			return err
		}
		for i, row := range chosen {
			copy(x0[i*dim:(i+1)*dim], images[row*dim:])
			labels[i] = digits[row]
		}
		if err := condition.SetLabels(labels); err != nil {
			return err
		}
		loss, err := trainer.Step(x0, condition)
		if err != nil {
			return err
		}
		if step%500 == 0 {
			fmt.Printf("step %d  loss %.6f\n", step, loss)
		}
	}
	return nil
}

// draw prints one of each class, side by side in two rows of five.
func draw(ctx context.Context, model *diffusion.Model, schedule *diffusion.Schedule) error {
	condition, err := diffusion.NewConditionFromLabels([]int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	if err != nil {
		return err
	}
	defer condition.Close()
	sampler, err := diffusion.NewSampler(model, schedule, "ddim steps=20 seed=7")
	if err != nil {
		return err
	}
	defer sampler.Close()
	x, err := sampler.Run(ctx, condition, classes)
	if err != nil {
		return err
	}
	for line := 0; line < 16; line++ {
		pixels := make([]byte, 40)
		for column := range pixels {
			pixels[column] = pixel(x[(line/8*5+column/8)*dim+line%8*8+column%8])
		}
		fmt.Printf("%s\n", pixels)
	}
	return nil
}

func pixel(value float32) byte {
	switch {
	case value < -0.5:
		return ' '
	case value < 0:
		return '.'
	case value < 0.5:
		return 'o'
	}
	return '@'
}

// measure prints the lower bound K on log2 p(data), a mean over the rows held out.
func measure(ctx context.Context, model *diffusion.Model, schedule *diffusion.Schedule, images []float32,
	digits []int32) error {
	condition, err := diffusion.NewConditionFromLabels(digits)
	if err != nil {
		return err
	}
	defer condition.Close()
	evaluator, err := diffusion.NewEvaluator(model, schedule, "elbo draws=1 seed=1")
	if err != nil {
		return err
	}
	defer evaluator.Close()
	if err := evaluator.Run(ctx, images, condition); err != nil {
		return err
	}
	bits, err := evaluator.Value("k_bits")
	if err != nil {
		return err
	}
	standardError, err := evaluator.Value("standard_error_bits")
	if err != nil {
		return err
	}
	fmt.Printf("K = %.12f bits, standard error %.12f\n", bits, standardError)
	return nil
}

func run(ctx context.Context, path string) error {
	images, digits, err := readRows(path)
	if err != nil {
		return err
	}
	schedule, err := diffusion.NewSchedule("cosine steps=50")
	if err != nil {
		return err
	}
	model, err := diffusion.NewModel("mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range", 1)
	if err != nil {
		return err
	}
	trainer, err := diffusion.NewTrainer(model, schedule,
		"objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1")
	if err != nil {
		return err
	}
	if err := train(trainer, images, digits); err != nil {
		return err
	}
	if err := draw(ctx, trainer.Model(), schedule); err != nil {
		return err
	}
	first := len(digits) - heldOut
	return measure(ctx, trainer.Model(), schedule, images[first*dim:], digits[first:])
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: digits digits.csv")
		os.Exit(1)
	}
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "digits: %v\n", err)
		os.Exit(1)
	}
}
