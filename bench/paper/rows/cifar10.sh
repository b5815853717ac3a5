# CIFAR-10 (section 3.2.1). A pixel is three values. sh bench/paper/cifar10.sh fetches the data.
. bench/paper/rows/multiscale.inc
title='CIFAR-10, T=1000'
unit=bits/pixel
pixels=1024
paper_k='5.4 ± 0.2' paper_gain='11.5 ± 0.2'

schedule='log_snr steps=1000 maximum=11.10746 minimum=-3.4011974'
network 1000
steps=8000

train_data=$CIFAR10/train.bin test_data=$CIFAR10/test_batch.bin
test_keys='count=200'

data() {
    need "$train_data"
    need "$test_data"
}

quick_row() {
    train_data=$CIFAR10/test_batch.bin
    train_keys='count=1000' test_keys='first=1000 count=20'
    quick_network
    steps=600
}
