# CIFAR-10 (section 3.2.1). A pixel is three values. sh bench/paper/cifar10.sh fetches the data.
title='CIFAR-10, T=1000'
unit=bits/pixel
pixels=1024
paper_k='5.4 ± 0.2' paper_gain='11.5 ± 0.2'

schedule='cosine steps=1000'
model='mlp width=1024 depth=4 predict=v variance=range'
train='objective=hybrid rate=1e-3 decay=cosine ema=0.999 batch=128 seed=1'
steps=10000
bound='seed=1'

train_data=$CIFAR10/train.bin test_data=$CIFAR10/test_batch.bin
test_keys='count=500'

data() {
    need "$train_data"
    need "$test_data"
}

quick_row() {
    train_data=$CIFAR10/test_batch.bin
    train_keys='count=1000' test_keys='first=1000 count=20'
    schedule='cosine steps=50'
    model='mlp width=64 depth=2 predict=v variance=range'
    steps=200
}
