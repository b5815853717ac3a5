#!/bin/sh
# Times the training step of small networks here and in PyTorch (Debian's python3-torch), turn by turn so that both meet the
# same neighbours, and prints a table. Checks first that both compute the same function.
#   sh bench/mlp.sh [rounds [seconds a row]]
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-5}
seconds=${2:-1}
python=/usr/bin/python3

if ! $python -c 'import torch' 2>/dev/null; then
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y update >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends python3-torch >&2
fi
sh scripts/deps.sh >&2
cmake --preset release >/dev/null
cmake --build --preset release --target bench-mlp >/dev/null
bench=build/release/bench/bench-mlp

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$bench --check "$work"
echo "Forward outputs, the same weights in both:"
$python bench/peers/mlp_torch.py --check "$work"

for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    for threads in 1 2; do
        OMP_NUM_THREADS=$threads $bench --threads $threads --seconds "$seconds" >>"$work/runs"
        OMP_NUM_THREADS=$threads $python bench/peers/mlp_torch.py --threads $threads --seconds "$seconds" >>"$work/runs"
    done
done
echo
echo "Microseconds a training step, the best of $rounds rounds, OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-unset}:"
sed -n 's/^model name[^:]*: /- CPU: /p' /proc/cpuinfo | sort -u
$python bench/peers/mlp_table.py <"$work/runs"
