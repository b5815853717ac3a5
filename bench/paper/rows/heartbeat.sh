# Binary heartbeat (section 3.1, Figure 2): binomial kernel, the paper's schedule, prior rate, edge rule and network: sigmoid
# units 50-50-50 with a read-out of its own for each of the 2000 steps, read as the log odds of x_0.
title='Binary heartbeat, T=2000'
unit=bits/sequence
paper_k=-2.414 paper_gain=12.024
samples=50000 held_out=2000
truth=heartbeat

schedule='constant_rate steps=2000 kernel=binomial rate=0.2'
model='mlp width=50 depth=3 activation=sigmoid time_features=0 readout=steps steps=2000 predict=x0'
train='objective=bound edge=forward rate=1e-2 warmup=200 decay=cosine clip=1 ema=0.999 batch=4096 seed=1'
steps=24000
bound='draws=1 seed=1'

train_data=beats.npy test_data=held-out.npy

data() {
    make_data heartbeat -n $samples --seed 1 -o beats.npy
    make_data heartbeat -n $held_out --seed 2 -o held-out.npy
}

quick_row() {
    samples=2000 held_out=200 steps=600
    schedule='constant_rate steps=100 kernel=binomial rate=0.2'
    model='mlp width=64 depth=2 predict=perturbation'
    train='objective=bound edge=forward rate=2e-3 decay=cosine ema=0.999 batch=512 seed=1'
}
