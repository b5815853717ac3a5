#!/bin/sh
# Draws the paper's figures 1 to 5 from the models that run.sh has trained, into build/paper/figures.
#   sh bench/paper/figures.sh
# A figure whose row has not been run is left out, with a word. Environment: as for run.sh.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
DIFFUSION=${DIFFUSION:-$root/build/release/tool/diffusion}
shared=$root/../shared/data
MNIST=${MNIST:-$shared/mnist} CIFAR10=${CIFAR10:-$root/build/cifar10}
work=${WORK:-$root/build/paper}
figures=$work/figures
mkdir -p "$figures"

# have ROW DATA: whether the row's model and the data to draw beside it are here.
have() {
    model=$work/$1/model.safetensors
    [ -r "$model" ] && [ -r "$2" ] && return
    echo "figures.sh: $1: $model or $2 is not here: left out" >&2
    return 1
}

# Figure 1: the roll forward, in reverse, and the drift.
for row in roll roll-mean; do
    data=$(ls "$work/$row"/held-out.* 2>/dev/null | head -1)
    keys=
    [ $row = roll ] && keys=scale=none
    have $row "$data" && "$DIFFUSION" sample "$model" "$data" --data "$keys" -n 1500 -q \
        --sampler 'ancestral last=forward seed=1' --trajectory "$figures/figure-1-$row.png"
done

# Figure 2: heartbeats, forward and in reverse.
data=$work/heartbeat/held-out.npy
have heartbeat "$data" && "$DIFFUSION" sample "$model" "$data" -n 20 -q --sampler 'ancestral last=forward seed=1' \
    --trajectory "$figures/figure-2-heartbeat.png"

# Figure 3: CIFAR-10, images denoised, and samples beside data.
data=$CIFAR10/test_batch.bin
if have cifar10 "$data"; then
    "$DIFFUSION" denoise "$model" "$data" -n 8 -q --noise 40 --seed 1 -o "$figures/figure-3-cifar10-denoised.png"
    "$DIFFUSION" sample "$model" "$data" -n 25 -q --sampler 'ancestral steps=250 seed=1' -o "$figures/figure-3-cifar10-samples.png"
fi
data=$(ls "$MNIST"/t10k-images-idx3-ubyte* | head -1)
have mnist-parzen "$data" && "$DIFFUSION" sample "$model" "$data" -n 64 -q --sampler 'ancestral steps=250 seed=1' \
    -o "$figures/figure-3-mnist-samples.png"
for row in mnist-unet mnist-unet-parzen; do
    have $row "$data" && "$DIFFUSION" sample "$model" "$data" -n 64 -q --sampler 'ancestral seed=1' \
        -o "$figures/figure-3-$row-samples.png"
done

# Figure 4: dead leaves.
for row in dead-leaves dead-leaves-unet; do
    data=$work/$row/held-out.npy
    have $row "$data" && "$DIFFUSION" sample "$model" "$data" -n 25 -q --sampler 'ancestral steps=250 seed=1' \
        -o "$figures/figure-4-$row.png"
done

# Figure 5: the middle of textures drawn anew, and samples beside data.
for row in bark brick grass gravel; do
    case $row in
    bark) data=$shared/textures/brodatz_D12.pgm ;;
    *) data=$root/data/textures/$row.png ;;
    esac
    keys='crop=32,32 crops=20100 hold_out=100 seed=1' # as in texture.inc
    if have $row "$data"; then
        "$DIFFUSION" inpaint "$model" "$data" --data "$keys" -n 8 -q --seed 1 -o "$figures/figure-5-$row-inpainted.png"
        "$DIFFUSION" sample "$model" "$data" --data "$keys" -n 25 -q --sampler 'ancestral steps=250 seed=1' \
            -o "$figures/figure-5-$row-samples.png"
    fi
done
ls "$figures"
