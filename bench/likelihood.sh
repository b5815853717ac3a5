#!/bin/sh
# Held-out code lengths of whole numbers, by the bound K of a model trained on the bins themselves (--data scale=grid): trains
# a row, then measures what it has not seen, and prints both commands' words.
#   sh bench/likelihood.sh ROW FOLDER
# mnist          FOLDER: train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz
# binary-mnist   FOLDER: binarized_mnist_{train,test}-images-idx3-ubyte.gz (static binarisation; K in nats is K_bits x 0.6931)
# cifar10        FOLDER: data_batch_1.bin .. data_batch_5.bin, test_batch.bin
# digits         FOLDER: digits.csv.gz (data/)
# Everything goes to the folder WORK (default build/likelihood): a training that was stopped goes on from its checkpoint.
# Environment: DIFFUSION, the program (default: build/release, built first); OPTIONS, more of them for training, such as
# --threads 1; COUNT, of test samples (default all).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -eq 2 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; }
row=$1 folder=$2
work=${WORK:-$root/build/likelihood}
mkdir -p "$work"
if [ -z "${DIFFUSION:-}" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target diffusion_tool >/dev/null)
    DIFFUSION=$root/build/release/tool/diffusion
fi

# The first noise is 0.4 of a bin (log_snr 11.5 of bytes), the last 100 times the data.
bytes="log_snr steps=1000 maximum=11.5 minimum=-9.2" fourier=6.9943534,7.9943534
common="objective=bound times=importance time_draws=low_discrepancy optimizer=muon rate=8e-3 warmup=200 decay=cosine"
common="$common batch=32 clip=1 ema=0.999 seed=1"
data="scale=grid labels=none"
case $row in
    mnist)
        train=$folder/train-images-idx3-ubyte.gz test=$folder/t10k-images-idx3-ubyte.gz schedule=$bytes steps=5500
        model="unet channels=48,64 blocks=2 predict=epsilon variance=learned_range time=log_snr fourier=$fourier" ;;
    binary-mnist)
        train=$folder/binarized_mnist_train-images-idx3-ubyte.gz test=$folder/binarized_mnist_test-images-idx3-ubyte.gz
        schedule="log_snr steps=1000 maximum=4 minimum=-9.2" steps=1500
        model="unet channels=32,64 blocks=2 predict=v variance=learned_range time=log_snr" ;;
    cifar10)
        train=$work/cifar10-train.bin test=$folder/test_batch.bin schedule=$bytes steps=4000
        model="unet channels=64,64 blocks=2 predict=epsilon variance=learned_range time=log_snr fourier=$fourier"
        [ -s "$train" ] || cat "$folder"/data_batch_[1-5].bin >"$train" ;;
    digits)
        train=$folder/digits.csv.gz test=$train schedule="log_snr steps=1000 maximum=5.9 minimum=-9.2" steps=1500
        data="scale=grid labels=last shape=8,8,1 hold_out=297"
        model="unet channels=32,64 blocks=2 classes=10 predict=epsilon variance=learned_range time=log_snr fourier=3,4" ;;
    *) echo "likelihood.sh: no row '$row'" >&2; exit 2 ;;
esac

name=$work/$row
if [ ! -s "$name.safetensors" ]; then
    set -- "$train" -o "$name.safetensors" --steps $steps --log "$name.jsonl" --plot "$name-loss.png"
    if [ -s "$name.checkpoint.safetensors" ]; then
        set -- "$@" --data "$data" --resume "$name.checkpoint.safetensors"
    else
        set -- "$@" --data "$data" --schedule "$schedule" --model "$model" --train "$common"
    fi
    # shellcheck disable=SC2086
    "$DIFFUSION" train "$@" ${OPTIONS:-}
fi
held_out=$data
[ -z "${COUNT:-}" ] || held_out="$data count=$COUNT"
"$DIFFUSION" bound "$name.safetensors" "$test" --data "$held_out" --bound "seed=1" --plot "$name-terms.png"
