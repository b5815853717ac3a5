# MNIST by the Parzen window of the paper's Table 1: 10000 samples, pixels of 0..1. What the window rewards is a clean
# picture near many digits: a network that gives x_0 itself, which keeps the background black, and samples that end in
# its mean. Such a network knows no x_t to the last digit, so its K says nothing and is not measured.
. bench/paper/rows/mnist.inc
title=MNIST
unit=bits/image
paper_k='-' paper_gain='-'
parzen_paper='317 ± 2.7 (GAN 325, training set itself 349 ± 3.3)'

schedule='cosine steps=1000'
model='mlp width=1024 depth=4 predict=x0 variance=fixed_small'
train='objective=simple rate=1e-3 decay=cosine ema=0.999 batch=128 seed=1'
steps=12000
bound=
sampler='ancestral steps=250 seed=1'
parzen='--scale 0..1 --samples 10000'

quick_row() {
    quick_data
    test_keys='first=5000 count=100'
    schedule='cosine steps=50'
    model='mlp width=128 depth=2 predict=x0 variance=fixed_small'
    steps=300
    sampler='ancestral steps=10 seed=1'
    parzen='--scale 0..1 --samples 300'
}
