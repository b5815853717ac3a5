#!/bin/sh
# Times U-Nets here, in ONNX Runtime (npm's onnxruntime-node) and in PyTorch (Debian's python3-torch), turn by turn so that
# all meet the same neighbours, and prints a table. Checks first that all compute the same function from the same weights.
#   sh bench/unet.sh [rounds [seconds a work [works]]]      works: a pattern such as 'mnist*' or '*training*'
# Figures are worth publishing from a machine that does nothing else (load below 0.5 before the start) and keeps its clock:
# the threads of one work wait for one another, so a neighbour on one core costs more than its share.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-5}
seconds=${2:-3}
works=${3:-*}
python=/usr/bin/python3
modules=$PWD/build/onnxruntime

missing=
$python -c 'import torch, numpy' 2>/dev/null || missing="$missing python3-torch python3-numpy"
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
if [ -n "$missing" ]; then
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y update >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing >&2
fi
# The package brings its CPU library; its install script would fetch a GPU's.
[ -d "$modules/node_modules/onnxruntime-node" ] ||
    npm install --prefix "$modules" --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30 >&2
export NODE_PATH="$modules/node_modules"
sh scripts/deps.sh >&2
cmake --preset release >/dev/null
cmake --build --preset release --target bench-unet >/dev/null

# OpenBLAS takes processors that it does not know for AVX2 ones. The same for all three.
if [ -z "${OPENBLAS_CORETYPE:-}" ] && grep -qw avx512vl /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=SKYLAKEX
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ours() { build/release/bench/bench-unet "$@"; }
torch() { $python bench/peers/unet_torch.py "$@"; }
onnx() { node bench/peers/unet_onnx.js "$@"; }

ours --write "$work"
torch --folder "$work" --export
echo "Outputs against ours, the same weights in all:"
torch --folder "$work" --check
onnx --folder "$work" --check

cut -d' ' -f1 /proc/loadavg | sed 's/^/load average before the start: /' >&2
for round in $(seq "$rounds"); do
    for row in 'cifar forward 8' 'cifar forward 1' 'mnist forward 64' 'mnist forward 1' \
               'cifar training 8' 'mnist training 64'; do
        case $row in $works) ;; *) continue ;; esac
        echo "round $round of $rounds: $row" >&2
        set -- $row
        for threads in 2 1; do
            for system in ours onnx torch; do
                [ "$system $2" = 'onnx training' ] ||
                    OMP_NUM_THREADS=$threads $system --folder "$work" --net "$1" --work "$2" --batch "$3" \
                        --threads $threads --seconds "$seconds" >>"$work/runs"
            done
        done
    done
done
echo
sed -n 's/^model name[^:]*: /- CPU: /p' /proc/cpuinfo | sort -u
echo "- the best of $rounds rounds, OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-unset}"
$python bench/peers/unet_table.py <"$work/runs"
