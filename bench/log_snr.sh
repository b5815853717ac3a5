#!/bin/sh
# A log SNR that falls evenly against one that is learned (learn_schedule=log_snr), at equal training on the 8x8 digits: K on
# held-out data, and how much the bound's estimate from one t varies.
#   sh bench/log_snr.sh [STEPS]
# prints the table of RESULTS.md. Environment: DIFFUSION, the command, and LIBRARY, libdiffusion.so (default: build/release,
# built first); WORK, where models go (default build/log_snr). Python's standard library does.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if [ -z "${DIFFUSION:-}" ]; then
    cmake --preset release >/dev/null
    cmake --build --preset release --target diffusion_tool >/dev/null
    DIFFUSION=$root/build/release/tool/diffusion LIBRARY=$root/build/release/libdiffusion.so
fi
work=${WORK:-$root/build/log_snr} steps=${1:-4000} data=data/digits.csv.gz held=297
mkdir -p "$work"

# one NAME ENDS KEYS: trains and measures; a line of the table.
one() {
    "$DIFFUSION" train "$data" -o "$work/$1.safetensors" --data "labels=last shape=8,8,1 hold_out=$held scale=grid" \
        --schedule "log_snr steps=200 $2" --model "mlp width=256 depth=4 predict=v variance=learned_range time=log_snr" \
        --train "objective=bound edge=discretized levels=17 rate=1e-3 warmup=100 decay=cosine clip=1 ema=0.998 \
batch=128 seed=1 $3" --steps "$steps" -q --force
    "$DIFFUSION" bound "$work/$1.safetensors" "$data" --data "hold_out=$held" --bound "draws=4 seed=1" --exact --json -q \
        >"$work/$1.json"
    python3 - "$work/$1.json" <<'PYTHON' | tr -d '\n'
import json, sys
bound = json.load(open(sys.argv[1]))
dim = -bound['k_bits'] / bound['bits_per_dimension']
print(f"{bound['bits_per_dimension']:.3f} ± {bound['standard_error_bits'] / dim:.3f} | {-bound['edge_bits'] / dim:.3f} | ")
PYTHON
    echo "$(python3 bench/estimate_variance.py "$LIBRARY" "$work/$1.safetensors" "$data" "$held") | $1"
}

echo "bits per value: K | edge | KLs of steps 2..T | deviation of one drawn term | of that by the choice of t | log SNR | schedule"
one even "maximum=13 minimum=-5" ""
one learned "maximum=13 minimum=-5" "learn_schedule=log_snr"
one even-at-learned-ends "maximum=11.56 minimum=-6.21" ""
one even-near "maximum=6 minimum=-1" ""
one learned-near "maximum=6 minimum=-1" "learn_schedule=log_snr"
one even-at-learned-ends-near "maximum=4.91 minimum=-2.29" ""
