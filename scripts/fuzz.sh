#!/bin/sh
# Searches for inputs that break a promise: builds every fuzz target of tests/fuzz with clang, libFuzzer and the address
# and undefined-behaviour sanitizers, and runs each so many seconds, with at most 1 GB of memory, 256 MB at once and 10
# seconds for an input. What is found of new coverage is kept in build/fuzz/found/TARGET, for the next time; what breaks
# something in build/fuzz/broken/TARGET: mend it, and put the input into tests/fuzz/corpus/TARGET.
#   sh scripts/fuzz.sh [SECONDS] [TARGET...]    default: 60, and all of them
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=${*:-safetensors model checkpoint snapshot diffusers specs npy npz idx csv cifar picture code command}

command -v clang >/dev/null || { echo "fuzz.sh: needs clang (on Debian: apt-get install clang)" >&2; exit 1; }
sh scripts/deps.sh
build=build/fuzz
mkdir -p $build
CC=clang cmake -S . -B $build -G Ninja -D DIFFUSION_LIBFUZZER=ON -D CMAKE_BUILD_TYPE=RelWithDebInfo \
    -D DIFFUSION_EXAMPLES=OFF -D DIFFUSION_BENCH=OFF \
    -D CMAKE_C_FLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
    >$build/build.log 2>&1 && cmake --build $build --target fuzz >>$build/build.log 2>&1 ||
    { cat $build/build.log; exit 1; }

export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=1024 OPENBLAS_NUM_THREADS=1
failed=
for target in $targets; do
    mkdir -p $build/found/"$target" $build/broken/"$target"
    log=$build/$target.log
    $build/tests/fuzz/fuzz-"$target" -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=1024 \
        -malloc_limit_mb=256 -print_final_stats=1 -artifact_prefix=$build/broken/"$target"/ \
        $build/found/"$target" tests/fuzz/corpus/"$target" >$log 2>&1 || failed="$failed $target"
    awk -v target="$target" '
        /cov: [0-9]/ { for (i = 1; i < NF; i++) if ($i == "cov:") covered = $(i + 1) }
        /number_of_executed_units/ { executed = $2 }
        /^Done [0-9]+ runs in/ { spent = $5 }
        /^SUMMARY|not so:/ { broken = $0 }
        END { printf "%-12s %10d executions, %6d edges, %6s seconds  %s\n", target, executed, covered, spent, broken }' $log
done
[ -z "$failed" ] || { echo "fuzz.sh: BROKEN:$failed; see $build/broken and the logs in $build"; exit 1; }
echo "fuzz.sh: nothing broke"
