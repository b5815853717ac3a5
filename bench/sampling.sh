#!/bin/sh
# Times a step of sampling here and in PyTorch (Debian's python3-torch), turn by turn so that both meet the same
# neighbours, beside each one's forward pass alone, and prints a table.
#   sh bench/sampling.sh [rounds [seconds a row]]
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
seconds=${2:-1}
python=/usr/bin/python3

if ! $python -c 'import torch, numpy' 2>/dev/null; then
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y update >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends python3-torch python3-numpy >&2
fi
sh scripts/deps.sh >&2
cmake --preset release >/dev/null
cmake --build --preset release --target bench-sampling bench-normals >/dev/null

# OpenBLAS takes processors that it does not know for AVX2 ones. The same for both.
if [ -z "${OPENBLAS_CORETYPE:-}" ] && grep -qw avx512vl /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=SKYLAKEX
fi
export OMP_NUM_THREADS=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for round in $(seq "$rounds"); do
    echo "round $round of $rounds" >&2
    build/release/bench/bench-sampling --seconds "$seconds" >>"$work/runs"
    $python bench/peers/sampling_torch.py --seconds "$seconds" >>"$work/runs"
done
echo "Microseconds of processor time a step, one thread, the best of $rounds rounds, OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-unset}:"
sed -n 's/^model name[^:]*: /- CPU: /p' /proc/cpuinfo | sort -u
$python bench/peers/sampling_table.py <"$work/runs"
echo
build/release/bench/bench-normals --seconds "$seconds"
