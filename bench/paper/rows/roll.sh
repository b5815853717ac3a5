# Swiss roll (section 3.1, Figure 1) in 40 steps; the paper's noise is not stated, ours is that of the command data.
title='Swiss roll, T=40'
unit=bits/point
paper_k=2.35 paper_gain=6.45
noise=0.5
samples=20000 held_out=10000
truth="swiss-roll $noise"

schedule='cosine steps=40'
model='mlp width=128 depth=3 predict=mean variance=learned'
train='objective=bound rate=2e-3 decay=cosine ema=0.999 batch=256 seed=1'
steps=8000
bound='draws=4 seed=1'

train_data=roll.npy test_data=held-out.npy

data() {
    make_data swiss-roll -n $samples --noise $noise --seed 1 -o roll.npy
    make_data swiss-roll -n $held_out --noise $noise --seed 2 -o held-out.npy
}

quick_row() {
    samples=2000 held_out=2000 steps=800
    model='mlp width=32 depth=2 predict=mean variance=learned'
}
