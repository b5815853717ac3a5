# MNIST by the Parzen window, by a U-Net. The window rewards the middle of many digits, not a sharp one: the chain's first
# step is coarse, a noise-to-signal ratio of 8 (its last is 2000), and samples end in the mean of x_0 behind it.
. bench/paper/rows/mnist-parzen.sh
title='MNIST, U-Net, T=50'

schedule='log_snr steps=50 maximum=-2.0794415 minimum=-7.6009025'
model='unet channels=32,64,64 blocks=1 attention=7 predict=x0 variance=fixed_small'
train='objective=simple optimizer=adam rate=1e-3 warmup=300 decay=cosine clip=1 ema=0.999 batch=64 seed=1'
steps=9000
sampler='ancestral seed=1'

quick_row() {
    quick_data
    test_keys='first=5000 count=20'
    schedule='log_snr steps=10 maximum=-2.0794415 minimum=-7.6009025'
    model='unet channels=8,8,8 blocks=1 attention=7 groups=4 predict=x0 variance=fixed_small'
    train='objective=simple optimizer=adam rate=2e-3 decay=cosine ema=0.99 batch=16 seed=1'
    steps=200
    parzen='--scale 0..1 --samples 100'
}
