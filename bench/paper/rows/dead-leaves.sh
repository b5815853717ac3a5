# Dead leaves (section 3.2.2): our draws of the model of Lee, Mumford and Huang 2001; the paper's pictures are others.
. bench/paper/rows/multiscale.inc
title='Dead leaves, T=1000'
unit=bits/pixel
side=32 samples=20000 held_out=100
pixels=$((side * side))
paper_k=1.489 paper_gain='3.536 (their images)'

schedule='log_snr steps=1000 maximum=12.429216 minimum=-3.4011974'
network 1000
model=$(echo "$model" | sed s/scales=3/scales=5/) # the coarsest convolution sees all of a picture
steps=6000

train_data=leaves.npy test_data=held-out.npy

data() {
    make_data dead-leaves -n $samples --size $side --seed 1 -o leaves.npy
    make_data dead-leaves -n $held_out --size $side --seed 2 -o held-out.npy
}

quick_row() {
    side=16 samples=2000 steps=200
    pixels=$((side * side))
    quick_network
}
