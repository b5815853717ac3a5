# MNIST by a U-Net, on the schedule of the paper's kind of network; its Parzen window is the row mnist-unet-parzen.
. bench/paper/rows/mnist.sh
. bench/paper/rows/unet.inc
title='MNIST, U-Net, T=1000'
unet 32,64,64 7
steps=5000
test_keys='count=100'

quick_row() {
    quick_data
    test_keys='first=5000 count=20'
    quick_unet 8,8,8 7
}
