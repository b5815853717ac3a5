# Swiss roll (section 3.1, Figure 1) in 40 steps by the paper's network, 16 normalised radial basis functions; the paper's
# noise is not stated, ours is that of the command data. The output is read as v: 16 units cannot follow the slope that
# the paper's reading asks of them (see roll-mean). Steps are closest where the noise is about as wide as the roll is
# thick or its arms are apart: chosen so that the best 40 Gaussian steps there are, by quadrature, lose 0.04 bits.
title='Swiss roll, T=40, 16 RBF units'
unit=bits/point
paper_k=2.35 paper_gain=6.45
noise=0.5
samples=20000 held_out=10000
truth="swiss-roll $noise"

spread 1.2e-4 40 40 3.4 -1.04 0.64
model='rbf units=16 steps=40 predict=v variance=range'
train='objective=bound rate=2e-2 decay=cosine ema=0.999 batch=512 seed=1'
steps=400000
bound='draws=4 seed=1'

train_data=roll.npy test_data=held-out.npy

data() {
    make_data swiss-roll -n $samples --noise $noise --seed 1 -o roll.npy
    make_data swiss-roll -n $held_out --noise $noise --seed 2 -o held-out.npy
}

quick_row() {
    samples=2000 held_out=2000 steps=800
}
