#!/bin/sh
# Lets everything fail that can: every allocation of a walk over all public functions, once and from then on; every call
# that touches a file, in every way, in all that reads and writes files, a kill at each of them too; trainings killed at
# random moments, and two writers of one name. Prints the figures; ends with 1 if anything is not as it should be.
#   sh scripts/faults.sh [KILLS]    default: 200
set -eu
cd "$(dirname "$0")/.."

kills=${1:-200}
sh scripts/deps.sh
mkdir -p build
cmake --preset release >build/faults.log 2>&1 && cmake --build --preset release >>build/faults.log 2>&1 ||
    { cat build/faults.log; exit 1; }
rm -f build/faults.log

failed=
echo "== memory: every allocation of every scenario refused, alone and with all after it"
total=0
tests=build/release/tests
for test in $tests/fault/fault-*; do
    [ -x "$test" ] || continue
    said=$(cd $tests/fault && ./"${test##*/}" 2>&1) || { echo "$said"; failed="$failed memory"; }
    allocations=$(echo "$said" | awk '/^[0-9]+ allocations/ { sum += $1 } END { print sum + 0 }')
    echo "${test##*/}: $allocations allocations"
    total=$((total + allocations))
done
ctest --test-dir build/release -R '^fault-covers$' -V | grep 'public functions' | sed 's/^.*-- //'
echo "$total allocations, each refused twice"

echo "== files: every call, every fault"
$tests/file/file-walk || failed="$failed files"

echo "== kills"
sh tests/file/kill.sh "$PWD/build/release/tool/diffusion" "$kills" 20 || failed="$failed kills"

[ -z "$failed" ] || { echo "faults.sh: FAILED:$failed"; exit 1; }
echo "faults.sh: all as it should be"
