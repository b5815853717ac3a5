#!/bin/sh
# How well scores tell anomalies (diffusion score): MNIST and Fashion-MNIST by a model of either, and tables. Prints the
# areas under the ROC curves for bench/RESULTS.md.
#   sh bench/score.sh MNIST-MODEL MNIST-TEST-IMAGES MAGIC.csv
# as in
#   sh bench/score.sh mnist.safetensors t10k-images-idx3-ubyte.gz magic.csv.gz
# MAGIC.csv is OpenML's MagicTelescope: ten columns, and a class g (gamma rays) or h (hadrons). What has been trained and
# measured stays in the folder WORK (default build/score) and is not made again.
# Environment: DIFFUSION, the program (default: build/release, built first); ROWS of each set of images (default 2000);
# FASHION_MODEL (default: one is trained, FASHION_STEPS steps, default 750).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -eq 3 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
mnist_model=$1 mnist=$2 magic=$3
rows=${ROWS:-2000}
fashion=/usr/share/datasets/fashion-mnist
work=${WORK:-$root/build/score}
mkdir -p "$work"

if [ -z "${DIFFUSION:-}" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target diffusion_tool >/dev/null)
    DIFFUSION=$root/build/release/tool/diffusion
fi
missing=
[ -d "$fashion" ] || missing="$missing dataset-fashion-mnist"
/usr/bin/python3 -c 'import numpy' 2>/dev/null || missing="$missing python3-numpy"
if [ -n "$missing" ]; then
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y update >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing >&2
fi

# score NAME MODEL DATA OPTION...
score() {
    name=$1 model=$2 data=$3
    shift 3
    [ -s "$work/$name.json" ] && return
    "$DIFFUSION" score "$model" "$data" -o "$work/$name-scores.csv" --plot "$work/$name.png" --json "$@" >"$work/$name.part"
    mv "$work/$name.part" "$work/$name.json"
}

# train MODEL DATA OPTION...
train() {
    model=$1 data=$2
    shift 2
    [ -s "$model" ] || "$DIFFUSION" train "$data" -o "$model" "$@" >&2
}

/usr/bin/python3 "$root/bench/score_tables.py" plant "$magic" "$work"
train "$work/magic.safetensors" "$work/gamma.csv" --steps 4000
score planted "$work/magic.safetensors" "$work/planted.csv" --data labels=last --anomalies 1
score hadrons "$work/magic.safetensors" "$work/hadrons.csv" --data labels=last --anomalies 1
score mnist "$mnist_model" "$mnist" --data "count=$rows" \
    --against "$fashion/t10k-images-idx3-ubyte.gz" --against-data "count=$rows"
fashion_model=${FASHION_MODEL:-$work/fashion.safetensors}
train "$fashion_model" "$fashion/train-images-idx3-ubyte.gz" --data labels=none \
    --train optimizer=adam --steps "${FASHION_STEPS:-750}"
score fashion "$fashion_model" "$fashion/t10k-images-idx3-ubyte.gz" --data "labels=none count=$rows" \
    --against "$mnist" --against-data "labels=none count=$rows"
/usr/bin/python3 "$root/bench/score_tables.py" print "$work" "$mnist" "$fashion/t10k-images-idx3-ubyte.gz"
