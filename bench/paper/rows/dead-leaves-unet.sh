# The same dead leaves by a U-Net, which sees where a disc is flat.
. bench/paper/rows/dead-leaves.sh
. bench/paper/rows/unet.inc
title='Dead leaves, U-Net, T=1000'
unet 32,64,64 8
steps=3000

quick_row() {
    side=16 samples=2000
    pixels=$((side * side))
    quick_unet 8,8 8
}
