# MNIST by the U-Net: K, bits per dimension and the Parzen window from one model. Parzen's samples come by DDIM, whose last
# step ends in the network's mean.
. bench/paper/rows/mnist.inc
title='MNIST, U-Net, T=1000'
unit=bits/image
paper_k='-' paper_gain='-'
parzen_paper='317 ± 2.7 (GAN 325, training set itself 349 ± 3.3)'

schedule='cosine steps=1000'
model='unet channels=32,64,64 blocks=1 attention=7 predict=v variance=range'
train='objective=hybrid rate=1e-3 warmup=300 decay=cosine clip=1 ema=0.999 batch=32 seed=1'
steps=8000
bound='seed=1'
test_keys='count=100'
sampler='ddim steps=25 seed=1'
parzen='--scale 0..1 --samples 10000'

quick_row() {
    quick_data
    test_keys='first=5000 count=20'
    schedule='cosine steps=30'
    model='unet channels=8,8,8 blocks=1 attention=7 groups=4 predict=v variance=range'
    train='objective=hybrid rate=2e-3 decay=cosine ema=0.99 batch=16 seed=1'
    steps=200
    sampler='ddim steps=10 seed=1'
    parzen='--scale 0..1 --samples 100'
}
