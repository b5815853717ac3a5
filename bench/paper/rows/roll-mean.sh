# The same roll and network by the paper's own reading, mean and variance as perturbations of the forward step, and with
# its learned schedule.
. bench/paper/rows/roll.sh
title="Swiss roll, T=40, the paper's reading"
schedule='cosine steps=40' schedule_shown=
model='rbf units=16 steps=40 predict=perturbation variance=learned'
train='objective=bound edge=forward learn_schedule=yes schedule_rate=3e-2 rate=1e-2 decay=cosine ema=0.999 batch=512 seed=1'
steps=60000

train_data=roll.npy test_data=held-out.npy
train_keys= truth_scale=

data() {
    make_data swiss-roll -n $samples --noise $noise --seed 1 -o roll.npy
    make_data swiss-roll -n $held_out --noise $noise --seed 2 -o held-out.npy
}
