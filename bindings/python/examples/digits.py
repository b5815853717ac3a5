"""Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out.

    gunzip -c data/digits.csv.gz >digits.csv
    python3 digits.py digits.csv

A row is 64 grey values 0..16 and the digit that they show. Prints the same lines as examples/digits.c.
"""
import sys

import numpy as np

import libdiffusion as ld

DIM, HELD_OUT, BATCH, STEPS = 64, 297, 64, 3000


def read_rows(path):
    """Images, grey values brought to -1..1, and their digits."""
    table = np.loadtxt(path, delimiter=',', dtype=np.float32, ndmin=2)
    if table.shape[1] != DIM + 1:
        sys.exit(f'{path}: rows have {table.shape[1]} values, expected {DIM + 1}')
    if len(table) <= HELD_OUT:
        sys.exit(f'{path}: {len(table)} rows, but the last {HELD_OUT} are held out')
    return table[:, :DIM] / 8 - 1, table[:, DIM].astype(np.int32)


def train(trainer, images, digits):
    for step in range(1, STEPS + 1):
        chosen = trainer.draw(len(images), BATCH)
        loss = trainer.step(images[chosen], ld.Condition(labels=digits[chosen]))
        if step % 500 == 0:
            print(f'step {step}  loss {loss:.6f}')


def draw(model, schedule):
    """One of each class, side by side in two rows of five."""
    with ld.Sampler(model, schedule, 'ddim steps=20 seed=7') as sampler:
        x = sampler.run(10, ld.Condition(labels=range(10)))
    picture = x.reshape(2, 5, 8, 8).transpose(0, 2, 1, 3).reshape(16, 40)
    for line in np.digitize(picture, [-0.5, 0, 0.5]):
        print(''.join(' .o@'[shade] for shade in line))


def measure(model, schedule, images, digits):
    """The lower bound K on log2 p(data), a mean over the rows held out."""
    with ld.Evaluator(model, schedule, 'elbo draws=1 seed=1') as evaluator:
        evaluator.run(images, ld.Condition(labels=digits))
        print(f'K = {evaluator["k_bits"]:.12f} bits, standard error {evaluator["standard_error_bits"]:.12f}')


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: digits.py digits.csv')
    images, digits = read_rows(sys.argv[1])
    schedule = ld.Schedule('cosine steps=50')
    model = ld.Model('mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range', seed=1)
    with ld.Trainer(model, schedule, 'objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1') as trainer:
        train(trainer, images[:-HELD_OUT], digits[:-HELD_OUT])
        draw(trainer.model, schedule)
        measure(trainer.model, schedule, images[-HELD_OUT:], digits[-HELD_OUT:])


if __name__ == '__main__':
    main()
