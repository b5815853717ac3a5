#!/bin/sh
# DDPM, EDM and flow matching at equal training: the same network, steps, batches and seed on the swiss roll and on the 8x8
# digits; K on held-out data, how far samples are from it, and a picture of them side by side.
#   sh bench/processes.sh [STEPS]
# prints the tables of RESULTS.md and writes build/processes/{roll,digits}.png. Environment: DIFFUSION, the command (default:
# build/release, built first); WORK, where data and models go (default build/processes). Python's standard library does.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if [ -z "${DIFFUSION:-}" ]; then
    cmake --preset release >/dev/null
    cmake --build --preset release --target diffusion_tool >/dev/null
    DIFFUSION=$root/build/release/tool/diffusion
fi
work=${WORK:-$root/build/processes} steps=${1:-4000}
mkdir -p "$work"
[ -e "$work/roll.csv" ] || "$DIFFUSION" data swiss-roll -n 11000 -o "$work/roll.csv"

# one NAME SCHEDULE READING: trains, measures, samples; a line of the table.
one() {
    began=$(date +%s)
    "$DIFFUSION" train "$data" -o "$work/$set-$1.safetensors" --data "$keys" --schedule "$2" \
        --model "$network variance=learned_range $3" --train "$train seed=1" --steps "$steps" -q
    "$DIFFUSION" bound "$work/$set-$1.safetensors" "$data" --data "hold_out=$held" --bound "seed=1 edge=model" --exact --json -q \
        >"$work/$set-$1.json"
    trained=$(date +%s)
    for sampler in "ancestral seed=1" "dpmsolver++ steps=20 spacing=leading seed=1"; do
        "$DIFFUSION" compare "$work/$set-$1.safetensors" "$data" --data "$keys" --samples "$held" \
            --sampler "$sampler" --json -q >"$work/$set-$1-${sampler%% *}.json"
    done
    "$DIFFUSION" sample "$work/$set-$1.safetensors" -o "$work/$set-$1.png" -q $show --sampler "dpmsolver++ steps=20 spacing=leading seed=1"
    python3 - "$work/$set-$1" "$1" "$2 | $3" "$((trained - began))" <<'PYTHON'
import json, sys
path, name, specs, seconds = sys.argv[1:]
bound = json.load(open(path + '.json'))
far = [json.load(open(f'{path}-{kind}.json')) for kind in ('ancestral', 'dpmsolver++')]
distances = ' | '.join(f"{d['sliced_wasserstein']['value']:.3f} ({d['two_sample_accuracy']['value']:.2f})" for d in far)
print(f"| {name} | {bound['k_bits']:.2f} ± {bound['standard_error_bits']:.2f} | {distances} | {seconds} s | "
      f"`{specs.replace('|', chr(92) + '|')}` |", flush=True)
PYTHON
}

# all_of SET: every process, and their pictures.
all_of() {
    echo "| $1 | K, bits | distance (told apart): ancestral, 1000 steps | dpmsolver++, 20 steps | training and K | schedule \\| reading |"
    echo "|---|---|---|---|---|---|"
    one ddpm "cosine steps=1000" "predict=v"
    one ddpm-linear "linear steps=1000" "predict=epsilon"
    one edm "edm steps=1000" "predict=edm time=edm"
    one flow "flow steps=1000" "predict=flow"
    one flow-v "flow steps=1000" "predict=v"
    grep -h sliced "$work/$1-ddpm-ancestral.json"
    python3 bench/side_by_side.py "$work/$1.png" "$work/$1-ddpm.png" "$work/$1-edm.png" "$work/$1-flow-v.png"
    echo
}

set=roll data=$work/roll.csv keys=hold_out=1000 held=1000 show="-n 2000" network="mlp width=128 depth=3"
train="objective=hybrid rate=2e-3 decay=cosine batch=256"
all_of roll
set=digits data=data/digits.csv.gz keys="labels=last shape=8,8,1 hold_out=297" held=297 show="--n-per-class 4"
network="mlp width=256 depth=4" train="objective=hybrid rate=1e-3 batch=128"
all_of digits
