#!/bin/sh
# Quality of samples against evaluations of the network, for the solvers of the field: draws from a model by each, and
# compares with data (diffusion compare). Prints tables for bench/RESULTS.md.
#   sh bench/quality.sh NAME MODEL SAMPLES DATA [COMPARE-OPTION...]
# as in
#   sh bench/quality.sh mnist ddpm-pipeline 100 t10k-images-idx3-ubyte.gz --data "labels=none shuffle=yes count=4000"
# What has been drawn and measured stays in the folder WORK/NAME (default build/quality) and is not made again.
# Environment: DIFFUSION, the program (default: build/release, built first); EVALUATIONS (default "5 6 8 10 20 50").
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 4 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2; }
name=$1 model=$2 samples=$3
shift 3
if [ -z "${DIFFUSION:-}" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target diffusion_tool >/dev/null)
    DIFFUSION=$root/build/release/tool/diffusion
fi
work=${WORK:-$root/build/quality}/$name
mkdir -p "$work"

# Solvers with the spacing that suits each; ancestral as a reference of the chain itself.
solvers='ancestral spacing=trailing
ddim spacing=trailing
dpmsolver++ order=2 spacing=linspace
dpmsolver++ order=2 spacing=karras sigma_max=80
dpmsolver++ order=3 spacing=linspace
unipc order=3 spacing=linspace
deis order=3 spacing=linspace
ipndm spacing=trailing
lms spacing=trailing
heun spacing=karras sigma_max=80
heun path=flow spacing=trailing
kdpm2 spacing=exponential sigma_max=80
sde-dpmsolver++ order=2 spacing=trailing'

# Steps that make at most so many evaluations: two to a step, but one in the last, or one.
steps_of() {
    case $1 in
    heun* | kdpm2*) echo $((($2 + 1) / 2)) ;;
    *) echo "$2" ;;
    esac
}

for evaluations in ${EVALUATIONS:-5 6 8 10 20 50}; do
    echo "$solvers" | while read -r solver; do
        stem="$work/$(echo "$solver" | tr ' ' ,)-$evaluations"
        sampler="$solver steps=$(steps_of "$solver" "$evaluations") seed=1"
        if [ ! -s "$stem.npy" ]; then
            "$DIFFUSION" sample "$model" -n "$samples" --sampler "$sampler" -o "$stem.npy" -q
        fi
        if [ ! -s "$stem.json" ]; then
            "$DIFFUSION" compare "$stem.npy" "$@" --samples "$samples" --json -q >"$stem.part"
            mv "$stem.part" "$stem.json"
        fi
    done
done
python3 "$root/bench/quality_table.py" "$work" "$name"
