# CIFAR-10 by the U-Net, on the same schedule as the paper's kind of network.
. bench/paper/rows/cifar10.sh
title='CIFAR-10, U-Net, T=1000'
model='unet channels=32,64,64 blocks=1 attention=8 predict=epsilon variance=range'
train='objective=bound rate=1e-3 warmup=200 decay=cosine clip=1 ema=0.998 batch=32 seed=1'
steps=2500

quick_row() {
    train_data=$CIFAR10/test_batch.bin
    train_keys='count=1000' test_keys='first=1000 count=10'
    spread 1e-3 100 30
    model='unet channels=8,8 blocks=1 attention=16 groups=4 predict=epsilon variance=range'
    train='objective=bound rate=2e-3 warmup=20 decay=cosine clip=1 ema=0.98 batch=16 seed=1'
    steps=150
}
