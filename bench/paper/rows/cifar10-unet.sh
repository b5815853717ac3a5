# CIFAR-10 by a U-Net, on the same schedule as the paper's kind of network.
. bench/paper/rows/cifar10.sh
. bench/paper/rows/unet.inc
title='CIFAR-10, U-Net, T=1000'
unet 32,64,64 8
steps=2500

quick_row() {
    train_data=$CIFAR10/test_batch.bin
    train_keys='count=1000' test_keys='first=1000 count=10'
    quick_unet 8,8 16
}
